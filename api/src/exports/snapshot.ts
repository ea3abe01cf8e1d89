import type { Sql } from 'postgres';
import { type ComputedTo, computedTo } from '../analytics/clock.ts';
import type { Row } from './columns.ts';

/** Rows fetched at once. */
const BATCH = 500;

type Value = string | number;

/** One state of the database, for as long as it takes to read from it: no block and no reorganisation comes in between. */
export type Snapshot = {
  readonly at: ComputedTo;
  /** Names that state: it changes with every block, and when a block is replaced. */
  readonly tag: string;
  readonly count: (query: string, values: readonly Value[]) => Promise<number>;
  /** The rows of a query in batches; the next is fetched when it is asked for. */
  readonly rows: (query: string, values: readonly Value[]) => AsyncGenerator<Row[], void>;
  /** Stops the statement that runs, if one does: it then fails. */
  readonly cancel: () => Promise<void>;
  /** Ends it and gives the connection back. To be called once, whatever happened. */
  readonly close: () => Promise<void>;
};

/** Opens one. @throws INDEX_NOT_READY while the indexer does not say which block it is at. */
export async function openSnapshot(sql: Sql, chainId: bigint): Promise<Snapshot> {
  const connection = await sql.reserve();
  let pid: string | undefined;
  let inDatabase = false;
  let reading: Promise<void> | undefined;

  const during = async <T>(work: PromiseLike<T>): Promise<T> => {
    inDatabase = true;
    try {
      return await work;
    } finally {
      inDatabase = false;
    }
  };
  const run = <T>(query: string, values: readonly Value[] = []) =>
    during(connection.unsafe(query, [...values])) as unknown as Promise<T[]>;

  const cancel = async () => {
    // Awaited, so that it cannot hit what the connection does next.
    if (inDatabase && pid !== undefined) await sql.unsafe('select pg_cancel_backend($1::int)', [pid]);
  };

  async function* rows(query: string, values: readonly Value[]): AsyncGenerator<Row[], void> {
    let finished = () => {};
    reading = new Promise((resolve) => {
      finished = resolve;
    });
    const batches = connection
      .unsafe<Row[]>(query, [...values])
      .cursor(BATCH)
      [Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await during(batches.next());
        if (done) return;
        yield [...value];
      }
    } finally {
      await batches.return?.();
      finished();
    }
  }

  const close = async () => {
    await cancel();
    await reading;
    await connection.unsafe('rollback').catch(() => {});
    connection.release();
  };

  try {
    await run('begin isolation level repeatable read, read only');
    const [state] = await run<State>(stateQuery, [chainId.toString()]);
    pid = state?.pid;
    const at = computedTo(state?.checkpoint ?? null, chainId);
    const tag = `${state?.checkpoint} ${state?.last}`;
    const count = async (query: string, values: readonly Value[]) =>
      Number((await run<{ n: string }>(query, values))[0]!.n);
    return { at, tag, count, rows, cancel, close };
  } catch (error) {
    await close();
    throw error;
  }
}

type State = { pid: string; checkpoint: string | null; last: string | null };

// The checkpoint says which block; the newest event's transaction tells two blocks of the same number and time apart.
const stateQuery = `
  select case when coalesce((select value ->> 'is_ready' = '1' from chain._ponder_meta where key = 'app'), false)
      then latest_checkpoint else safe_checkpoint end as checkpoint,
    (select id || tx_hash from chain.activity order by id desc limit 1) as last, pg_backend_pid()::text as pid
  from chain._ponder_checkpoint where chain_id = $1::bigint`;
