import type { FileHandle } from 'node:fs/promises';
import { canonicalJson } from '@openledger/protocol';
import { z } from 'zod';
import { InfluenceError } from './errors.ts';

// "OLGRADS1", uint32 the length of what follows, then RFC 8785 JSON { size, settings }, with spaces up to a multiple of 16.

const magic = Buffer.from('OLGRADS1');
const mostBytes = 65_536;

export type Header = {
  /** Numbers of φ. */
  readonly size: number;
  readonly settings: Readonly<Record<string, string | number>>;
};

const schema = z.strictObject({
  size: z.int().min(1).max(2048),
  settings: z.record(z.string(), z.union([z.string(), z.number()])),
});

/** The first bytes of a store. @throws InfluenceError for a size that no store has. */
export const headerOf = (header: Header): Buffer => {
  const known = schema.safeParse(header);
  if (!known.success) throw new InfluenceError(`No store has such a header: ${z.prettifyError(known.error)}`);
  const json = Buffer.from(canonicalJson(known.data));
  const bytes = Buffer.alloc(Math.ceil((12 + json.length) / 16) * 16, ' ');
  if (bytes.length > mostBytes)
    throw new InfluenceError(`The settings take ${json.length} bytes; ${mostBytes} are too many`);
  magic.copy(bytes);
  bytes.writeUInt32LE(bytes.length - 12, 8);
  json.copy(bytes, 12);
  return bytes;
};

/** @throws InfluenceError when the file does not begin as a store does. */
export const readHeader = async (file: string, handle: FileHandle): Promise<Header> => {
  const { buffer: start, bytesRead } = await handle.read(Buffer.alloc(12), 0, 12, 0);
  const length = lengthOf(start.subarray(0, bytesRead), file);
  const { buffer: text } = await handle.read(Buffer.alloc(length), 0, length, 12);
  return known(text, file);
};

/** The same of a whole file's bytes, with those of the header. @throws InfluenceError as {@link readHeader}. */
export const parseHeader = (bytes: Uint8Array, name: string): Header & { readonly header: Uint8Array } => {
  const header = bytes.subarray(0, 12 + lengthOf(bytes, name));
  return { ...known(Buffer.from(header.subarray(12)), name), header };
};

const lengthOf = (bytes: Uint8Array, name: string): number => {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(12, bytes.length));
  const length = start.length === 12 && magic.equals(start.subarray(0, 8)) ? start.readUInt32LE(8) : undefined;
  if (length === undefined || length > mostBytes) throw new InfluenceError(`${name} is no store of gradients`);
  return length;
};

const known = (text: Buffer, name: string): Header => {
  const header = schema.safeParse(parsed(text.toString()));
  const isSo = header.success && headerOf(header.data).subarray(12).equals(text);
  if (!isSo) throw new InfluenceError(`${name}: the header of this store is damaged`);
  return header.data;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
