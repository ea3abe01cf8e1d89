import type { ChainEvent } from './event.ts';
import { change, created, type Fold, nameIn, type State, stamped } from './state.ts';

const targets = ['contribution', 'attribution_batch', 'reward_root', 'worker'];

/** DisputeResolver: who challenged what, who answered, and how it ended. */
export const disputes: Fold = (state, event) => {
  const { tables } = state;
  switch (event.name) {
    case 'DisputeRaised':
      return raise(state, event);
    case 'DisputeCountered': {
      const disputeId = event.big('disputeId');
      tables.disputeCounter.put(
        {
          ...stamped(event),
          disputeId,
          by: event.text('by'),
          evidenceHash: event.text('evidenceHash'),
          uri: event.text('uri'),
        },
        event.id,
      );
      const row = tables.dispute.get(disputeId);
      return change(row, event, { counters: row.counters + 1 });
    }
    case 'DisputeResolved':
      return change(tables.dispute.get(event.big('disputeId')), event, {
        status: outcome(state, event),
        slashed: event.big('slashed'),
        resolvedAt: event.timestamp,
      });
  }
};

/**
 * The same event ends a rejected dispute and one that nobody judged in time, but only the latter gives the bond back,
 * and does so first. That nothing was slashed is no proof: another dispute may have taken the bond before.
 */
function outcome({ bondOf, released }: State, event: ChainEvent): string {
  if (event.flag('upheld')) return 'upheld';
  const bond = bondOf.get(event.big('disputeId'));
  return bond !== undefined && released.has(bond) ? 'expired' : 'rejected';
}

/** What a target id names: a number, a root as it is, or the last 20 bytes as an address. */
function named(type: string, targetId: string) {
  return {
    contributionId: type === 'contribution' ? BigInt(targetId) : null,
    batchId: type === 'attribution_batch' ? BigInt(targetId) : null,
    root: type === 'reward_root' ? targetId : null,
    worker: type === 'worker' ? `0x${targetId.slice(-40)}` : null,
  };
}

function raise({ tables }: State, event: ChainEvent): void {
  const targetType = nameIn(targets, event.big('targetType'));
  tables.dispute.put(
    {
      id: event.big('disputeId'),
      initiator: event.text('initiator'),
      targetType,
      targetId: event.text('targetId'),
      ...named(targetType, event.text('targetId')),
      tag: event.text('tag'),
      evidenceHash: event.text('evidenceHash'),
      uri: event.text('uri'),
      bond: event.big('bond'),
      deadline: event.big('deadline'),
      status: 'open',
      slashed: 0n,
      resolvedAt: null,
      counters: 0,
      ...created(event),
    },
    event.big('disputeId'),
  );
}
