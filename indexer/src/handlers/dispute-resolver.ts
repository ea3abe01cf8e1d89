import { dispute, disputeCounter } from 'ponder:schema';
import type { Hex } from 'viem';
import { record } from '../activity.ts';
import { oneOf } from '../enums.ts';
import { on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';

const targetTypes = ['contribution', 'attribution_batch', 'reward_root', 'worker'] as const;

/** What the 32 bytes of a target stand for: a number, a root as it is, or an address left-padded with zeros. */
const targetOf = (type: (typeof targetTypes)[number], id: Hex) =>
  ({
    contribution: { contributionId: BigInt(id) },
    attribution_batch: { batchId: BigInt(id) },
    reward_root: { root: id },
    worker: { worker: `0x${id.slice(-40)}` as Hex },
  })[type];

on('DisputeResolver:DisputeRaised', async (e) => {
  const { disputeId, initiator, targetType, targetId, tag, evidenceHash, uri, bond, deadline } = e.args;
  await e.db.insert(dispute).values({
    id: disputeId,
    initiator,
    targetType: oneOf(targetTypes, targetType),
    targetId,
    ...targetOf(oneOf(targetTypes, targetType), targetId),
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

/**
 * A dispute that nobody judged ends with the same event as a rejected one, but only from its deadline on, and with its
 * bond given back; a rejection takes the bond, which is at least a wei. The one thing that cannot be told apart is a
 * rejection after the deadline of an initiator whose bond another dispute has already taken: it reads as lapsed.
 */
on('DisputeResolver:DisputeResolved', async (e) => {
  const { disputeId, upheld, slashed } = e.args;
  await e.db.update(dispute, { id: disputeId }).set(({ deadline }) => {
    const lapsed = slashed === 0n && e.timestamp >= deadline;
    const status = upheld ? 'upheld' : lapsed ? 'expired' : 'rejected';
    return { status, slashed, resolvedAt: e.timestamp, ...updated(e) };
  });
  return record(e);
});
