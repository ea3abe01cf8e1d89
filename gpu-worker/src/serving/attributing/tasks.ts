import type { Database, Sql } from '@openledger/db';
import { attributionTask } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';

export type Scope = { readonly genesisHash: Hex; readonly worker: Hex };

/** An answer that waits to be attributed. */
export type Task = {
  readonly requestId: Hex;
  readonly sealed: Uint8Array;
  /** Tries that failed. */
  readonly attempts: number;
  readonly modelId: bigint;
  readonly version: number;
  readonly promptHash: Hex;
  readonly outputHash: Hex;
};

/** In the transaction that records the answer: both are there, or neither. */
export const keepTask = async (
  on: Pick<Database, 'insert'>,
  task: { readonly requestId: Hex; readonly sealed: Uint8Array },
): Promise<void> => {
  await on.insert(attributionTask).values(task);
};

export const versionKey = ({ modelId, version }: Pick<Task, 'modelId' | 'version'>): string => `${modelId}@${version}`;

/** @param but versions whose answers are left out, as {@link versionKey} writes them. @returns the oldest first. */
export const readTasks = async (
  sql: Sql,
  { genesisHash, worker }: Scope,
  { but, most }: { readonly but: readonly string[]; readonly most: number },
): Promise<readonly Task[]> => {
  const rows = await sql<(Omit<Task, 'modelId'> & { modelId: string })[]>`
    select t.request_id as "requestId", t.sealed, t.attempts, r.model_id::text as "modelId", r.model_version as version,
      r.prompt_hash as "promptHash", r.output_hash as "outputHash"
    from app.attribution_task t join app.inference_record r on r.request_id = t.request_id
    where r.genesis_hash = ${genesisHash} and r.worker = ${worker} and t.due_at <= now() and r.output_hash is not null
      and r.model_id || '@' || r.model_version <> all(${[...but]}::text[])
    order by t.due_at, t.request_id limit ${most}`;
  return rows.map((row) => ({ ...row, modelId: BigInt(row.modelId) }));
};

/** A try that failed: the next one is after so many seconds. */
export const postpone = async (sql: Sql, requestId: Hex, error: string, seconds: number): Promise<void> => {
  await sql`
    update app.attribution_task set attempts = attempts + 1, error = ${error}, due_at = now() + make_interval(secs => ${seconds})
    where request_id = ${requestId}`;
};

/** Says of all answers of a version why they wait; they stay due. */
export const explainWaiting = async (
  sql: Sql,
  { genesisHash, worker }: Scope,
  { modelId, version }: Pick<Task, 'modelId' | 'version'>,
  error: string,
): Promise<void> => {
  await sql`
    update app.attribution_task t set error = ${error} from app.inference_record r
    where r.request_id = t.request_id and r.genesis_hash = ${genesisHash} and r.worker = ${worker}
      and r.model_id = ${`${modelId}`}::numeric and r.model_version = ${version} and t.error is distinct from ${error}`;
};

/** How many answers wait, by the reason before the colon of what is said of each; `queued` where nothing keeps them. */
export const countWaiting = async (
  sql: Sql,
  { genesisHash, worker }: Scope,
): Promise<Readonly<Record<string, number>>> => {
  const rows = await sql<{ why: string; answers: number }[]>`
    select coalesce(split_part(t.error, ':', 1), 'queued') as why, count(*)::int as answers
    from app.attribution_task t join app.inference_record r on r.request_id = t.request_id
    where r.genesis_hash = ${genesisHash} and r.worker = ${worker}
    group by 1 order by 1`;
  return Object.fromEntries(rows.map(({ why, answers }) => [why, answers]));
};
