import { change, created, type Fold, stamped } from '../state.ts';

/** Positions, and what they committed to. */
export const staking: Fold = ({ tables }, event) => {
  const { chainId } = event.place;
  if (!event.has('stakingId')) return;
  const stakingId = event.big('stakingId');
  const position = () => tables.publishedStaking.get(chainId, stakingId);
  switch (event.name) {
    case 'Staked': {
      const amount = event.big('amount');
      tables.publishedStaking.put(
        {
          chainId,
          stakingId,
          recipient: event.text('recipient'),
          amount,
          staked: amount,
          toppedUp: 0n,
          status: 'staked',
          requestedAt: null,
          unstakedAt: null,
          ...created(event),
        },
        chainId,
        stakingId,
      );
      return;
    }
    case 'ToppedUp': {
      const [row, amount] = [position(), event.big('amount')];
      return change(row, event, { amount: row.amount + amount, toppedUp: row.toppedUp + amount });
    }
    case 'RequestUnstake':
      return change(position(), event, { status: 'unstake_requested', requestedAt: event.timestamp });
    case 'Unstaked':
      return change(position(), event, { status: 'unstaked', amount: 0n, unstakedAt: event.timestamp });
    case 'CommitStake':
      tables.publishedStakingCommitment.put(
        { ...stamped(event), chainId, stakingId, commitment: event.text('commitment') },
        event.id,
      );
  }
};

/** What signed airdrops paid. */
export const airdrop: Fold = ({ tables }, event) => {
  const { chainId, address: airdrop } = event.place;
  tables.publishedAirdropClaim.put(
    {
      ...stamped(event),
      chainId,
      airdrop,
      batch: event.text('batch'),
      account: event.text('account'),
      amount: event.big('amount'),
    },
    event.id,
  );
};
