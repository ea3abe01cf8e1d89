import { expect, test } from 'vitest';
import { headerOf } from './header.ts';
import { momentRows } from './momentRows.ts';
import { recordBytes, writeRecord } from './record.ts';
import { rowsOf } from './store.fixture.ts';
import { parseStore } from './store.ts';
import { whiten } from './whitening.ts';

const size = 12;
const parsed = (rows: readonly { contributionId: bigint; gradient: Float32Array }[]) => {
  const records = rows.map((row) => {
    const record = new Uint8Array(recordBytes(size));
    writeRecord(record, row);
    return record;
  });
  return parseStore(Buffer.concat([headerOf({ size, settings: {} }), ...records]));
};

test('what copies and foreign rows are added to whitens as it did without them', () => {
  const own = rowsOf(9, size);
  const copies = own.slice(2, 5).map((row) => ({ ...row, contributionId: 900n }));
  const foreign = rowsOf(12, size)
    .slice(9)
    .map((row) => ({ ...row, contributionId: 0n }));
  const store = parsed([...own, ...copies, ...foreign]);
  const clusters = Uint32Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 2, 3, 4, 12, 13, 14);
  const query = rowsOf(13, size)[12]!.gradient;
  const plain = whiten(parsed(own), { damping: 0.1 });
  const found = whiten(momentRows(store, clusters), { damping: 0.1 });
  expect([...found.solve(query)]).toEqual([...plain.solve(query)]);
  expect(found.norm(query)).toBe(plain.norm(query));
  expect([...whiten(store, { damping: 0.1 }).solve(query)]).not.toEqual([...plain.solve(query)]);
});

test('the norm of an answer is found from what it became, in whole steps too', () => {
  const whitening = whiten(parsed(rowsOf(9, size)), { damping: 0.1 });
  const query = rowsOf(13, size)[12]!.gradient;
  expect(whitening.solvedNorm(whitening.solve(query))).toBeCloseTo(whitening.norm(query), 10);
  expect(() => whitening.solvedNorm([1, 2])).toThrow('12 numbers here, not 2');
});
