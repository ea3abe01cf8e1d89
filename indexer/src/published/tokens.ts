import { setDelegate, setVotes, transferOnly, transferOrMint, unwrap, unwrapOnly, wrap, wrapOnly } from './book.ts';
import { onPublished, recordPublished } from './on.ts';

for (const contract of ['EthereumOpen', 'L2Gopen'] as const) {
  onPublished(`${contract}:Transfer`, async (e) => {
    await transferOrMint(e, e.args.from, e.args.to, e.args.value);
    return recordPublished(e);
  });
}

onPublished('L2Wopen:Transfer', async (e) => {
  await transferOnly(e, e.args.from, e.args.to, e.args.value);
  return recordPublished(e);
});

onPublished('L2Wopen:Deposit', async (e) => {
  await wrapOnly(e, e.args.dst, e.args.wad);
  return recordPublished(e);
});

onPublished('L2Wopen:Withdrawal', async (e) => {
  await unwrapOnly(e, e.args.src, e.args.wad);
  return recordPublished(e);
});

onPublished('L2Gopen:Deposit', async (e) => {
  await wrap(e, e.args.sender, e.args.amt);
  return recordPublished(e);
});

onPublished('L2Gopen:Withdrawal', async (e) => {
  await unwrap(e, e.args.src, e.args.amt);
  return recordPublished(e);
});

onPublished('L2Gopen:DelegateChanged', async (e) => {
  await setDelegate(e, e.args.delegator, e.args.toDelegate);
  return recordPublished(e);
});

onPublished('L2Gopen:DelegateVotesChanged', async (e) => {
  await setVotes(e, e.args.delegate, e.args.newVotes);
  return recordPublished(e);
});

for (const contract of ['EthereumOpen', 'L2Wopen', 'L2Gopen'] as const) {
  onPublished(`${contract}:Approval`, (e) => recordPublished(e));
}
