import type { Hex } from '@openledger/db/chain';
import { expect, test } from 'vitest';
import type { Candidate } from './candidates.ts';
import { inOrder, type Pressure } from './choose.ts';

const worker = (n: number, some: Partial<Candidate> = {}): Candidate => ({
  address: `0x${n.toString(16).padStart(40, '0')}`,
  endpoint: `http://worker-${n}`,
  version: 1,
  adapter: 'loaded',
  requestSlots: 16,
  running: 0,
  waiting: 0,
  isPaid: true,
  ...some,
});
const idle = (): Pressure => ({ own: 0, isResting: false });
const numbers = (ordered: readonly Candidate[]) => ordered.map(({ address }) => Number(address));

test('who holds the adapter is asked before who has it stored, and that one before who only knows of it', () => {
  const candidates = [
    worker(1, { adapter: 'failed' }),
    worker(2, { adapter: null }),
    worker(3, { adapter: 'stored' }),
    worker(4),
  ];
  expect(numbers(inOrder(candidates, 'a', idle))).toEqual([4, 3, 2, 1]);
});

test('a holder that is overloaded is left for one that has to load it first', () => {
  const stored = worker(2, { adapter: 'stored' });
  expect(numbers(inOrder([worker(1, { waiting: 3 }), stored], 'a', idle))).toEqual([2, 1]);
  const resting = (address: Hex) => ({ own: 0, isResting: address === worker(1).address });
  expect(numbers(inOrder([worker(1), stored], 'a', resting))).toEqual([2, 1]);
  const crowded = (address: Hex) => ({ own: address === worker(1).address ? 32 : 0, isResting: false });
  expect(numbers(inOrder([worker(1), stored], 'a', crowded))).toEqual([2, 1]);
});

test('a holder that is merely busier than another is asked before it', () => {
  expect(numbers(inOrder([worker(1, { running: 15 }), worker(2, { adapter: 'stored' })], 'a', idle))).toEqual([1, 2]);
  expect(numbers(inOrder([worker(1, { running: 15 }), worker(2, { running: 2 })], 'a', idle))).toEqual([2, 1]);
});

test('who was promised money is asked before who would refuse without', () => {
  expect(numbers(inOrder([worker(1, { isPaid: false }), worker(2, { waiting: 9 })], 'a', idle))).toEqual([2, 1]);
});

test('equal workers share adapters among them, each adapter staying with one', () => {
  const candidates = [1, 2, 3, 4].map((n) => worker(n, { adapter: 'known' }));
  const first = (key: string, of = candidates) => numbers(inOrder(of, key, idle))[0]!;
  const keys = Array.from({ length: 400 }, (_, n) => `adapter ${n}`);
  const homes = new Map(keys.map((key) => [key, first(key)]));
  for (const n of [1, 2, 3, 4]) {
    expect([...homes.values()].filter((home) => home === n).length).toBeGreaterThan(60);
  }
  // Without one of them only its own move.
  const left = candidates.slice(1);
  for (const [key, home] of homes) if (home !== 1) expect(first(key, [...left].reverse())).toBe(home);
});
