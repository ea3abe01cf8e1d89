import { canonicalJson, type Hex } from '@openledger/protocol';
import { keccak256 } from 'ethers';
import { z } from 'zod';
import { SpanError } from './errors.ts';
import type { Segment } from './segment.ts';

// "OLSPANS1", uint32 the length of what follows, then RFC 8785 JSON { documents, tokens, vocabSize } with spaces up to a multiple of 16;
// owners uint64 and starts uint32 by document, tokens uint32, order uint32. All little-endian.

const magic = Buffer.from('OLSPANS1');
const mostHeader = 4_096;

/** A segment as it lies in its file, which its arrays are pieces of. */
export type StoredSegment = Segment & { readonly bytes: Uint8Array; readonly hash: Hex };

const schema = z.strictObject({
  documents: z.int().min(0),
  /** Separators included. */
  tokens: z.int().min(0),
  vocabSize: z.int().min(1),
});

type Header = z.output<typeof schema>;

export const storeSegment = (segment: Segment, vocabSize: number): StoredSegment => {
  const header = headerOf({ documents: segment.starts.length, tokens: segment.tokens.length, vocabSize });
  const bytes = new Uint8Array(header.length + bodyBytes(segment.starts.length, segment.tokens.length));
  bytes.set(header);
  const pieces = piecesOf(bytes, header.length, { documents: segment.starts.length, tokens: segment.tokens.length });
  pieces.contributions.set(segment.contributions);
  pieces.starts.set(segment.starts);
  pieces.tokens.set(segment.tokens);
  pieces.order.set(segment.order);
  return { ...pieces, bytes, hash: keccak256(bytes) as Hex };
};

/**
 * @param name of the file, for errors. @param vocabSize what the index has.
 * @throws SpanError for bytes that are no segment, or one that cannot be searched without leaving its arrays.
 */
export const readSegment = (given: Uint8Array, name: string, vocabSize: number): StoredSegment => {
  const view = new DataView(given.buffer, given.byteOffset, given.byteLength);
  const length =
    given.length >= 12 && magic.equals(given.subarray(0, 8)) && view.getUint32(8, true) <= mostHeader
      ? 12 + view.getUint32(8, true)
      : undefined;
  if (length === undefined) throw new SpanError(`${name} is no segment of a span index`);
  const header = parsed(Buffer.from(given.subarray(12, length)).toString());
  const isSo = header !== undefined && headerOf(header).equals(given.subarray(0, length));
  if (!isSo) throw new SpanError(`${name}: the header of this segment is damaged`);
  const expected = length + bodyBytes(header.documents, header.tokens);
  if (given.length !== expected) {
    throw new SpanError(`${name}: a segment with this header has ${expected} bytes, this file ${given.length}`);
  }
  if (header.vocabSize !== vocabSize) {
    throw new SpanError(`${name}: holds tokens below ${header.vocabSize}, those of its index are below ${vocabSize}`);
  }
  // Arrays of 64 bits begin at multiples of eight bytes.
  const bytes = given.byteOffset % 8 === 0 ? given : given.slice();
  const pieces = piecesOf(bytes, length, header);
  check(pieces, name, vocabSize);
  return { ...pieces, bytes, hash: keccak256(bytes) as Hex };
};

const headerOf = (header: Header): Buffer => {
  const json = Buffer.from(canonicalJson(header));
  const bytes = Buffer.alloc(Math.ceil((12 + json.length) / 16) * 16, ' ');
  magic.copy(bytes);
  bytes.writeUInt32LE(bytes.length - 12, 8);
  json.copy(bytes, 12);
  return bytes;
};

const parsed = (text: string): Header | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const bodyBytes = (documents: number, tokens: number): number => 12 * documents + 8 * tokens;

const piecesOf = (bytes: Uint8Array, from: number, { documents, tokens }: Omit<Header, 'vocabSize'>): Segment => {
  const { buffer } = bytes;
  const at = bytes.byteOffset + from;
  return {
    contributions: new BigUint64Array(buffer, at, documents),
    starts: new Uint32Array(buffer, at + 8 * documents, documents),
    tokens: new Uint32Array(buffer, at + 12 * documents, tokens),
    order: new Uint32Array(buffer, at + 12 * documents + 4 * tokens, tokens),
  };
};

/** That documents begin after separators, and only there, and that no suffix begins outside. */
const check = ({ contributions, starts, tokens, order }: Segment, name: string, vocabSize: number): void => {
  let document = 0;
  for (let at = 0; at < tokens.length; at++) {
    if (tokens[at]! > vocabSize) throw new SpanError(`${name}: token ${at} is ${tokens[at]}, above ${vocabSize}`);
    if (at > 0 && tokens[at - 1] !== vocabSize) continue;
    if (starts[document] !== at) throw new SpanError(`${name}: document ${document} does not begin at ${at}`);
    document++;
  }
  const isWhole = document === starts.length && (tokens.length === 0 || tokens.at(-1) === vocabSize);
  if (!isWhole) throw new SpanError(`${name}: ${document} documents end, and ${starts.length} are counted`);
  const outside = order.find((suffix) => suffix >= tokens.length);
  if (outside !== undefined) throw new SpanError(`${name}: a suffix begins at ${outside} of ${tokens.length} tokens`);
  const nobody = contributions.indexOf(0n);
  if (nobody >= 0) throw new SpanError(`${name}: document ${nobody} is of contribution 0, which is nobody's`);
};
