import { builder } from '../schema/builder.ts';
import { reading } from '../schema/reading.ts';
import { costOf } from './catalogue.ts';
import { computeConcentration } from './concentration.ts';
import { DEFAULT_GROUPS, MAX_BUCKETS, MAX_GROUPS } from './frame.ts';
import { computeRetention, MAX_PERIODS } from './retention.ts';
import { AccountRole } from './roles.ts';
import {
  aboutProtocolRollups,
  bucketsOf,
  MAX_BUCKETS as MAX_ROLLUPS,
  oldestFirst,
  ProtocolRollup,
  rangeArgs,
  rollupCost,
} from './rollups.ts';
import { computeSeries } from './series.ts';
import {
  Concentration,
  Definition,
  definitions,
  MetricGroupBy,
  MetricInterval,
  MetricName,
  RetentionInterval,
  RetentionType,
  Series,
} from './types.ts';

builder.queryField('protocolRollups', (t) =>
  t.field({
    type: [ProtocolRollup],
    description: aboutProtocolRollups,
    extensions: reading({
      kind: 'buckets',
      hour: 'protocolHour',
      day: 'protocolDay',
      max: MAX_ROLLUPS,
      parentId: null,
    }),
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

/** One statement that reads many rows and returns few. */
const cost = 500;

builder.queryField('metric', (t) =>
  t.field({
    type: Series,
    description: `A metric over time, in at most ${MAX_BUCKETS} buckets, computed by one statement from one state of the index. Times are UTC; the ends of the range go outwards to whole hours for HOUR, else to whole days, and for metrics that compare buckets to whole buckets.`,
    complexity: ({ name, groupBy }) => costOf(name, groupBy ?? 'NONE'),
    args: {
      name: t.arg({ type: MetricName, required: true, description: 'Which.' }),
      interval: t.arg({ type: MetricInterval, required: true, description: 'How long a bucket is.' }),
      from: t.arg({ type: 'DateTime', description: 'From when on; 30 buckets back without it.' }),
      to: t.arg({ type: 'DateTime', description: 'Until before then; until the last block indexed without it.' }),
      groupBy: t.arg({ type: MetricGroupBy, defaultValue: 'NONE', description: 'How to divide it.' }),
      groups: t.arg.int({
        description: `Groups at most, those with the largest totals: ${DEFAULT_GROUPS} without it, ${MAX_GROUPS} at most.`,
      }),
      datanetId: t.arg({ type: 'BigInt', description: 'Only this datanet.' }),
      modelId: t.arg({ type: 'BigInt', description: 'Only this model.' }),
      account: t.arg({ type: 'Address', description: 'Only this account: contributor, payer, worker or beneficiary.' }),
      role: t.arg({ type: AccountRole, description: 'Only acting as this.' }),
    },
    resolve: (_root, { groupBy, ...args }, context) => computeSeries({ ...args, groupBy: groupBy ?? 'NONE' }, context),
  }),
);

builder.queryField('metricDefinitions', (t) =>
  t.field({
    type: [Definition],
    description: 'Every metric there is: what it means, and what it can be asked.',
    complexity: { field: 1, multiplier: 40 },
    resolve: () => definitions,
  }),
);

builder.queryField('retention', (t) =>
  t.field({
    type: RetentionType,
    description: `Weekly or monthly cohorts of accounts by their first action in a role, and the share of each that acted again in each later period; at most ${MAX_PERIODS} periods.`,
    complexity: cost,
    args: {
      role: t.arg({ type: AccountRole, required: true, description: 'Acting as what.' }),
      interval: t.arg({ type: RetentionInterval, required: true, description: 'How long a period is.' }),
      from: t.arg({ type: 'DateTime', description: 'From the period of this time on; 30 periods back without it.' }),
      to: t.arg({ type: 'DateTime', description: 'Until the period before this; until the last block without it.' }),
    },
    resolve: (_root, args, context) => computeRetention(args, context),
  }),
);

builder.queryField('rewardConcentration', (t) =>
  t.field({
    type: Concentration,
    description:
      'How unequally rewards are spread over the accounts that got any: of all time, of an epoch, or between two times.',
    complexity: cost,
    args: {
      epoch: t.arg({ type: 'BigInt', description: 'Only what became final in this epoch.' }),
      from: t.arg({ type: 'DateTime', description: 'Only what became final then or later.' }),
      to: t.arg({ type: 'DateTime', description: 'Only what became final before then.' }),
      datanetId: t.arg({ type: 'BigInt', description: 'Only rewards of this datanet’s contributions.' }),
    },
    resolve: (_root, args, context) => computeConcentration(args, context),
  }),
);
