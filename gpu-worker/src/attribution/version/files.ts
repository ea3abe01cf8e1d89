import type { Hex } from '@openledger/protocol';
import { canonicalJson } from '@openledger/protocol';
import { keccak256, toUtf8Bytes } from 'ethers';
import { z } from 'zod';
import { VersionError } from './errors.ts';

/** A body to keep under its keccak256. */
export type NewFile = { readonly hash: Hex; readonly mediaType: string; readonly body: Uint8Array };

/** The body behind a keccak256, checked; undefined where nobody keeps it. */
export type ReadFile = (hash: Hex) => Promise<Uint8Array | undefined>;

/** A database takes bodies whole: larger files are kept in pieces of so many bytes. */
export const mostBytes = 128 * 2 ** 20;

const mark = '{"parts":[';
const partsSchema = z.strictObject({
  schema: z.literal('openledger.parts/1'),
  size: z.int().min(1),
  parts: z
    .array(
      z
        .string()
        .regex(/^0x[0-9a-f]{64}$/)
        .transform((hash) => hash as Hex),
    )
    .min(2),
});

/** A file as contents: itself, or beyond 128 MiB its pieces and an `openledger.parts/1` document that lists them. The last one names all. */
export const filesOf = (mediaType: string, body: Uint8Array, most = mostBytes): readonly NewFile[] => {
  if (body.length <= most) return [fileOf(mediaType, body)];
  const parts = Array.from({ length: Math.ceil(body.length / most) }, (_, at) =>
    fileOf(mediaType, body.subarray(at * most, (at + 1) * most)),
  );
  const list = { schema: 'openledger.parts/1', size: body.length, parts: parts.map(({ hash }) => hash) };
  return [...parts, jsonFile(list)];
};

/** RFC 8785 JSON as content. */
export const jsonFile = (value: unknown): NewFile => fileOf('application/json', toUtf8Bytes(canonicalJson(value)));

export const fileOf = (mediaType: string, body: Uint8Array): NewFile => ({
  hash: keccak256(body) as Hex,
  mediaType,
  body,
});

/**
 * The file that {@link filesOf} made contents of.
 *
 * @param what for errors: what the hash is of. @throws VersionError when it, or a piece of it, is not kept, or is another length.
 */
export const readFileOf = async (read: ReadFile, hash: Hex, what: string): Promise<Uint8Array> => {
  const body = await required(read, hash, what);
  if (!startsWith(body, mark)) return body;
  const parsed = partsSchema.safeParse(JSON.parse(new TextDecoder().decode(body)));
  if (!parsed.success)
    throw new VersionError(`${what} (${hash}) is no list of parts: ${z.prettifyError(parsed.error)}`);
  const { parts, size } = parsed.data;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const [number, part] of parts.entries()) {
    const piece = await required(read, part, `${what}, part ${number + 1} of ${parts.length}`);
    if (at + piece.length > size)
      throw new VersionError(`${what} (${hash}) has more than the ${size} bytes that it says`);
    whole.set(piece, at);
    at += piece.length;
  }
  if (at !== size) throw new VersionError(`${what} (${hash}) has ${at} bytes, not the ${size} that it says`);
  return whole;
};

const required = async (read: ReadFile, hash: Hex, what: string): Promise<Uint8Array> => {
  const body = await read(hash);
  if (body === undefined) throw new VersionError(`${what} (${hash}) is not kept in the content store`);
  if (keccak256(body) !== hash)
    throw new VersionError(`${what} (${hash}) is damaged: its keccak256 is ${keccak256(body)}`);
  return body;
};

const startsWith = (body: Uint8Array, text: string): boolean =>
  body.length >= text.length && Buffer.from(body.buffer, body.byteOffset, text.length).toString('latin1') === text;
