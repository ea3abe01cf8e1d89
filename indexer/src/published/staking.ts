import { publishedStaking, publishedStakingCommitment } from 'ponder:schema';
import type { Hex } from 'viem';
import type { Place } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';
import { onPublished, recordPublished } from './on.ts';

type Position = typeof publishedStaking.$inferSelect;

/** A position before anything was put into it. */
const empty = { amount: 0n, staked: 0n, toppedUp: 0n, status: 'staked', requestedAt: null, unstakedAt: null } as const;

/** Changes a position; one that began before the first block that is read begins here. */
const change = async (
  e: Place,
  { stakingId, recipient }: { stakingId: bigint; recipient: Hex },
  columns: (row: Pick<Position, keyof typeof empty>) => Partial<Position>,
) => {
  await e.db
    .insert(publishedStaking)
    .values({ chainId: e.chainId, stakingId, recipient, ...empty, ...columns(empty), ...created(e) })
    .onConflictDoUpdate((row) => ({ recipient, ...columns(row), ...updated(e) }));
};

onPublished('L2Staking:Staked', async (e) => {
  const { amount } = e.args;
  await change(e, e.args, (row) => ({ amount: row.amount + amount, staked: row.staked + amount, status: 'staked' }));
  return recordPublished(e);
});

onPublished('L2Staking:ToppedUp', async (e) => {
  const { amount } = e.args;
  await change(e, e.args, (row) => ({ amount: row.amount + amount, toppedUp: row.toppedUp + amount }));
  return recordPublished(e);
});

onPublished('L2Staking:RequestUnstake', async (e) => {
  await change(e, e.args, () => ({ status: 'unstake_requested', requestedAt: e.timestamp }));
  return recordPublished(e);
});

onPublished('L2Staking:Unstaked', async (e) => {
  await change(e, e.args, () => ({ status: 'unstaked', amount: 0n, unstakedAt: e.timestamp }));
  return recordPublished(e);
});

onPublished('L2Staking:CommitStake', async (e) => {
  const { stakingId, commitment } = e.args;
  await e.db.insert(publishedStakingCommitment).values({ ...stamped(e), chainId: e.chainId, stakingId, commitment });
  return recordPublished(e);
});

onPublished('L2Staking:ConfigCreated', (e) => recordPublished(e));
onPublished('L2Staking:ConfigSet', (e) => recordPublished(e));
