import { id } from 'ethers';
import type { ChainEvent } from './event.ts';
import { change, created, type Fold, type Row, type State, stamped } from './state.ts';

const roles = new Map(['contributor', 'validator', 'worker', 'disputer'].map((role) => [id(role.toUpperCase()), role]));

/** StakeManager: stakes and bonds, what is asked back, paid out and slashed. */
export const staking: Fold = (state, event) => {
  const { tables } = state;
  const rewrite = (columns: (stake: Row<'stake'>) => Partial<Row<'stake'>>) => {
    const stake = tables.stake.get(event.big('stakeId'));
    change(stake, event, columns(stake));
  };
  switch (event.name) {
    case 'RoleStaked':
      return open(state, event);
    case 'UnstakeRequested':
      state.released.add(event.big('stakeId'));
      // A request replaces the one before; a request of nothing ends it.
      return rewrite(() => waiting(event.big('amount'), event.big('availableAt')));
    case 'StakeWithdrawn':
      return rewrite((stake) => ({
        amount: stake.amount - event.big('amount'),
        withdrawn: stake.withdrawn + event.big('amount'),
        ...waiting(0n, 0n),
      }));
    case 'Slashed':
      tables.slash.put(
        {
          ...stamped(event),
          stakeId: event.big('stakeId'),
          account: event.text('account'),
          disputeId: event.big('disputeId'),
          amount: event.big('amount'),
          beneficiary: event.text('beneficiary'),
        },
        event.id,
      );
      return rewrite((stake) => {
        const amount = stake.amount - event.big('amount');
        const pending = stake.pendingUnstake < amount ? stake.pendingUnstake : amount;
        return { amount, slashed: stake.slashed + event.big('amount'), ...waiting(pending, stake.availableAt) };
      });
    case 'StakerRewardPaid':
      tables.stakerReward.put(
        { ...stamped(event), account: event.text('account'), amount: event.big('amount') },
        event.id,
      );
  }
};

function open({ tables, bondOf }: State, event: ChainEvent): void {
  const roleId = event.text('role');
  // Only the resolver locks a disputer's bond, and names the dispute.
  if (roles.get(roleId) === 'disputer') bondOf.set(event.big('targetId'), event.big('stakeId'));
  tables.stake.put(
    {
      id: event.big('stakeId'),
      account: event.text('account'),
      roleId,
      role: roles.get(roleId) ?? 'other',
      targetId: event.big('targetId'),
      amount: event.big('amount'),
      staked: event.big('amount'),
      withdrawn: 0n,
      slashed: 0n,
      pendingUnstake: 0n,
      availableAt: 0n,
      ...created(event),
    },
    event.big('stakeId'),
  );
}

const waiting = (pendingUnstake: bigint, availableAt: bigint) => ({
  pendingUnstake,
  availableAt: pendingUnstake === 0n ? 0n : availableAt,
});
