import type { ChainEvent } from './event.ts';
import { change, created, type Fold, type Row, type State, stamped } from './state.ts';

/** RewardDistributor: epochs, the roots proposed for them, and claims. */
export const rewards: Fold = (state, event) => {
  const { tables } = state;
  switch (event.name) {
    case 'EpochClosed':
      tables.epoch.put(
        {
          id: event.big('epochId'),
          start: event.big('start'),
          end: event.big('end'),
          total: event.big('total'),
          status: 'closed',
          root: null,
          ...created(event),
        },
        event.big('epochId'),
      );
      return;
    case 'RootProposed':
      return propose(state, event);
    case 'RootRevoked':
      return conclude(state, event, 'revoked', { status: 'closed', root: null });
    case 'RootAccepted':
      return conclude(state, event, 'accepted', { status: 'accepted' });
    case 'Claimed': {
      const account = event.text('account');
      const amount = event.big('amount');
      tables.claim.put({ ...stamped(event), account, amount, cumulative: event.big('cumulative') }, event.id);
      const row = rewardAccountOf(state, event, account);
      return change(row, event, { claimed: row.claimed + amount, claims: row.claims + 1 });
    }
  }
};

/** An account's row; its first final attribution or claim makes it. */
export function rewardAccountOf({ tables }: State, event: ChainEvent, account: string): Row<'rewardAccount'> {
  return tables.rewardAccount.open(
    () => ({ account, attributed: 0n, claimed: 0n, claims: 0, ...created(event) }),
    account,
  );
}

/** The event does not name the proposer: the sender of the transaction stands for it. */
function propose(state: State, event: ChainEvent): void {
  const epochId = event.big('epochId');
  const root = event.text('root');
  const row = {
    ...stamped(event),
    epochId,
    root,
    ipfsHash: event.text('ipfsHash'),
    uri: event.text('uri'),
    validAt: event.big('validAt'),
    proposer: event.place.sender,
    status: 'proposed',
  };
  state.pendingRoot.set(epochId, state.tables.rewardRoot.put(row, event.id));
  change(state.tables.epoch.get(epochId), event, { status: 'proposed', root });
}

function conclude(state: State, event: ChainEvent, status: string, epoch: Partial<Row<'epoch'>>): void {
  const epochId = event.big('epochId');
  const pending = state.pendingRoot.get(epochId);
  if (pending === undefined) throw new Error(`${event}: no root of epoch ${epochId} waits.`);
  pending.status = status;
  state.pendingRoot.delete(epochId);
  change(state.tables.epoch.get(epochId), event, epoch);
}
