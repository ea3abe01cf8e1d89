import { ask } from './graphql.js';
import { attempt, hide, open, show, the, write } from './page.js';
import { accountOf, listWallets, onChain, signText } from './wallets.js';

const asked = new URLSearchParams(location.search);
const worker = asked.get('worker') ?? '';
const least = /^\d{1,30}$/.test(asked.get('least') ?? '') ? BigInt(asked.get('least')) : 0n;
const oneOpen = 10n ** 18n;
const days = 7;
let amount = least;

const signIn = async (provider, account) => {
  const { signInMessage } = await ask('mutation($address: Address!) { signInMessage(address: $address) { message } }', {
    address: account,
  });
  const { message } = signInMessage;
  const signature = await signText(provider, message, account);
  const { signIn: session } = await ask(
    'mutation($message: String!, $signature: Hex!) { signIn(message: $message, signature: $signature) { token } }',
    { message, signature },
  );
  return session.token;
};

const offerAmounts = () => {
  const choices = [least, least + oneOpen, least + 5n * oneOpen];
  const buttons = choices.map((choice) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = choice === least ? `${open(choice)}: just enough` : open(choice);
    button.addEventListener('click', () => {
      amount = choice;
      for (const each of buttons) each.classList.toggle('main', each === button);
    });
    return button;
  });
  the('amounts').append(...buttons);
  buttons[1].click();
};

await attempt(async () => {
  write('state', '');
  if (!/^0x[0-9a-fA-F]{40}$/.test(worker) || least === 0n) {
    throw new Error('The address of this page says no worker and amount. Ask the bot again with /ask.');
  }
  write('worker', worker);
  write('least', open(least));
  show('asks');
  offerAmounts();
  show('choose');
  listWallets(async (provider) => {
    const account = await accountOf(provider);
    const session = await signIn(provider, account);
    const expiry = new Date(Date.now() + days * 86_400_000).toISOString().replace(/\.\d+Z$/, 'Z');
    const { voucherIntent } = await ask(
      `query($worker: Address!, $amount: BigInt!, $expiry: DateTime!) {
        voucherIntent(worker: $worker, cumulativeAmount: $amount, expiry: $expiry) {
          expiry typedData { domain types primaryType message }
        }
      }`,
      { worker, amount: amount.toString(), expiry },
      session,
    );
    const { typedData } = voucherIntent;
    await onChain(provider, BigInt(typedData.domain.chainId));
    const signature = await provider.request({
      method: 'eth_signTypedData_v4',
      params: [account, JSON.stringify(typedData)],
    });
    await ask(
      'mutation($voucher: VoucherInput!) { promisePayment(voucher: $voucher) }',
      { voucher: { worker, cumulativeAmount: amount.toString(), expiry: voucherIntent.expiry, signature } },
      session,
    );
    await ask('mutation { signOut }', {}, session).catch(() => {});
    hide('choose');
    write('done', `Promised: ${open(amount)} at most, by ${account}. Go back to the chat and ask again.`);
    show('done');
  });
});
