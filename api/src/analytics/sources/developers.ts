import { type SQL, sql } from 'drizzle-orm';
import { bucketOf, bucketTable, type Frame, within } from '../frame.ts';
import { developerRoles } from '../roles.ts';
import type { Source } from './source.ts';

/** A full-time developer: so many active days among so many. */
export const FULL_TIME = { days: 10, among: 28 };
const DAY = 86_400;

/** At least one action in the bucket. */
export const activeDevelopers: Source = (frame) => sql`select i, g, count(*)::numeric as n, null::numeric as d
  from (${activeIn(frame, 0)}) as seen group by i, g`;

/** The first action of all, in these roles, lies in the bucket. */
export const newDevelopers: Source = (frame) => newcomers(frame, 1);

/** Active in the bucket, and at some time before it: the active ones without the new ones. */
export const returningDevelopers: Source = (frame) => sql`${activeDevelopers(frame)} union all ${newcomers(frame, -1)}`;

/** Accounts by the bucket of their first day, when none was before the frame; each counted so. */
function newcomers(frame: Frame, each: 1 | -1): SQL {
  const sameRoles = frame.groupBy === 'ROLE' ? sql`e.role = came.g` : inRoles(frame, sql`e.role`);
  return sql`select ${bucketOf(frame, sql`came.first_day`)} as i, g, (count(*) * ${sql.raw(String(each))})::numeric as n,
      null::numeric as d
    from (
      select a.account, ${groupOf(frame)} as g, min(a.day) as first_day from chain.account_role_day a
      where ${within(frame, sql`a.day`)} and ${inRoles(frame)} group by 1, 2
    ) as came
    where not exists (select from chain.account_role_day e
      where e.account = came.account and ${sameRoles} and e.day < ${frame.from.toString()}::bigint)
    group by 1, 2`;
}

/** Active in the bucket before, and not in this one. */
export const churnedDevelopers: Source = (frame) => sql`select i + 1 as i, g, count(*)::numeric as n, null::numeric as d
  from (select i, g, lead(i) over (partition by account, g order by i) as next from (${activeIn(frame, 1)}) as seen) as steps
  where next is distinct from i + 1 group by 1, g`;

/**
 * Ten or more active days among the 28 that end with the bucket's last day, or with the day of the last block in the
 * bucket that still runs. From an active day on until the next one, those are the days up to it that are younger than 28:
 * so it holds until the tenth of them, counted back, is 28 days old.
 */
export const fullTimeDevelopers: Source = (frame) => {
  const start = frame.from - BigInt((FULL_TIME.among - 1) * DAY);
  const window = String(FULL_TIME.among * DAY);
  // The last moment of each bucket; a span holds at those from its first day on and before its end.
  const moments = sql`select array_agg(least(b.ends - 1, clock.now) order by b.i) as at from clock, ${bucketTable(frame)}`;
  return sql`select i, spans.g, count(*)::numeric as n, null::numeric as d
    from (
      select g, day, lead(day) over of_account as next, lag(day, ${sql.raw(String(FULL_TIME.days - 1))}) over of_account
        + ${window}::bigint as until
      from (
        select distinct a.account, ${groupOf(frame)} as g, a.day from chain.account_role_day a
        where a.day >= ${start.toString()}::bigint and a.day < ${frame.to.toString()}::bigint and ${inRoles(frame)}
      ) as days window of_account as (partition by account, g order by day)
    ) as spans cross join (${moments}) as moment
    cross join lateral generate_series(width_bucket(day - 1, moment.at) + 1,
      width_bucket(least(next, until) - 1, moment.at)) as i
    where until > day
    group by i, spans.g`;
};

/** Who was active in which bucket, each once; from so many buckets before the frame on. */
function activeIn(frame: Frame, lookback: number): SQL {
  return sql`select distinct a.account, ${groupOf(frame)} as g, ${bucketOf(frame, sql`a.day`, lookback)} as i
    from chain.account_role_day a where ${within(frame, sql`a.day`, lookback)} and ${inRoles(frame)}`;
}

function groupOf({ groupBy }: Frame): SQL {
  return groupBy === 'ROLE' ? sql`a.role` : sql`null::text`;
}

function inRoles({ narrowed: { role } }: Frame, column: SQL = sql`a.role`): SQL {
  return sql`${column} = any(${`{${(role == null ? developerRoles : [role]).join(',')}}`}::text[])`;
}
