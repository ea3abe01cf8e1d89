import { dispute, disputeCounter } from 'ponder:schema';
import { record } from '../activity.ts';
import { oneOf } from '../enums.ts';
import { on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';

const targetTypes = ['contribution', 'attribution_batch', 'reward_root', 'worker'] as const;

on('DisputeResolver:DisputeRaised', async (e) => {
  const { disputeId, initiator, targetType, targetId, tag, evidenceHash, uri, bond, deadline } = e.args;
  await e.db.insert(dispute).values({
    id: disputeId,
    initiator,
    targetType: oneOf(targetTypes, targetType),
    targetId,
    tag,
    evidenceHash,
    uri,
    bond,
    deadline,
    status: 'open',
    slashed: 0n,
    ...created(e),
  });
  return record(e, { protocol: { disputes: 1 } });
});

on('DisputeResolver:DisputeCountered', async (e) => {
  const { disputeId, by, evidenceHash, uri } = e.args;
  await e.db.insert(disputeCounter).values({ ...stamped(e), disputeId, by, evidenceHash, uri });
  await e.db.update(dispute, { id: disputeId }).set((row) => ({ counters: row.counters + 1, ...updated(e) }));
  return record(e);
});

/** A dispute that lapsed unjudged ends with the same event as a rejected one, and nothing slashed. */
on('DisputeResolver:DisputeResolved', async (e) => {
  const { disputeId, upheld, slashed } = e.args;
  await e.db
    .update(dispute, { id: disputeId })
    .set({ status: upheld ? 'upheld' : 'rejected', slashed, resolvedAt: e.timestamp, ...updated(e) });
  return record(e);
});
