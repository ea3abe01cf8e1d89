import type { Sql } from 'postgres';
import type { BlockRef, Chain } from './chain.ts';
import type { Freshness } from './freshness.ts';
import { finalBlock, finalityDepth } from './identity.ts';
import { addAnchor } from './memory.ts';

/** Milliseconds between two looks at a chain. */
const interval = 2_000;
/** Blocks that a chain may grow between two looks without one becoming final that was not noted before. */
const margin = 4n;
/** Looks in a row that find another block before it is believed: a node that is mistaken for a moment is no reason to halt. */
const looks = 3;

export type WatchOptions = {
  sql: Sql;
  chain: Chain;
  /** Where the contracts were deployed. */
  start: BlockRef;
  freshness: Freshness;
  /** Called once, when what was indexed as final is no longer on the chain. */
  onChange: (because: string) => void;
};

/**
 * Every few seconds: sees the head, notes the newest and the newest final block, and makes sure that the first block and
 * the last one noted as final still stand. Ponder takes back what is not final by itself; a final block that is another
 * one is beyond it.
 */
export const watchChain = ({ sql, chain, start, freshness, onChange }: WatchOptions): void => {
  let noted = { head: start, final: start };
  let strange = 0;

  const look = async (): Promise<string | undefined> => {
    for (const block of [start, noted.final]) {
      if ((await chain.standing(block)) !== 'other') continue;
      strange++;
      const what = block === start ? 'where the contracts were deployed' : 'that was final';
      return strange < looks ? undefined : `block ${block.number}, ${what}, of the chain is another one than before`;
    }
    strange = 0;
    const head = await chain.head();
    freshness.saw(head);
    if (head.hash !== noted.head.hash) await noteHead(sql, chain, start, head);
    noted = { ...noted, head };
    const number = await finalBlock(sql, chain.id);
    const hash = number > noted.final.number ? await chain.hashAt(number) : undefined;
    if (hash !== undefined) {
      noted = { ...noted, final: { number, hash } };
      await addAnchor(sql, chain.id, noted.final);
    }
    return undefined;
  };

  const again = async () => {
    // Nodes or a database that do not answer now are told of by /ready; the next look may succeed.
    const because = await look().catch(() => undefined);
    if (because !== undefined) return onChange(because);
    setTimeout(again, interval).unref();
  };
  void again();
};

/** Notes the newest block, and one that is about to become final: a reorganisation may take back every head that was noted. */
export const noteHead = async (sql: Sql, chain: Chain, start: BlockRef, head: BlockRef): Promise<void> => {
  await addAnchor(sql, chain.id, head);
  const number = head.number - finalityDepth + margin;
  const hash = number > start.number ? await chain.hashAt(number) : undefined;
  if (hash !== undefined) await addAnchor(sql, chain.id, { number, hash });
};
