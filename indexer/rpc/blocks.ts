import { type Hex, numberToHex } from 'viem';
import { isFull, numberOf, type RawBlock, readBlock } from './block.ts';
import { RpcFault } from './fault.ts';
import type { Node } from './node.ts';
import type { Nodes } from './nodes.ts';
import { type Anchor, blockCall, mustHold, type Trunk } from './trunk.ts';

/** Blocks of a chain, those read ahead kept until they are asked for. */
export type Blocks = {
  /** Null beyond the head of every node. */
  byNumber: (number: bigint, full: boolean) => Promise<RawBlock | null>;
  /** Null when no node knows it. */
  byHash: (hash: Hex, full: boolean) => Promise<RawBlock | null>;
  /** Every block of a range, in order, each the parent of the next; with transactions where `full` says so. */
  range: (from: bigint, to: bigint, full: (number: bigint) => boolean) => Promise<readonly RawBlock[]>;
};

/** Blocks in one request, and requests at a time. */
const batch = 20;
const inFlight = 6;
/** Blocks kept at most until somebody asks. */
const keptAtMost = 20_000;

export const createBlocks = (nodes: Nodes, trunk: Trunk): Blocks => {
  /** Full blocks that were read with a range; each is asked for once more, by whoever stores it. */
  const ahead = new Map<bigint, RawBlock>();
  const keep = (block: RawBlock) => {
    ahead.set(numberOf(block), block);
    const [oldest] = ahead.keys();
    if (ahead.size > keptAtMost && oldest !== undefined) ahead.delete(oldest);
  };

  const ask = async (method: string, which: Hex, full: boolean, isIt: (block: RawBlock) => boolean) => {
    const accept = (answer: unknown, node: Node) => {
      if (answer === null) return null;
      const block = readBlock(answer, node);
      if (!isIt(block)) throw new RpcFault('unfit', `${node.origin} answered ${method} with another block`);
      return block;
    };
    const block = await nodes.ask({ method, params: [which, full] }, accept);
    if (block !== null || nodes.status().length === 1) return block;
    // A node that lags, or is on another branch, does not have it; that says nothing of the others.
    const answers = await nodes.askAll({ method, params: [which, full] }, accept);
    return answers.find((answer) => answer !== null) ?? null;
  };

  /** Blocks by number from one node, which shows in the same request that it is on the branch that is followed. */
  const onBranch = async (anchor: Anchor, numbers: readonly bigint[], full: boolean): Promise<readonly RawBlock[]> => {
    const calls = numbers.map((number) => ({ method: 'eth_getBlockByNumber', params: [numberToHex(number), full] }));
    return nodes.askMany([...calls, blockCall(anchor.number)], (answers, node) => {
      mustHold(anchor, answers.at(-1), node);
      return numbers.map((number, i) => {
        const block = readBlock(answers[i], node);
        if (numberOf(block) === number && (isFull(block) || !full)) return block;
        throw new RpcFault('unfit', `${node.origin} answered with another block than ${number}`);
      });
    });
  };

  const read = async (from: bigint, to: bigint, full: (number: bigint) => boolean) => {
    const anchor = await trunk.at(to);
    if (anchor === undefined) throw new RpcFault('unfit', `the chain does not reach block ${to}`);
    const found = new Map<bigint, RawBlock>();
    const wanted = Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
    const batches = [true, false].flatMap((isFullWanted) => {
      const those = wanted.filter((number) => full(number) === isFullWanted);
      return Array.from({ length: Math.ceil(those.length / batch) }, (_, i) => ({
        numbers: those.slice(i * batch, (i + 1) * batch),
        full: isFullWanted,
      }));
    });
    const worker = async () => {
      for (let next = batches.pop(); next !== undefined; next = batches.pop()) {
        for (const block of await onBranch(anchor, next.numbers, next.full)) found.set(numberOf(block), block);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    return wanted.map((number) => found.get(number)!);
  };

  return {
    byNumber: async (number, full) => {
      const block = full ? ahead.get(number) : undefined;
      if (block !== undefined) {
        ahead.delete(number);
        return block;
      }
      const anchor = await trunk.at(number);
      if (anchor !== undefined) return (await onBranch(anchor, [number], full))[0] ?? null;
      return ask('eth_getBlockByNumber', numberToHex(number), full, (found) => numberOf(found) === number);
    },
    byHash: (hash, full) => ask('eth_getBlockByHash', hash, full, (found) => found.hash === hash),
    range: async (from, to, full) => {
      for (let attempt = 1; ; attempt++) {
        const blocks = await read(from, to, full);
        const torn = blocks.findIndex((block, i) => i > 0 && block.parentHash !== blocks[i - 1]?.hash);
        if (torn === -1) {
          for (const block of blocks) if (full(numberOf(block))) keep(block);
          return blocks;
        }
        // Two branches in one range: the chain was reorganised meanwhile, or two nodes differ.
        if (attempt === 5) {
          throw new RpcFault('unfit', `blocks ${from} to ${to} do not follow one another at ${from + BigInt(torn)}`);
        }
      }
    },
  };
};
