import { ask } from './graphql.js';
import { attempt, hide, open, show, write } from './page.js';
import { accountOf, listWallets, onChain } from './wallets.js';

const account = new URLSearchParams(location.search).get('account') ?? '';
const patienceMs = 120_000;

const grantQuery =
  'query($account: Address!) { rewardGrant(account: $account) { cumulativeAmount claimed claimable } }';
const prepareQuery = `query($account: Address!, $from: Address!) {
  prepareClaim(account: $account, from: $from) { to data value chainId summary warning }
}`;

const minedBy = async (provider, hash) => {
  for (const until = Date.now() + patienceMs; Date.now() < until; ) {
    const receipt = await provider.request({ method: 'eth_getTransactionReceipt', params: [hash] });
    if (receipt) return BigInt(receipt.status) === 1n;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`The transaction ${hash} was sent and is not mined yet. Look at it in your wallet.`);
};

await attempt(async () => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(account)) {
    write('state', '');
    throw new Error('The address of this page names no account. Ask the bot for a new link with /claim.');
  }
  const { rewardGrant } = await ask(grantQuery, { account });
  const [earned, claimed, claimable] = [rewardGrant.cumulativeAmount, rewardGrant.claimed, rewardGrant.claimable].map(
    BigInt,
  );
  write('account', account);
  write('earned', open(earned));
  write('claimed', open(claimed));
  write('claimable', open(claimable));
  show('grant');
  write('state', '');
  if (claimable === 0n) {
    write('state', 'Everything was claimed already. New rewards come with the next epoch.');
    return;
  }
  show('choose');
  listWallets(async (provider) => {
    const from = await accountOf(provider);
    const { prepareClaim: call } = await ask(prepareQuery, { account, from });
    if (call.warning) throw new Error(call.warning);
    write('summary', call.summary);
    await onChain(provider, BigInt(call.chainId));
    const value = `0x${BigInt(call.value).toString(16)}`;
    const transaction = { from, to: call.to, data: call.data, value };
    const hash = await provider.request({ method: 'eth_sendTransaction', params: [transaction] });
    write('state', 'Sent; waiting for the chain…');
    if (!(await minedBy(provider, hash))) throw new Error(`The chain refused the transaction ${hash}.`);
    hide('choose');
    write('state', '');
    write('done', `Paid: ${open(claimable)} to ${account}. Transaction ${hash}.`);
    show('done');
  });
});
