import { setTimeout as wait } from 'node:timers/promises';
import { type Hex, numberToHex } from 'viem';
import { numberOf, readBlock } from './block.ts';
import { notSupported, RpcFault } from './fault.ts';
import type { Head } from './head.ts';
import type { Call, Node } from './node.ts';
import type { Nodes } from './nodes.ts';

/** A block of the branch that is followed. A node that has it has all its ancestors too. */
export type Anchor = {
  readonly number: bigint;
  readonly hash: Hex;
  /** It is the newest block, which a reorganisation may take away at any moment. */
  readonly isHead: boolean;
};

/** The branch that is followed, to tell nodes that are on it from those that were left on another one. */
export type Trunk = {
  /** A block of the branch at or above a number; undefined above the head. */
  at: (number: bigint) => Promise<Anchor | undefined>;
};

/** Blocks below the head from which on an anchor is not the head itself, so that nodes that lag a little have it too. */
const depth = 30n;
const attempts = 10;
/** Milliseconds for which such an anchor is kept. */
const kept = 20_000;

/**
 * A node that was left on a branch answers blocks by number like any other: with blocks that were once on the chain, that
 * follow one another, and whose receipts prove themselves. So whoever asks for blocks by number asks in the same request for
 * a block of the branch above them.
 */
export const createTrunk = (nodes: Nodes, head: Head): Trunk => {
  let pivot: { anchor: Anchor; at: number } | undefined;

  const derive = async (): Promise<Anchor> => {
    for (let attempt = 1; ; attempt++) {
      const newest = await head.read();
      const number = numberOf(newest) - depth;
      const calls = [blockCall(number), blockCall(numberOf(newest))];
      const [below, top] = await nodes.askMany(calls, (answers, node) =>
        answers.map((answer) => readBlock(answer, node)),
      );
      if (below !== undefined && top?.hash === newest.hash) {
        pivot = { anchor: { number, hash: below.hash, isHead: false }, at: Date.now() };
        return pivot.anchor;
      }
      // The head was taken back meanwhile, or this node is on another branch; the next one to be asked may not be.
      if (attempt === attempts) throw new RpcFault('unfit', `no node has block ${newest.hash} and those below it`);
      await wait(200 * attempt);
    }
  };

  return {
    at: async (number) => {
      if (pivot !== undefined && Date.now() - pivot.at < kept && pivot.anchor.number >= number) return pivot.anchor;
      const newest = head.last()?.block ?? (await head.read());
      if (number > numberOf(newest)) return undefined;
      if (number > numberOf(newest) - depth) {
        return { number: numberOf(newest), hash: newest.hash, isHead: true };
      }
      return derive();
    },
  };
};

/** The question for a block's header. */
export const blockCall = (number: bigint): Call => ({
  method: 'eth_getBlockByNumber',
  params: [numberToHex(number), false],
});

/** @throws RpcFault when a node's answer to the question for an anchor is another block, or none. */
export const mustHold = ({ number, hash, isHead }: Anchor, answer: unknown, { origin }: Node): void => {
  if ((answer as { hash?: Hex } | null)?.hash === hash) return;
  throw new RpcFault(isHead ? 'gone' : 'unfit', `${origin} is not on the branch of block ${number}`, {
    code: isHead ? notSupported : undefined,
  });
};
