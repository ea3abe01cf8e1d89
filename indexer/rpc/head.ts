import { setTimeout as wait } from 'node:timers/promises';
import { numberToHex } from 'viem';
import { numberOf, type RawBlock, readBlock } from './block.ts';
import type { Node } from './node.ts';
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
/** Milliseconds without a new block after which the other nodes are asked whether they have one. */
const standstill = 5_000;
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
  let movedAt = 0;

  const note = (block: RawBlock): RawBlock => {
    const number = numberOf(block);
    for (const known of hashes.keys()) if (known > number) hashes.delete(known);
    if (number > 0n) hashes.set(number - 1n, block.parentHash);
    hashes.set(number, block.hash);
    for (const known of hashes.keys()) if (hashes.size > remembered) hashes.delete(known);
    if (block.hash !== seen?.block.hash) movedAt = Date.now();
    seen = { block, at: Date.now() };
    lostSince = undefined;
    return block;
  };

  /** The highest that any node tells within a second. A node that stands still answers like any other. */
  const highest = async (): Promise<RawBlock | undefined> => {
    const heard: RawBlock[] = [];
    const hear = (answer: unknown, node: Node) => heard.push(readBlock(answer, node));
    await Promise.race([nodes.askAll(latest, hear), wait(1_000, undefined, { ref: false })]);
    return heard.reduce<RawBlock | undefined>(
      (high, block) => (high === undefined || numberOf(block) > numberOf(high) ? block : high),
      undefined,
    );
  };

  /** Whether a block may well be an ancestor of the newest one: as far as is remembered, the chain below it is the same. */
  const isAncestor = async (block: RawBlock): Promise<boolean> => {
    const below = [...hashes.keys()].filter((number) => number <= numberOf(block));
    const nearest = below.reduce((high, number) => (number > high ? number : high), -1n);
    if (nearest === -1n) return true;
    if (nearest === numberOf(block)) return hashes.get(nearest) === block.hash;
    return (await hashesAt(nearest)).includes(hashes.get(nearest));
  };

  const hashesAt = (number: bigint): Promise<readonly (string | undefined)[]> => {
    const call = { method: 'eth_getBlockByNumber', params: [numberToHex(number), false] };
    const read = (answer: unknown, node: Node) => (answer === null ? undefined : readBlock(answer, node).hash);
    return nodes.askAll(call, read);
  };

  const choose = async (known: RawBlock, candidate: RawBlock): Promise<RawBlock> => {
    const answers = await nodes.askAll(latest, readBlock);
    const best = [candidate, ...answers].reduce((high, block) => (numberOf(block) > numberOf(high) ? block : high));
    if (numberOf(best) > numberOf(known)) return note(best);
    if (answers.some(({ hash }) => hash === known.hash)) return note(known);
    if ((await hashesAt(numberOf(known))).includes(known.hash)) return note(known);
    lostSince ??= Date.now();
    if ((await isAncestor(best)) && Date.now() - lostSince < disbelief) {
      seen = { block: known, at: Date.now() };
      return known;
    }
    return note(best);
  };

  return {
    read: async () => {
      if (nodes.status().length > 1 && Date.now() - movedAt > standstill) {
        movedAt = Date.now();
        const best = await highest();
        if (best !== undefined && (seen === undefined || numberOf(best) > numberOf(seen.block))) return note(best);
      }
      const candidate = await nodes.ask(latest, readBlock);
      const known = seen?.block;
      if (known === undefined || numberOf(candidate) > numberOf(known)) return note(candidate);
      if (candidate.hash === known.hash) return note(known);
      return choose(known, candidate);
    },
    last: () => seen,
  };
};
