import type { Argument } from './event.ts';
import { actorsOf, logName, subjectOf } from './facets.ts';
import type { Fold } from './state.ts';

/** The log of everything: one row for each event of the deployment, whatever it is. */
export const activity: Fold = ({ tables }, event) => {
  const { chainId, block, timestamp, txHash, logIndex, address } = event.place;
  const subject = subjectOf(event);
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
      actor: actorsOf(event)[0].account,
      subjectType: subject.type,
      subjectId: subject.id,
      args: Object.fromEntries(Object.entries(event.args).map(([name, value]) => [name, written(value)])),
    },
    event.id,
  );
};

/** As JSON holds it: integers of every width as decimal strings. */
function written(value: Argument): unknown {
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'object' ? value.map(written) : value;
}
