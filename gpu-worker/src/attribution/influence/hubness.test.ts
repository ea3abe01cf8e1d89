import { expect, test } from 'vitest';
import { createRandom } from '../../factory/index.ts';
import { headerOf } from './header.ts';
import { hubness } from './hubness.ts';
import { recordBytes, writeRecord } from './record.ts';
import { parseStore } from './store.ts';
import { whiten } from './whitening.ts';

const size = 24;
const random = createRandom(3);
const vector = () => Float64Array.from({ length: size }, () => random.normal());
const storeOf = (rows: readonly { contributionId: bigint; gradient: Float64Array }[]) =>
  parseStore(
    Buffer.concat([
      headerOf({ size, settings: {} }),
      ...rows.map((row) => {
        const record = new Uint8Array(recordBytes(size));
        writeRecord(record, row);
        return record;
      }),
    ]),
  );

test('a row that is near to whatever is asked is known as one, however it scores for one answer', () => {
  const foreign = Array.from({ length: 90 }, vector);
  const mean = Float64Array.from({ length: size }, (_, at) => foreign.reduce((sum, of) => sum + of[at]! + 0.6, 0));
  const store = storeOf([
    ...Array.from({ length: 30 }, () => ({ contributionId: 1n, gradient: vector() })),
    { contributionId: 2n, gradient: mean },
    ...foreign.map((of) => ({ contributionId: 0n, gradient: of.map((value) => value + 0.6) })),
  ]);
  const whitening = whiten(store, { damping: 1 });
  const hubs = hubness(store, whitening, 500_000);
  // Its products with every second foreign row, by hand: gᵀH⁻¹f / √(fᵀH⁻¹f), to the rounding of what an answer is stored with.
  const gradientOf = (row: number) =>
    Float64Array.from(store.valuesOf(row), (value) => value * 2 ** store.exponentOf(row));
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
  const solved = whitening.solve(gradientOf(30));
  const plain = Array.from({ length: 64 }, (_, at) => gradientOf(31 + Math.floor((at * 90) / 64)))
    .map((answer) => dot(solved, answer) / whitening.norm(answer))
    .sort((a, b) => a - b);
  expect(hubs[30]! / plain[31]!).toBeCloseTo(1, 3);
  const norms = Float64Array.from(hubs, (_, row) => whitening.norm(gradientOf(row)));
  const near = hubs.map((hub, row) => hub / norms[row]!);
  expect(near[30]).toBeGreaterThan(3 * Math.max(...near.slice(0, 30)));
});

test('without foreign rows no row is a hub', () => {
  const store = storeOf([{ contributionId: 1n, gradient: vector() }]);
  expect([...hubness(store, whiten(store, { damping: 1 }), 950_000)]).toEqual([0]);
});
