import { createHash } from 'node:crypto';
import { openStore } from './store.ts';

/** Rows that are the same in every process. */
export const rowsOf = (count: number, size: number): { contributionId: bigint; gradient: Float32Array }[] =>
  Array.from({ length: count }, (_, row) => {
    const bytes = createHash('shake256', { outputLength: 4 * size })
      .update(`row ${row}`)
      .digest();
    const gradient = Float32Array.from({ length: size }, (_, at) => bytes.readInt32LE(4 * at) / 2 ** (20 + (row % 60)));
    return { contributionId: BigInt(7 * row + 1), gradient };
  });

// Run as a program: appends one row after another to a file and says how many are in it, until it is done or killed.
if (process.argv[1] === import.meta.filename) {
  const [, , file, count] = process.argv;
  const store = await openStore(file!, { size: 20, settings: { adapter: '0xabc', seed: 'one', rows: 9 } });
  const rows = rowsOf(Number(count), 20);
  while (store.count < rows.length) {
    await store.append([rows[store.count]!]);
    process.stdout.write(`${store.count}\n`);
  }
  await store.close();
}
