import { sql } from 'drizzle-orm';
import type { Services } from '../context.ts';
import { badInput } from '../errors.ts';
import { shifted, startOf } from './calendar.ts';
import { type Metric, type MetricName, metrics } from './catalogue.ts';
import { type ComputedTo, clockTable, computedTo, notReady } from './clock.ts';
import {
  bucketsOf,
  DEFAULT_GROUPS,
  type Frame,
  type GroupBy,
  MAX_GROUPS,
  MAX_POINTS,
  type Narrowed,
  type Range,
} from './frame.ts';
import { ratio } from './ratio.ts';
import type { Source } from './sources/source.ts';
import { rowOf } from './statement.ts';

export type SeriesRequest = Range &
  Narrowed & {
    readonly name: MetricName;
    readonly groupBy: GroupBy;
    /** Groups at most, those with the largest totals. */
    readonly groups?: number | null | undefined;
  };

export type MetricBucket = {
  readonly start: bigint;
  readonly end: bigint;
  readonly partial: boolean;
  readonly group: string | null;
  /** An exact integer, or a ratio with six digits after the point; null when it divides by zero. */
  readonly value: string | null;
  readonly numerator: bigint | null;
  readonly denominator: bigint | null;
};

export type MetricSeries = ComputedTo & {
  readonly name: MetricName;
  readonly metric: Metric;
  readonly interval: Range['interval'];
  readonly groupBy: GroupBy;
  /** How many groups there are in the range, with those that are not in `buckets`. */
  readonly groupCount: number;
  readonly buckets: readonly MetricBucket[];
};

/** What computing needs of the process. */
export type Measured = Pick<Services, 'db' | 'app' | 'status' | 'deployment' | 'genesisHash'>;

type Counted = { checkpoint: string | null; groups: string; points: string };

/**
 * Computes one metric with one statement.
 * @throws BAD_USER_INPUT for what the metric cannot be asked, INDEX_NOT_READY while nothing is indexed.
 */
export async function computeSeries(request: SeriesRequest, context: Measured): Promise<MetricSeries> {
  const { name, interval, groupBy } = request;
  const metric: Metric = metrics[name];
  const now = (await context.status()).own?.indexed?.timestamp;
  if (now === undefined) throw notReady();
  const source = sourceOf(request, metric);
  const buckets = bucketsOf(request, now, metric.whole ?? false);
  const frame = frameOf(request, buckets, context);
  const groups = groupLimit(request, buckets.length);
  const chainId = context.deployment.chainId;
  const facts = buckets.length === 0 ? noFacts : source(frame);
  const { db } = metric.offChain ? context.app : context;
  const row = await rowOf<Counted>(
    db,
    sql`
    with ${clockTable(chainId)}, facts as (${facts}), point as materialized (
      select i, g, sum(n) as n, sum(d) as d from facts where i between 1 and ${buckets.length}::int group by i, g
    ), size as (
      select g, sum(${metric.ratio ? sql`d` : sql`n`}) as total from point group by g
    ), top as (
      select g, total, row_number() over (order by total desc nulls last, g) as place from size
      order by place limit ${groups}::int
    )
    select (select checkpoint from clock), (select count(*) from size)::text as groups,
      coalesce((select json_agg(json_build_array(place, top.g, i, n::text, d::text) order by place, i)
        from point join top on top.g is not distinct from point.g), '[]')::text as points`,
  );
  const to = computedTo(row.checkpoint, chainId);
  return {
    name,
    metric,
    interval,
    groupBy,
    ...to,
    groupCount: groupBy === 'NONE' ? 0 : Number(row.groups),
    buckets: filled(JSON.parse(row.points), frame, metric, to),
  };
}

const noFacts = sql`select 1 as i, null::text as g, 0::numeric as n, null::numeric as d where false`;

/** What `narrowed` names: each the same thing as a grouping. */
const narrowings = { datanetId: 'DATANET', modelId: 'MODEL', account: 'ACCOUNT', role: 'ROLE' } as const;

function sourceOf(request: SeriesRequest, metric: Metric): Source {
  const { name, groupBy, interval } = request;
  const offered = Object.keys(metric.sources) as GroupBy[];
  const list = (items: readonly string[]) => items.join(', ');
  if (metric.intervals && !metric.intervals.includes(interval)) {
    throw badInput(`${name} is counted by days at the finest: interval must be one of ${list(metric.intervals)}.`);
  }
  if (!metric.sources[groupBy]) {
    throw badInput(`${name} cannot be grouped by ${groupBy}: groupBy must be one of ${list(offered)}.`);
  }
  const narrowedBy = Object.entries(narrowings).filter(([argument]) => request[argument as keyof Narrowed] != null);
  for (const [argument, dimension] of narrowedBy) {
    if (metric.sources[dimension]) continue;
    const possible = Object.entries(narrowings).flatMap(([other, needed]) => (metric.sources[needed] ? [other] : []));
    throw badInput(
      `${name} cannot be narrowed by ${argument}: ${possible.length ? `it can be by ${list(possible)}` : 'it is of the whole protocol only'}.`,
    );
  }
  const dimensions = new Set<GroupBy>(narrowedBy.map(([, dimension]) => dimension));
  if (groupBy !== 'NONE') dimensions.add(groupBy);
  if (metric.mixes || dimensions.size === 0) return metric.sources[groupBy]!;
  if (dimensions.size > 1) {
    throw badInput(
      `${name} can be grouped or narrowed by one thing at a time, not by ${list([...dimensions])} at once.`,
    );
  }
  const [dimension] = dimensions;
  const source = metric.sources[dimension!]!;
  // Narrowed to one group and asked for none: the same rows without their group.
  return groupBy === 'NONE'
    ? (frame) => sql`select i, null::text as g, n, d from (${source(frame)}) as narrowed`
    : source;
}

function groupLimit({ groupBy, groups }: SeriesRequest, buckets: number): number {
  const wanted = groups ?? DEFAULT_GROUPS;
  if (wanted < 1 || wanted > MAX_GROUPS) throw badInput(`groups is ${wanted}: it must be from 1 to ${MAX_GROUPS}.`);
  if (groupBy === 'NONE') return 1;
  if (buckets * wanted > MAX_POINTS) {
    throw badInput(
      `${buckets} buckets of ${wanted} groups are ${buckets * wanted} points; at most ${MAX_POINTS} are served. Ask for fewer groups, a shorter range or a longer interval.`,
    );
  }
  return wanted;
}

function frameOf(request: SeriesRequest, buckets: Frame['buckets'], { deployment, genesisHash }: Measured): Frame {
  const { interval, groupBy, datanetId, modelId, account, role } = request;
  return {
    interval,
    buckets,
    from: buckets[0]?.start ?? 0n,
    to: buckets.at(-1)?.end ?? 0n,
    grain: interval === 'HOUR' ? 'hour' : 'day',
    groupBy,
    narrowed: { datanetId, modelId, account, role },
    open: deployment.contracts.find(({ name }) => name === 'Open')!.address,
    genesisHash,
  };
}

type Point = [place: number, group: string | null, i: number, n: string | null, d: string | null];

/** Every bucket of every group, zero where nothing happened; the largest group first, each by time. */
function filled(points: readonly Point[], frame: Frame, metric: Metric, { timestamp }: ComputedTo): MetricBucket[] {
  const groups = new Map<string | null, Map<number, Point>>(frame.groupBy === 'NONE' ? [[null, new Map()]] : []);
  for (const point of points) {
    const [, group, i] = point;
    const known = groups.get(group) ?? new Map();
    groups.set(group, known.set(i, point));
  }
  // What began after the last block is not known yet.
  const begun = frame.buckets.filter(({ start }) => start <= timestamp);
  return [...groups].flatMap(([group, known]) =>
    begun.map(({ start, end }, index) => {
      const [, , , n, d] = known.get(index + 1) ?? [0, group, 0, '0', '0'];
      const [numerator, denominator] = [BigInt(n ?? 0), BigInt(d ?? 0)];
      return {
        start,
        end,
        partial: end > timestamp || !isWhole(frame, start, end),
        group,
        value: metric.ratio ? ratio(numerator, denominator) : numerator.toString(),
        numerator: metric.ratio ? numerator : null,
        denominator: metric.ratio ? denominator : null,
      };
    }),
  );
}

function isWhole({ interval }: Frame, start: bigint, end: bigint): boolean {
  return start === startOf(interval, start) && end === shifted(interval, start, 1);
}
