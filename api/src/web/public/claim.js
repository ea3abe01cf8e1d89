import { ask } from './graphql.js';
import { attempt, fill, goOnAt, hide, open, show, Told, write } from './page.js';
import { texts } from './texts.js';
import { prepared, sendPrepared } from './transactions.js';
import { accountOf, listWallets, offerCopy } from './wallets.js';

const words = texts.claim;
const account = new URLSearchParams(location.search).get('account') ?? '';

/** What the account has earned, claimed and can claim, wei. */
const grant = async () => {
  const { rewardGrant } = await ask(
    'query($account: Address!) { rewardGrant(account: $account) { cumulativeAmount claimed claimable } }',
    { account },
  ).catch((error) => {
    throw error.api === 'NOT_FOUND' ? new Told(words.noEpoch) : error;
  });
  const { cumulativeAmount, claimed, claimable } = rewardGrant;
  return { earned: BigInt(cumulativeAmount), claimed: BigInt(claimed), claimable: BigInt(claimable) };
};

const shown = (amounts) => {
  for (const [name, amount] of Object.entries(amounts)) write(name, open(amount));
  return amounts;
};

fill(words);
await attempt(async () => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(account)) throw new Told(words.notWhole);
  write('state', words.looking);
  const { claimable } = shown(await grant());
  write('account', account);
  show('grant');
  write('state', '');
  if (claimable === 0n) {
    write('state', words.nothing);
    return;
  }
  show('choose');
  offerCopy(location.href);
  listWallets(texts.with.claim, async (provider) => {
    const from = await accountOf(provider);
    const { prepareClaim: call } = await ask(
      `query($account: Address!, $from: Address!) { prepareClaim(account: $account, from: $from) { ${prepared} } }`,
      { account, from },
    );
    if (call.warning) throw new Told(call.warning);
    const hash = await sendPrepared(provider, from, call, async () => (await grant()).claimable === 0n);
    shown(await grant());
    hide('choose');
    write('done', words.done(open(claimable), account));
    write('transaction', words.transaction(hash));
    show('transaction');
    goOnAt('done');
  });
});
