import { builder } from '../schema/builder.ts';
import { aboutProtocolRollups, bucketsOf, oldestFirst, ProtocolRollup, rangeArgs, rollupCost } from './rollups.ts';

builder.queryField('protocolRollups', (t) =>
  t.field({
    type: [ProtocolRollup],
    description: aboutProtocolRollups,
    complexity: rollupCost,
    args: rangeArgs(t.arg),
    resolve: async (_root, args, { db }) =>
      oldestFirst(
        args.interval === 'hour'
          ? await db.query.protocolHour.findMany(bucketsOf(args))
          : await db.query.protocolDay.findMany(bucketsOf(args)),
      ),
  }),
);
