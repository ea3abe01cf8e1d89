import { type SQL, sql } from 'drizzle-orm';
import { bucketTable, type Frame } from '../frame.ts';
import { isAccount, type Source, when } from './source.ts';

/**
 * Time in which a worker had a request under way, over the time that workers with any request in the bucket could have;
 * microseconds. Requests at once count once; those that have not ended do not count yet.
 */
export function busy(by: 'NONE' | 'ACCOUNT'): Source {
  return (frame) => sql`select i, ${by === 'NONE' ? sql`null::text` : sql`worker`} as g,
      sum(greatest(0, e - greatest(s, busy_until)))::numeric as n,
      count(distinct worker)::numeric * max(open) as d
    from (
      select i, worker, s, e, open, coalesce(max(e) over (partition by i, worker order by s, e, request_id
        rows between unbounded preceding and 1 preceding), s) as busy_until
      from (
        select b.i, r.worker, r.request_id, greatest(r.s, b.starts * 1000000) as s, least(r.e, until * 1000000) as e,
          (until - b.starts) * 1000000 as open
        from ${bucketTable(frame)} cross join clock cross join lateral (select least(b.ends, clock.now + 1)) as l(until)
        join (${requests(frame)}) as r on r.s < until * 1000000 and r.e > b.starts * 1000000
      ) as pieces
    ) as runs group by 1, 2`;
}

function requests({ from, to, genesisHash, narrowed }: Frame): SQL {
  return sql`select worker, request_id, ${microseconds('started_at')} as s, ${microseconds('ended_at')} as e
    from app.inference_record
    where genesis_hash = ${genesisHash} and ended_at > to_timestamp(${from.toString()}::bigint)
      and started_at < to_timestamp(${to.toString()}::bigint)${when(narrowed.account, isAccount(sql`worker`))}`;
}

const microseconds = (column: string): SQL => sql.raw(`(extract(epoch from ${column}) * 1000000)::bigint`);
