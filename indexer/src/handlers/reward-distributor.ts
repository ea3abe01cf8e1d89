import { claim, epoch, rewardAccount, rewardRoot } from 'ponder:schema';
import { and, eq } from 'ponder';
import { record } from '../activity.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';
import { emptyRewards } from '../rewards.ts';

on('RewardDistributor:EpochClosed', async (e) => {
  const { epochId, start, end, total } = e.args;
  await e.db.insert(epoch).values({ id: epochId, start, end, total, status: 'closed', ...created(e) });
  return record(e);
});

on('RewardDistributor:RootProposed', async (e) => {
  const { epochId, root, ipfsHash, uri, validAt } = e.args;
  await e.db.insert(rewardRoot).values({
    ...stamped(e),
    epochId,
    root,
    ipfsHash,
    uri,
    validAt,
    proposer: e.sender,
    status: 'proposed',
  });
  await e.db.update(epoch, { id: epochId }).set({ status: 'proposed', root, ...updated(e) });
  return record(e);
});

on('RewardDistributor:RootRevoked', async (e) => {
  await settleProposal(e, e.args.epochId, 'revoked');
  await e.db.update(epoch, { id: e.args.epochId }).set({ status: 'closed', root: null, ...updated(e) });
  return record(e);
});

on('RewardDistributor:RootAccepted', async (e) => {
  await settleProposal(e, e.args.epochId, 'accepted');
  await e.db.update(epoch, { id: e.args.epochId }).set({ status: 'accepted', root: e.args.root, ...updated(e) });
  return record(e);
});

/** An epoch has at most one root that waits. */
const settleProposal = async (e: Occurrence, epochId: bigint, status: 'revoked' | 'accepted') => {
  const waiting = await e.db.sql
    .select({ id: rewardRoot.id })
    .from(rewardRoot)
    .where(and(eq(rewardRoot.epochId, epochId), eq(rewardRoot.status, 'proposed')));
  for (const { id } of waiting) await e.db.update(rewardRoot, { id }).set({ status });
};

on('RewardDistributor:Claimed', async (e) => {
  const { account, amount, cumulative } = e.args;
  await e.db.insert(claim).values({ ...stamped(e), account, amount, cumulative });
  await e.db
    .insert(rewardAccount)
    .values({ account, ...emptyRewards, claimed: cumulative, claims: 1, ...created(e) })
    .onConflictDoUpdate((row) => ({ claimed: cumulative, claims: row.claims + 1, ...updated(e) }));
  return record(e, { protocol: { claims: 1, claimed: amount } });
});
