import { record } from '../activity.ts';
import { on } from '../occurrence.ts';
import { approve, setDelegate, setVotes, transferToken } from '../tokens.ts';

on('GOPEN:Transfer', async (e) => {
  await transferToken(e, 'GOPEN', e.args.from, e.args.to, e.args.value);
  return record(e);
});

on('GOPEN:Approval', async (e) => {
  await approve(e, e.args.owner, e.args.spender, e.args.value);
  return record(e);
});

on('GOPEN:DelegateChanged', async (e) => {
  await setDelegate(e, e.args.delegator, e.args.toDelegate);
  return record(e);
});

on('GOPEN:DelegateVotesChanged', async (e) => {
  await setVotes(e, e.args.delegate, e.args.newVotes);
  return record(e);
});

// Wrapping and unwrapping mint and burn, so balances and supply follow from the transfers beside these events.
on('GOPEN:Deposit', (e) => record(e));
on('GOPEN:Withdrawal', (e) => record(e));
on('GOPEN:EIP712DomainChanged', (e) => record(e));
