import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addSums,
  advanceWindow,
  type ChainSnapshot,
  type ChainWindow,
  type Event,
  endOf,
  fingerprintOf,
  openWindow,
  positionAfter,
  sumBetween,
} from './chain-window.ts';
import { decodeCursor, encodeCursor, endOfBlock, type Position } from './cursor.ts';

const CHAIN = 31337n;
const genesisHash = `0x${'5a'.repeat(32)}` as const;
const pad = (value: bigint | number, length: number) => value.toString().padStart(length, '0');
/** Some branches have other times: a block's id need not be higher than that of the one it replaces. */
const idOf = (block: number, log: number, branch: number) =>
  `${pad(1_790_000_000 + 3 * block + (branch % 3), 10)}${pad(CHAIN, 16)}${pad(block, 16)}${'0'.repeat(16)}5${pad(log, 16)}`;
const endOfNumber = (block: number) => endOfBlock(idOf(block, 0, 2));
const eventOf = (block: number, log: number, branch: number): Event => ({
  id: idOf(block, log, branch),
  chainId: CHAIN,
  block: BigInt(block),
  timestamp: 0n,
  txHash: `0x${pad(branch, 64)}`,
  logIndex: log,
  contract: '0x00',
  contractName: 'Open',
  event: 'Transfer',
  actor: '0x00',
  subjectType: 'account',
  subjectId: '0x00',
  datanetId: null,
  modelId: null,
  args: {},
});

/** What can happen between two looks at an index that is never behind its tables. */
const step = fc.record({
  /** Blocks taken back, never final ones. */
  back: fc.nat(3),
  /** Events in each new block. */
  blocks: fc.array(fc.nat(3), { maxLength: 3 }),
  final: fc.nat(3),
  /** The index restarts: its tables go back to what is final, and it is looked at before it has caught up. */
  restarts: fc.boolean(),
});

test('whoever follows the messages has exactly what the tables have, whatever is taken back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      let chain: Event[][] = [[]];
      let final = 0;
      let branch = 0;
      const snapshot = (since: string, upTo = chain.length - 1): ChainSnapshot => ({
        chainId: CHAIN,
        finalId: endOfNumber(final),
        finalBlock: BigInt(final),
        indexedBlock: BigInt(upTo),
        events: chain
          .slice(0, upTo + 1)
          .flat()
          .filter(({ id }) => id > since),
      });
      let window: ChainWindow = openWindow(snapshot(endOfNumber(0)));
      let held: Event[] = [];
      let position: Position = endOf(window);
      const finals: Event[] = [];
      const look = (next: ChainSnapshot) => {
        const advance = advanceWindow(window, next);
        window = advance.window;
        const { undoneAfter } = advance;
        if (undoneAfter !== null) held = held.filter(({ id }) => id <= undoneAfter);
        for (const entry of advance.added) {
          held.push(entry.event);
          position = positionAfter(window, entry);
        }
        finals.push(...advance.finalized.map(({ event }) => event));
      };
      for (const { back, blocks, final: further, restarts } of steps) {
        const kept = Math.max(final + 1, chain.length - back);
        if (kept < chain.length) branch += 1;
        chain = chain.slice(0, kept);
        for (const count of blocks) {
          const block = chain.length;
          chain.push(Array.from({ length: count }, (_, log) => eventOf(block, log, branch)));
        }
        final = Math.min(final + further, chain.length - 1);
        if (restarts) {
          for (let upTo = final; upTo < chain.length; upTo += 1) look(snapshot(window.finalId, upTo));
        }
        look(snapshot(window.finalId));
        // What was taken back without anything in its place is noticed once the index is as high again.
        if (held.every(({ block }) => block < chain.length)) expect(held).toEqual(chain.flat());
        expect(finals).toEqual(chain.slice(0, final + 1).flat());
        // A cursor of now is found to be right as long as nothing is taken back.
        if (position.base < position.at && position.at > window.finalId) {
          const decoded = decodeCursor(genesisHash, encodeCursor(genesisHash, new Map([[CHAIN, position]])), 'after');
          const { base, at, sum } = decoded.get(CHAIN)!;
          const inTables = chain.flat().filter(({ id }) => id > base && id <= window.finalId);
          const now = inTables.reduce((total, event) => addSums(total, fingerprintOf(event)), 0n);
          if (chain.flat().some(({ id }) => id === at)) expect(addSums(now, sumBetween(window, base, at))).toBe(sum);
        }
      }
      while (held.some(({ block }) => block >= chain.length)) chain.push([]);
      look(snapshot(window.finalId));
      expect(held).toEqual(chain.flat());
    }),
    { numRuns: 500 },
  );
});

test('a cursor comes back as it was', () => {
  const id = fc.bigInt({ min: 0n, max: 10n ** 75n - 1n }).map((value) => pad(value, 75));
  const position = fc.record({ base: id, at: id, sum: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }) });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), position), { maxLength: 16 }),
      (entries) => {
        const positions = new Map(entries);
        expect(decodeCursor(genesisHash, encodeCursor(genesisHash, positions), 'after')).toEqual(positions);
      },
    ),
  );
});

test('whatever is given for a cursor is refused with words, if at all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
      try {
        decodeCursor(genesisHash, text, 'after');
      } catch (error) {
        expect((error as Error).message).toMatch(/^after is (not )?a cursor/);
      }
    }),
  );
});
