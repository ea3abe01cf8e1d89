import { ask, chainTime, isoOf } from './graphql.js';
import { attempt, fill, goOnAt, hide, open, show, Told, the, write } from './page.js';
import { texts } from './texts.js';
import { prepared, sendPrepared } from './transactions.js';
import { accountOf, listWallets, offerCopy, signData, signText } from './wallets.js';

const words = texts.pay;
const asked = new URLSearchParams(location.search);
const worker = asked.get('worker') ?? '';
const linked = asked.get('account') ?? '';
const least = /^\d{1,30}$/.test(asked.get('least') ?? '') ? BigInt(asked.get('least')) : 0n;
const oneOpen = 10n ** 18n;
const days = 7;

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

/** What a promise of an amount looks like, and how things stand with this worker. */
const intentOf = async (session, amount) => {
  const expiry = isoOf((await chainTime()) + days * 86_400_000);
  const { voucherIntent } = await ask(
    `query($worker: Address!, $amount: BigInt!, $expiry: DateTime!) {
      voucherIntent(worker: $worker, cumulativeAmount: $amount, expiry: $expiry) {
        expiry settled standing typedData { domain types primaryType message }
      }
    }`,
    { worker, amount: amount.toString(), expiry },
    session,
  );
  return voucherIntent;
};

/** What is deposited and stays so, wei. */
const depositOf = async (account) => {
  const { escrowAccount } = await ask(
    'query($account: Address!) { escrowAccount(account: $account) { balance pendingWithdrawal } }',
    { account },
  );
  return escrowAccount === null ? 0n : BigInt(escrowAccount.balance) - BigInt(escrowAccount.pendingWithdrawal);
};

const prepareDeposit = async (from, amount) => {
  const fields = `${prepared} approval { ${prepared} }`;
  const { prepareDeposit: call } = await ask(
    `query($amount: BigInt!, $from: Address!) { prepareDeposit(amount: $amount, from: $from) { ${fields} } }`,
    { amount: amount.toString(), from },
  );
  return call;
};

/** OPEN of an account, as its wallet's own node says: `balanceOf(address)`. */
const openOf = async (provider, token, account) => {
  const call = { to: token, data: `0x70a08231${account.slice(2).toLowerCase().padStart(64, '0')}` };
  return BigInt(await provider.request({ method: 'eth_call', params: [call, 'latest'] }));
};

const deposit = async (provider, account, amount) => {
  const target = (await depositOf(account)) + amount;
  let call = await prepareDeposit(account, amount);
  if (call.approval) {
    const has = await openOf(provider, call.approval.to, account);
    if (has < amount) throw new Told(words.tooPoor(account, open(amount), open(has)));
    await sendPrepared(provider, account, call.approval, async () => {
      call = await prepareDeposit(account, amount);
      return call.approval === null;
    });
  }
  if (call.warning) throw new Told(call.warning);
  await sendPrepared(provider, account, call, async () => (await depositOf(account)) >= target);
};

/** Choices as radio buttons. @param {(amount: bigint) => void} chosen told of each, the middle one first */
const offerAmounts = (smallest, chosen) => {
  const choices = [smallest, smallest + oneOpen, smallest + 5n * oneOpen];
  for (const [index, amount] of choices.entries()) {
    const label = document.createElement('label');
    const radio = document.createElement('input');
    Object.assign(radio, { type: 'radio', name: 'amount', checked: index === 1 });
    radio.addEventListener('change', () => chosen(amount));
    label.append(radio, index === 0 ? words.enough(open(amount)) : open(amount));
    the('amounts').append(label);
  }
  chosen(choices[1]);
};

const offerPromise = async (provider, account, session) => {
  const [{ settled, standing }, balance] = await Promise.all([intentOf(session, least), depositOf(account)]);
  write('account', account);
  write('deposit', open(balance));
  write('promised', open(BigInt(standing ?? 0)));
  write('taken', open(BigInt(settled)));
  const lacking = (amount, has) => {
    const missing = amount - BigInt(settled) - has;
    return missing > 0n ? missing : 0n;
  };
  const before = BigInt(standing ?? 0);
  let amount = least;
  offerAmounts(before > least ? before : least, (chosen) => {
    amount = chosen;
    const missing = lacking(amount, balance);
    write('lacks', missing === 0n ? words.lacksNothing : words.lacks(open(missing)));
    write('promise', missing === 0n ? words.promise : words.depositAndPromise);
  });
  hide('choose');
  goOnAt('offer');
  the('promise').onclick = () =>
    attempt(async () => {
      const missing = lacking(amount, await depositOf(account));
      if (missing > 0n) await deposit(provider, account, missing);
      write('deposit', open(await depositOf(account)));
      const { expiry, typedData } = await intentOf(session, amount);
      const signature = await signData(provider, typedData, account);
      await ask(
        'mutation($voucher: VoucherInput!) { promisePayment(voucher: $voucher) }',
        { voucher: { worker, cumulativeAmount: amount.toString(), expiry, signature } },
        session,
      );
      await ask('mutation { signOut }', {}, session).catch(() => {});
      hide('offer');
      write('done', words.done(open(amount), account));
      goOnAt('done');
    });
};

fill(words);
await attempt(async () => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(worker) || least === 0n) throw new Told(words.notWhole);
  write('worker', worker);
  write('least', open(least));
  show('asks');
  show('choose');
  offerCopy(location.href);
  listWallets(texts.with.open, async (provider) => {
    const account = await accountOf(provider);
    if (linked !== '' && linked.toLowerCase() !== account.toLowerCase()) {
      throw new Told(words.otherAccount(account, linked));
    }
    await offerPromise(provider, account, await signIn(provider, account));
  });
});
