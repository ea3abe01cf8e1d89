import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { canonicalJson } from '@openledger/protocol';
import { InfluenceError } from './errors.ts';
import { type Header, headerOf, parseHeader, readHeader } from './header.ts';
import { bias, headBytes, isWhole, type Row, recordBytes, writeRecord } from './record.ts';

/** What rows were made with: hashes of model, adapter and data, the projection's seed, … Part of the root. */
export type StoreSettings = Readonly<Record<string, string | number>>;

/** Quantised gradients, wherever they are. */
export type GradientRows = {
  /** Numbers of φ. */
  readonly size: number;
  readonly count: number;
  exponentOf: (row: number) => number;
  /** φ of a row in steps of 2^exponent. */
  valuesOf: (row: number) => Int8Array;
};

/** Rows of a file as they lie in it. */
export type GradientStore = Header &
  GradientRows & {
    /** The header's bytes. */
    readonly header: Uint8Array;
    /** [count, recordBytes] */
    readonly records: Uint8Array;
    contributionOf: (row: number) => bigint;
  };

export type StoreWriter = {
  /** Rows that are safely in the file: the next one appended has this index. */
  readonly count: number;
  /** Resolves when they are on disk. @throws InfluenceError for a row of another size, before anything is written. */
  append: (rows: readonly Row[]) => Promise<void>;
  close: () => Promise<void>;
};

/**
 * A file of gradients to append rows to. Where there is one already, it goes on after its last whole row: what a process that
 * was killed had half written is cut off.
 *
 * @example
 * const store = await openStore('adapter.gradients', { size: 512, settings: { adapter: hash, seed } });
 * for (let row = store.count; row < rows; row++) await store.append([{ contributionId, gradient }]);
 * await store.close();
 * @throws InfluenceError when the file is no store, or one of other settings.
 */
export const openStore = async (
  file: string,
  { size, settings }: { readonly size: number; readonly settings: StoreSettings },
): Promise<StoreWriter> => {
  const header = headerOf({ size, settings });
  const handle = (await open(file, 'r+').catch(whenMissing)) ?? (await create(file, header));
  let count: number;
  try {
    const found = await readHeader(file, handle);
    if (canonicalJson(found) !== canonicalJson({ size, settings })) {
      throw new InfluenceError(
        `${file} holds gradients of other settings: ${canonicalJson(found)}, not ${canonicalJson({ size, settings })}. ` +
          'Name another file, or delete this one to begin anew',
      );
    }
    count = 0;
    for await (const whole of wholeRecords(handle, header.length, recordBytes(size)))
      count += whole.length / recordBytes(size);
    await handle.truncate(header.length + count * recordBytes(size));
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    get count() {
      return count;
    },
    append: async (rows) => {
      const bytes = new Uint8Array(rows.length * recordBytes(size));
      for (const [at, row] of rows.entries()) {
        if (row.gradient.length !== size) {
          throw new InfluenceError(`A row has ${size} numbers here; one of ${row.gradient.length} was given`);
        }
        writeRecord(bytes.subarray(at * recordBytes(size), (at + 1) * recordBytes(size)), row);
      }
      await writeAll(handle, bytes, header.length + count * recordBytes(size));
      await handle.datasync();
      count += rows.length;
    },
    close: () => handle.close(),
  };
};

/**
 * Reads a whole store into memory.
 *
 * @throws InfluenceError when the file is no store, or a row of it is damaged or cut off.
 */
export const readStore = async (file: string): Promise<GradientStore> => {
  const handle = await open(file, 'r');
  try {
    const { size, settings } = await readHeader(file, handle);
    const header = headerOf({ size, settings });
    const length = recordBytes(size);
    const bytes = (await handle.stat()).size - header.length;
    const records = new Uint8Array(bytes);
    let at = 0;
    for await (const whole of wholeRecords(handle, header.length, length)) {
      records.set(whole, at);
      at += whole.length;
    }
    if (at !== bytes) {
      throw new InfluenceError(
        `${file}: row ${at / length} is damaged or not whole; open it for writing to go on from there`,
      );
    }
    return storeOf({ size, settings }, header, records);
  } finally {
    await handle.close();
  }
};

/**
 * A store from the bytes of its file.
 *
 * @param name for errors. @throws InfluenceError when they are no store's, or a row is damaged or cut off.
 */
export const parseStore = (bytes: Uint8Array, name = 'store'): GradientStore => {
  const { header, ...known } = parseHeader(bytes, name);
  const length = recordBytes(known.size);
  const records = bytes.subarray(header.length);
  for (let at = 0; at < records.length; at += length) {
    if (at + length > records.length || !isWhole(records.subarray(at, at + length))) {
      throw new InfluenceError(`${name}: row ${at / length} is damaged or not whole`);
    }
  }
  return storeOf(known, header, records);
};

const storeOf = ({ size, settings }: Header, header: Uint8Array, records: Uint8Array): GradientStore => {
  const length = recordBytes(size);
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength);
  return {
    size,
    settings,
    header,
    records,
    count: records.length / length,
    contributionOf: (row) => view.getBigUint64(row * length, true),
    exponentOf: (row) => view.getInt8(row * length + 8),
    valuesOf: (row) => {
      const from = row * length + headBytes;
      return Int8Array.from(records.subarray(from, from + size), (value) => value - bias);
    },
  };
};

type Handle = Awaited<ReturnType<typeof open>>;

const whenMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ENOENT') throw error;
};

/** A header is there whole or not at all. */
const create = async (file: string, header: Uint8Array): Promise<Handle> => {
  const draft = await open(`${file}.draft`, 'w');
  await writeAll(draft, header, 0);
  await draft.sync();
  await draft.close();
  await rename(`${file}.draft`, file);
  const folder = await open(dirname(file), 'r');
  await folder.sync();
  await folder.close();
  return open(file, 'r+');
};

const writeAll = async (handle: Handle, bytes: Uint8Array, position: number): Promise<void> => {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
};

const mostBytesAtOnce = 2 ** 24;

/** The records of a file up to the first that is not whole, many at once; the array is used again for the next ones. */
async function* wholeRecords(handle: Handle, from: number, length: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(1, Math.floor(mostBytesAtOnce / length)) * length);
  for (let position = from; ; ) {
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    let whole = 0;
    while (whole + length <= filled && isWhole(buffer.subarray(whole, whole + length))) whole += length;
    if (whole > 0) yield buffer.subarray(0, whole);
    if (whole < buffer.length) return;
    position += whole;
  }
}
