import type { Sql } from '@openledger/db';
import type { End } from './client.ts';

export type Audit = {
  readonly answered: number;
  readonly failed: number;
  readonly left: number;
  readonly cut: number;
  /** Ends that are neither an answer nor a clear error. */
  readonly unclear: number;
  /** Requests with an id of which nothing is recorded. */
  readonly lost: number;
  /** Records that say something else than whoever asked saw. */
  readonly mismatched: number;
  /** Records that say that the request still runs. */
  readonly running: number;
  /** Records that no request can have made. */
  readonly excess: number;
  readonly records: number;
  /** The first few of what is wrong, in words. */
  readonly wrong: readonly string[];
};

type Recorded = {
  readonly requestId: string;
  readonly state: 'running' | 'answered' | 'cancelled' | 'failed';
  readonly inTokens: number;
  readonly outTokens: number;
};

/** What may be recorded of a request that ended so. */
const states: Readonly<Record<End['kind'], readonly Recorded['state'][]>> = {
  answered: ['answered'],
  // They may have left when all was written.
  left: ['cancelled', 'answered', 'failed'],
  cut: ['failed', 'cancelled', 'answered'],
  failed: ['failed'],
  refused: [],
  unclear: [],
};

/** Compares what those who asked saw with `app.inference_record`. */
export const audit = async (sql: Sql, ends: readonly End[], unreachable: number): Promise<Audit> => {
  const rows = await sql<Recorded[]>`
    select request_id as "requestId", state, in_tokens as "inTokens", out_tokens as "outTokens" from app.inference_record`;
  const records = new Map(rows.map((row) => [row.requestId, row]));
  const wrong: string[] = [];
  const known = ends.filter(({ requestId }) => requestId !== undefined);
  let [lost, mismatched] = [0, 0];
  for (const end of known) {
    const record = records.get(end.requestId!);
    if (record === undefined) {
      lost++;
      wrong.push(`${end.requestId} ended ${end.kind} and is not recorded`);
    } else if (!states[end.kind].includes(record.state) || !isSameUsage(end, record)) {
      mismatched++;
      wrong.push(`${end.requestId} ended ${JSON.stringify(end)} and is recorded as ${JSON.stringify(record)}`);
    }
  }
  const seen = new Set(known.map(({ requestId }) => requestId));
  const unseen = rows.filter(({ requestId }) => !seen.has(requestId));
  // Whoever left, or was cut off, before the headers came was not told the request's id.
  const untold =
    ends.filter(({ requestId, kind }) => requestId === undefined && kind !== 'refused').length + unreachable;
  const excess = Math.max(0, unseen.length - untold);
  const doubled = known.length - seen.size;
  if (doubled > 0) wrong.push(`${doubled} ids were given twice`);
  const count = (kind: End['kind']) => ends.filter((end) => end.kind === kind).length;
  for (const end of ends) if (end.kind === 'unclear') wrong.push(`unclear: ${JSON.stringify(end)}`);
  return {
    answered: count('answered'),
    failed: count('failed'),
    left: count('left'),
    cut: count('cut'),
    unclear: count('unclear'),
    lost,
    mismatched,
    running: rows.filter(({ state }) => state === 'running').length,
    excess: excess + doubled,
    records: rows.length,
    wrong: wrong.slice(0, 5),
  };
};

const isSameUsage = ({ kind, usage }: End, { inTokens, outTokens }: Recorded): boolean =>
  kind !== 'answered' ||
  usage === undefined ||
  (usage.prompt_tokens === inTokens && usage.completion_tokens === outTokens);
