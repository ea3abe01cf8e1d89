import { numberToHex } from 'viem';
import { numberOf, type RawBlock, readBlock } from './block.ts';
import type { Nodes } from './nodes.ts';

/** The newest block of a chain, as several nodes of different freshness come to it. */
export type Head = {
  /** Asks now. */
  read: () => Promise<RawBlock>;
  /** What was seen last, and when (`Date.now()`); undefined before the first answer. */
  last: () => { readonly block: RawBlock; readonly at: number } | undefined;
};

/** Milliseconds for which nobody is believed who only lost the newest blocks and has nothing in their place. */
const disbelief = 10_000;
const remembered = 512;

/**
 * A node that lags, or one that went back in time, would look like a reorganisation: all blocks above its head would be
 * taken back, and indexed again a moment later. So a head below the known one counts only when no node has the known one
 * any more, and, where it is merely an ancestor of it, when that stays so for a while.
 */
export const createHead = (nodes: Nodes): Head => {
  const latest = { method: 'eth_getBlockByNumber', params: ['latest', true] } as const;
  const hashes = new Map<bigint, string>();
  let seen: { block: RawBlock; at: number } | undefined;
  let lostSince: number | undefined;

  const note = (block: RawBlock): RawBlock => {
    const number = numberOf(block);
    for (const known of hashes.keys()) if (known > number) hashes.delete(known);
    hashes.set(number, block.hash);
    if (hashes.size > remembered) hashes.delete(hashes.keys().next().value!);
    seen = { block, at: Date.now() };
    lostSince = undefined;
    return block;
  };

  const choose = async (known: RawBlock, candidate: RawBlock): Promise<RawBlock> => {
    const answers = (await nodes.askAll(latest, readBlock)).map(({ answer }) => answer);
    const best = [candidate, ...answers].reduce((high, block) => (numberOf(block) > numberOf(high) ? block : high));
    if (numberOf(best) > numberOf(known)) return note(best);
    if (answers.some(({ hash }) => hash === known.hash)) return note(known);
    const there = await nodes.askAll(
      { method: 'eth_getBlockByNumber', params: [numberToHex(numberOf(known)), false] },
      (answer, node) => (answer === null ? undefined : readBlock(answer, node).hash),
    );
    if (there.some(({ answer }) => answer === known.hash)) return note(known);
    const isAncestor = hashes.get(numberOf(best)) === best.hash && best.hash !== known.hash;
    lostSince ??= Date.now();
    if (isAncestor && Date.now() - lostSince < disbelief) {
      seen = { block: known, at: Date.now() };
      return known;
    }
    return note(best);
  };

  return {
    read: async () => {
      const candidate = await nodes.ask(latest, readBlock);
      const known = seen?.block;
      if (known === undefined || numberOf(candidate) > numberOf(known)) return note(candidate);
      if (candidate.hash === known.hash) return note(known);
      return choose(known, candidate);
    },
    last: () => seen,
  };
};
