import type { Hex } from '@openledger/db/chain';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';

/** How busy a worker is, by what it said last. */
export type Throughput = {
  readonly running: number | null;
  readonly waiting: number | null;
  readonly tokensPerSecond: number | null;
};

/** What is counted as now, and what a rate is taken over. */
const [NOW_SECONDS, RATE_SECONDS] = [60, 120];

const silent: Throughput = { running: null, waiting: null, tokensPerSecond: null };

/** By their addresses. Figures of several labels are summed; a counter that begins anew counts from there. */
export const throughputs = loaderOf(async (addresses: readonly Hex[], { app }) => {
  type Row = { worker: Hex; running: number | null; waiting: number | null; tokens: number | null; seconds: number };
  const rows = await rowsOfApp(app.sql<Row[]>`
    with samples as (
      select worker, metric, labels, value, taken_at,
        lag(value) over series as before, lag(taken_at) over series as since,
        row_number() over (partition by worker, metric, labels order by taken_at desc, id desc) as age
      from app.telemetry_sample
      where worker = any(${[...addresses]}) and taken_at > now() - make_interval(secs => ${RATE_SECONDS})
        and metric in ('vllm:num_requests_running', 'vllm:num_requests_waiting', 'vllm:generation_tokens_total')
      window series as (partition by worker, metric, labels order by taken_at, id)
    ), newest as (
      select * from samples where age = 1 and taken_at > now() - make_interval(secs => ${NOW_SECONDS})
    )
    select worker,
      (select sum(value) from newest n where n.worker = s.worker and metric = 'vllm:num_requests_running') as running,
      (select sum(value) from newest n where n.worker = s.worker and metric = 'vllm:num_requests_waiting') as waiting,
      sum(case when value >= before then value - before else value end)
        filter (where metric = 'vllm:generation_tokens_total' and before is not null) as tokens,
      extract(epoch from max(taken_at) filter (where metric = 'vllm:generation_tokens_total' and before is not null)
        - min(since) filter (where metric = 'vllm:generation_tokens_total'))::float8 as seconds
    from samples s group by worker`);
  return addresses.map((address): Throughput => {
    const row = rows.find(({ worker }) => worker === address);
    if (row === undefined) return silent;
    const { running, waiting, tokens, seconds } = row;
    return { running, waiting, tokensPerSecond: tokens === null || !(seconds > 0) ? null : tokens / seconds };
  });
});
