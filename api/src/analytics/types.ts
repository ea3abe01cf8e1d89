import { builder } from '../schema/builder.ts';
import type { Interval } from './calendar.ts';
import { type Metric, metrics, type MetricName as Name } from './catalogue.ts';
import type { RewardConcentration } from './concentration.ts';
import type { GroupBy } from './frame.ts';
import type { Cohort, Retention, RetentionInterval as RetentionOf, RetentionPeriod } from './retention.ts';
import { AccountRole } from './roles.ts';
import type { MetricBucket, MetricSeries } from './series.ts';

const entries = Object.entries(metrics) as [Name, Metric][];

export const MetricName = builder.enumType('MetricName', {
  description: 'What can be measured over time; `metricDefinitions` tells the same to programs.',
  values: Object.fromEntries(
    entries.map(([name, { definition, unit, caveat }]) => [
      name,
      { value: name, description: [definition, `In ${unit}.`, caveat].filter(Boolean).join(' ') },
    ]),
  ) as Record<Name, { value: Name; description: string }>,
});

const intervals: Record<Interval, string> = {
  HOUR: 'A UTC hour.',
  DAY: 'A UTC day.',
  WEEK: 'An ISO week, from Monday.',
  MONTH: 'A calendar month in UTC.',
};
export const MetricInterval = builder.enumType('MetricInterval', {
  description: 'How long a bucket of a metric is.',
  values: Object.fromEntries(
    Object.entries(intervals).map(([value, description]) => [value, { value: value as Interval, description }]),
  ) as Record<Interval, { value: Interval; description: string }>,
});

export const RetentionInterval = builder.enumType('RetentionInterval', {
  description: 'How long a cohort’s periods are.',
  values: {
    WEEK: { value: 'WEEK' as RetentionOf, description: intervals.WEEK },
    MONTH: { value: 'MONTH' as RetentionOf, description: intervals.MONTH },
  },
});

const groupings: Record<GroupBy, string> = {
  NONE: 'One series for all.',
  DATANET: 'By datanet; groups are datanet ids.',
  MODEL: 'By model; groups are model ids.',
  ROLE: 'By role; groups are roles in lower case.',
  ACCOUNT: 'By account; groups are addresses.',
};
export const MetricGroupBy = builder.enumType('MetricGroupBy', {
  description: 'How a metric is divided. Each metric offers those that make sense for it.',
  values: Object.fromEntries(
    Object.entries(groupings).map(([value, description]) => [value, { value: value as GroupBy, description }]),
  ) as Record<GroupBy, { value: GroupBy; description: string }>,
});

const computedTo = {
  block: 'The block it is computed to: every event up to it is counted, none after it.',
  timestamp: 'The time of that block.',
};

const Bucket = builder.objectRef<MetricBucket>('MetricBucket').implement({
  description: 'A metric in one bucket of time, of one group.',
  fields: (t) => ({
    start: t.field({ type: 'DateTime', description: 'Its first second.', resolve: ({ start }) => start }),
    end: t.field({ type: 'DateTime', description: 'The second after its last.', resolve: ({ end }) => end }),
    partial: t.exposeBoolean('partial', {
      description: 'Whether it is not whole: it still runs, or is cut by `from` or `to`.',
    }),
    group: t.exposeString('group', { nullable: true, description: 'Which group; null without groups.' }),
    value: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'The metric, zero where nothing happened; null for a ratio with nothing below the line.',
      resolve: ({ value }) => value,
    }),
    numerator: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a ratio, exactly; null for others.',
      resolve: ({ numerator }) => numerator?.toString(),
    }),
    denominator: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of a ratio, exactly; null for others.',
      resolve: ({ denominator }) => denominator?.toString(),
    }),
  }),
});

export const Series = builder.objectRef<MetricSeries>('MetricSeries').implement({
  description: 'A metric over time.',
  fields: (t) => ({
    name: t.field({ type: MetricName, description: 'Which.', resolve: ({ name }) => name }),
    definition: t.string({ description: 'What it means.', resolve: ({ metric }) => metric.definition }),
    unit: t.string({ description: 'In what it is counted.', resolve: ({ metric }) => metric.unit }),
    population: t.string({
      description: 'Whom or what it counts among.',
      resolve: ({ metric }) => metric.population,
    }),
    caveat: t.string({
      nullable: true,
      description: 'What to know before one draws conclusions; null where nothing special is.',
      resolve: ({ metric }) => metric.caveat,
    }),
    interval: t.field({
      type: MetricInterval,
      description: 'How long its buckets are.',
      resolve: ({ interval }) => interval,
    }),
    block: t.field({ type: 'BigInt', description: computedTo.block, resolve: ({ block }) => block }),
    blockTimestamp: t.field({
      type: 'DateTime',
      description: computedTo.timestamp,
      resolve: ({ timestamp }) => timestamp,
    }),
    groupCount: t.exposeInt('groupCount', {
      description: 'How many groups the range has in all, those left out included; 0 without groups.',
    }),
    buckets: t.field({
      type: [Bucket],
      description: 'Its buckets without gaps: the group with the largest total first, each from old to new.',
      complexity: { field: 0, multiplier: 50 },
      resolve: ({ buckets }) => buckets,
    }),
  }),
});

export const Definition = builder.objectRef<readonly [Name, Metric]>('MetricDefinition').implement({
  description: 'What a metric means, and what it can be asked.',
  fields: (t) => ({
    name: t.field({ type: MetricName, description: 'Which.', resolve: ([name]) => name }),
    definition: t.string({ description: 'What it means.', resolve: ([, { definition }]) => definition }),
    unit: t.string({ description: 'In what it is counted.', resolve: ([, { unit }]) => unit }),
    population: t.string({
      description: 'Whom or what it counts among.',
      resolve: ([, { population }]) => population,
    }),
    caveat: t.string({
      nullable: true,
      description: 'What to know before one draws conclusions; null where nothing special is.',
      resolve: ([, { caveat }]) => caveat,
    }),
    intervals: t.field({
      type: [MetricInterval],
      description: 'How long its buckets can be.',
      resolve: ([, metric]) => metric.intervals ?? (Object.keys(intervals) as Interval[]),
    }),
    groupBy: t.field({
      type: [MetricGroupBy],
      description: 'How it can be divided.',
      resolve: ([, { sources }]) => Object.keys(sources) as GroupBy[],
    }),
  }),
});
export const definitions = entries;

const Period = builder.objectRef<RetentionPeriod>('RetentionPeriod').implement({
  description: 'How many of a cohort acted in one period.',
  fields: (t) => ({
    offset: t.exposeInt('offset', { description: 'Periods after the cohort’s own, which is 0.' }),
    start: t.field({ type: 'DateTime', description: 'Its first second.', resolve: ({ start }) => start }),
    end: t.field({ type: 'DateTime', description: 'The second after its last.', resolve: ({ end }) => end }),
    partial: t.exposeBoolean('partial', { description: 'Whether it still runs.' }),
    active: t.field({ type: 'BigInt', description: 'Accounts of the cohort that acted.', resolve: (p) => p.active }),
    share: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of the cohort, 0 to 1; null for an empty cohort.',
      resolve: ({ share }) => share,
    }),
  }),
});

const CohortType = builder.objectRef<Cohort>('RetentionCohort').implement({
  description: 'Accounts whose first action in the role, of all time, lies in one period.',
  fields: (t) => ({
    start: t.field({ type: 'DateTime', description: 'The period’s first second.', resolve: ({ start }) => start }),
    end: t.field({ type: 'DateTime', description: 'The second after its last.', resolve: ({ end }) => end }),
    partial: t.exposeBoolean('partial', { description: 'Whether it still runs, so that the cohort can grow.' }),
    size: t.field({ type: 'BigInt', description: 'Its accounts.', resolve: ({ size }) => size }),
    periods: t.field({
      type: [Period],
      description: 'Its own period and each later one, from old to new.',
      complexity: { field: 0, multiplier: 10 },
      resolve: ({ periods }) => periods,
    }),
  }),
});

export const RetentionType = builder.objectRef<Retention>('Retention').implement({
  description: 'How many of those who came acted again later.',
  fields: (t) => ({
    role: t.field({ type: AccountRole, description: 'Acting as what.', resolve: ({ role }) => role }),
    interval: t.field({ type: RetentionInterval, description: 'How long a period is.', resolve: (r) => r.interval }),
    block: t.field({ type: 'BigInt', description: computedTo.block, resolve: ({ block }) => block }),
    blockTimestamp: t.field({
      type: 'DateTime',
      description: computedTo.timestamp,
      resolve: ({ timestamp }) => timestamp,
    }),
    cohorts: t.field({
      type: [CohortType],
      description: 'One for each period, from old to new, empty ones included.',
      complexity: { field: 0, multiplier: 20 },
      resolve: ({ cohorts }) => cohorts,
    }),
  }),
});

const TopShare = builder.objectRef<RewardConcentration['topShares'][number]>('RewardTopShare').implement({
  description: 'What the accounts with the largest rewards have together.',
  fields: (t) => ({
    accounts: t.exposeInt('accounts', { description: 'How many accounts, or all when there are fewer.' }),
    share: t.field({
      type: 'Decimal',
      nullable: true,
      description: 'Of all rewards, 0 to 1; null when there are none.',
      resolve: ({ share }) => share,
    }),
  }),
});

export const Concentration = builder.objectRef<RewardConcentration>('RewardConcentration').implement({
  description:
    'How unequally rewards are spread. Computed from exact integers; ratios are rounded half away from zero to six digits.',
  fields: (t) => ({
    population: t.exposeString('population', { description: 'Whose rewards are compared, and which.' }),
    accounts: t.field({ type: 'BigInt', description: 'How many accounts those are.', resolve: (c) => c.accounts }),
    total: t.field({
      type: 'Decimal',
      description: 'Their rewards together, in wei of OPEN.',
      resolve: (c) => c.total.toString(),
    }),
    gini: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'Gini coefficient: 0 when all have the same, towards 1 when one has all; (2 Σ i·x − (n + 1) Σ x) / (n Σ x) over amounts in ascending order. Null without rewards.',
      resolve: ({ gini }) => gini,
    }),
    hhi: t.field({
      type: 'Decimal',
      nullable: true,
      description:
        'Herfindahl–Hirschman index: the sum of squared shares, from 1/n to 1; times 10,000 in the points of competition law. Null without rewards.',
      resolve: ({ hhi }) => hhi,
    }),
    nakamoto: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Nakamoto coefficient: the fewest accounts that have more than half together. Null without rewards.',
      resolve: ({ nakamoto }) => nakamoto,
    }),
    topShares: t.field({
      type: [TopShare],
      description: 'What the 1, 10 and 100 accounts with the largest rewards have.',
      resolve: ({ topShares }) => topShares,
    }),
    block: t.field({ type: 'BigInt', description: computedTo.block, resolve: ({ block }) => block }),
    blockTimestamp: t.field({
      type: 'DateTime',
      description: computedTo.timestamp,
      resolve: ({ timestamp }) => timestamp,
    }),
  }),
});
