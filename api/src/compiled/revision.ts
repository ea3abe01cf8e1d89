import type { Sql } from 'postgres';
import { decodeCheckpoint } from '../checkpoints.ts';
import { answerOf } from '../database.ts';
import type { Halt } from '../halt.ts';
import { shared } from '../shared.ts';

/** Which state of the index an answer is of. */
export type Revision = {
  /** The last block of the protocol's chain that is indexed. */
  readonly block: bigint;
  /** Differs from that of every other state that this process has seen. */
  readonly mark: string;
};

const FRESH_MS = 500;
/** A block in the place of another with the same number and time has other transactions among the newest events. */
const NEWEST = 50;

type Row = { readonly own: string | null; readonly checkpoints: string | null; readonly newest: string | null };

type Options = {
  readonly sql: Sql;
  readonly chainId: bigint;
  readonly readHalt: () => Promise<Halt | null>;
};

/**
 * Tells the state of the index, at most half a second old; null while there is none to tell. What is read after that is of
 * this state or a later one. When the index goes back, as with a reorganisation, it comes to a state of its own: what was
 * read before, of a block that is gone, is never taken for it.
 */
export function createRevision({ sql, chainId, readHalt }: Options): () => Promise<Revision | null> {
  const own = chainId.toString();
  let epoch = 0;
  let last: Revision | null = null;
  let seen = '';
  const read = shared(FRESH_MS, async () => {
    try {
      const [row] = await answerOf(sql<Row[]>`
        select (select latest_checkpoint from chain._ponder_checkpoint where chain_id = ${own}) as own,
          (select string_agg(latest_checkpoint || safe_checkpoint, ',' order by chain_id) from chain._ponder_checkpoint) as checkpoints,
          (select md5(string_agg(id || tx_hash, ',' order by id)) from
            (select id, tx_hash from chain.activity order by id desc limit ${NEWEST}) a) as newest`);
      if (!row?.own) return null;
      const state = `${row.checkpoints} ${row.newest}`;
      if (state === seen) return last;
      seen = state;
      const { block } = decodeCheckpoint(row.own);
      if (last !== null && block <= last.block) epoch += 1;
      last = { block, mark: `${state} ${epoch}` };
      return last;
    } catch {
      return null;
    }
  });
  // What a halted index left behind may be wrong, whichever state it is of.
  return async () => ((await readHalt()) === null ? read() : null);
}
