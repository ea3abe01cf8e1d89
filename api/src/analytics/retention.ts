import { sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import type { Interval, Span } from './calendar.ts';
import { type ComputedTo, clockTable, computedTo, notReady } from './clock.ts';
import { bucketsOf, type Range } from './frame.ts';
import { ratio } from './ratio.ts';
import type { Role } from './roles.ts';
import { rowOf } from './statement.ts';

/** Weeks or months of one answer at most: its cohorts, and its periods. */
export const MAX_PERIODS = 104;

export type RetentionInterval = Extract<Interval, 'WEEK' | 'MONTH'>;
export type RetentionPeriod = Span & {
  /** Periods after the cohort's own. */
  readonly offset: number;
  readonly partial: boolean;
  readonly active: bigint;
  /** Of the cohort, six digits after the point; null for an empty one. */
  readonly share: string | null;
};
export type Cohort = Span & {
  readonly partial: boolean;
  readonly size: bigint;
  readonly periods: readonly RetentionPeriod[];
};
export type Retention = ComputedTo & {
  readonly role: Role;
  readonly interval: RetentionInterval;
  readonly cohorts: readonly Cohort[];
};

type Request = Omit<Range, 'interval'> & { readonly role: Role; readonly interval: RetentionInterval };
type Counted = { checkpoint: string | null; cells: string };

/**
 * Who came in which week or month, and how many of them acted again in each later one. An account belongs to the cohort of
 * its first action ever in the role. One statement.
 */
export async function computeRetention(request: Request, context: ApiContext): Promise<Retention> {
  const { role, interval } = request;
  const now = (await context.status()).own?.indexed?.timestamp;
  if (now === undefined) throw notReady();
  const periods = bucketsOf(request, now, true);
  if (periods.length > MAX_PERIODS) {
    throw badInput(
      `The range holds ${periods.length} periods; at most ${MAX_PERIODS} are served. Ask for a shorter range.`,
    );
  }
  const [from, to] = [periods[0]?.start ?? 0n, periods.at(-1)?.end ?? 0n];
  const starts = `{${periods.map(({ start }) => start).join(',')}}`;
  const chainId = context.deployment.chainId;
  const row = await rowOf<Counted>(
    context.db,
    sql`
    with ${clockTable(chainId)}, seen as materialized (
      select distinct account, width_bucket(day, ${starts}::bigint[]) as period from chain.account_role_day
      where role = ${role} and day >= ${from.toString()}::bigint and day < ${to.toString()}::bigint
    ), cohort as (
      select account, min(period) as cohort from seen group by account
    ), newcomer as (
      select account, cohort from cohort where not exists (select from chain.account_role_day e
        where e.account = cohort.account and e.role = ${role} and e.day < ${from.toString()}::bigint)
    ), cell as (
      select cohort, period, count(*) as n from newcomer join seen using (account) group by cohort, period
    )
    select (select checkpoint from clock),
      coalesce((select json_agg(json_build_array(cohort, period, n::text)) from cell), '[]')::text as cells`,
  );
  const at = computedTo(row.checkpoint, chainId);
  const active = new Map(
    (JSON.parse(row.cells) as [number, number, string][]).map(([cohort, period, n]) => [
      `${cohort} ${period}`,
      BigInt(n),
    ]),
  );
  const begun = periods.filter(({ start }) => start <= at.timestamp);
  const cohorts = begun.map((span, c) => {
    const size = active.get(`${c + 1} ${c + 1}`) ?? 0n;
    return {
      ...span,
      size,
      partial: span.end > at.timestamp,
      periods: begun.slice(c).map((period, offset) => {
        const n = active.get(`${c + 1} ${c + 1 + offset}`) ?? 0n;
        return { ...period, offset, partial: period.end > at.timestamp, active: n, share: ratio(n, size) };
      }),
    };
  });
  return { role, interval, ...at, cohorts };
}
