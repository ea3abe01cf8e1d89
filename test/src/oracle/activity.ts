import type { Argument, ChainEvent } from './event.ts';
import { actorsOf, logName, subjectOf } from './facets.ts';
import { datanetOf } from './rollups.ts';
import type { Fold, State } from './state.ts';

/** The log of everything: one row for each event of the deployment, whatever it is. */
export const activity: Fold = (state, event) =>
  log(state, event, actorsOf(event)[0].account, subjectOf(event), {
    datanetId: datanetOf(state, event) ?? null,
    modelId: event.has('modelId') ? event.big('modelId') : null,
  });

/** Writes one row of the log. */
export function log(
  { tables }: State,
  event: ChainEvent,
  actor: string,
  subject: { type: string; id: string },
  about: { datanetId: bigint | null; modelId: bigint | null } = { datanetId: null, modelId: null },
): void {
  const { chainId, block, timestamp, txHash, logIndex, address } = event.place;
  tables.activity.put(
    {
      id: event.id,
      chainId,
      block,
      timestamp,
      txHash,
      logIndex,
      contract: address,
      contractName: logName(event),
      event: event.name,
      actor,
      subjectType: subject.type,
      subjectId: subject.id,
      ...about,
      args: Object.fromEntries(Object.entries(event.args).map(([name, value]) => [name, written(value)])),
    },
    event.id,
  );
}

/** As JSON holds it: integers of every width as decimal strings. */
function written(value: Argument): unknown {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'object' ? value.map(written) : value;
}
