import { canonicalJson, type Hex } from '@openledger/protocol';
import { keccak256 } from 'ethers';
import { z } from 'zod';
import { SpanError } from './errors.ts';
import { readSegment } from './segmentFile.ts';
import { createSpanIndex, type SpanIndex } from './spanIndex.ts';

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((value) => value as Hex);

const schema = z.strictObject({
  schema: z.literal('openledger.spans/1'),
  tokenizerHash: hash,
  vocabSize: z.int().min(1),
  /** Tokens with separators. */
  segments: z.array(z.strictObject({ hash, documents: z.int().min(0), tokens: z.int().min(0) })).max(64),
});

export type SpanIndexFile = {
  /** What a version's record names as `files.spans`: RFC 8785 JSON that names the segments. */
  readonly body: Uint8Array;
  /** The segments' files, each to be found by its keccak256. */
  readonly segments: readonly { readonly hash: Hex; readonly body: Uint8Array }[];
};

export const encodeSpanIndex = ({ tokenizerHash, vocabSize, segments }: SpanIndex): SpanIndexFile => ({
  body: Buffer.from(
    canonicalJson({
      schema: 'openledger.spans/1',
      tokenizerHash,
      vocabSize,
      segments: segments.map(({ hash, starts, tokens }) => ({ hash, documents: starts.length, tokens: tokens.length })),
    }),
  ),
  segments: segments.map(({ hash, bytes }) => ({ hash, body: bytes })),
});

/**
 * A version's `suffixArrayRoot`: keccak256 of the index's body. By the segments' hashes it commits to every document, whose it
 * is, and the order of the suffixes.
 */
export const spanIndexRoot = (index: SpanIndex): Hex => keccak256(encodeSpanIndex(index).body) as Hex;

/**
 * @param read a segment's file by its keccak256, undefined where it is not kept.
 * @throws SpanError when a file is missing or not what its hash and the index say.
 */
export const openSpanIndex = async (
  body: Uint8Array,
  read: (hash: Hex) => Promise<Uint8Array | undefined>,
): Promise<SpanIndex> => {
  const text = Buffer.from(body).toString();
  const known = schema.safeParse(parsed(text));
  if (!known.success) throw new SpanError(`This is no index of spans: ${z.prettifyError(known.error)}`);
  if (canonicalJson(known.data) !== text) throw new SpanError('The index of spans is not in canonical JSON');
  const { tokenizerHash, vocabSize } = known.data;
  const segments = [];
  for (const [place, said] of known.data.segments.entries()) {
    const name = `Segment ${place} (${said.hash})`;
    const file = await read(said.hash);
    if (file === undefined) throw new SpanError(`${name} is not kept`);
    const segment = readSegment(file, name, vocabSize);
    if (segment.hash !== said.hash) throw new SpanError(`${name}: the file's hash is ${segment.hash}`);
    const [documents, tokens] = [segment.starts.length, segment.tokens.length];
    if (documents !== said.documents || tokens !== said.tokens) {
      throw new SpanError(
        `${name} has ${documents} documents and ${tokens} tokens; the index says ${said.documents} and ${said.tokens}`,
      );
    }
    segments.push(segment);
  }
  return createSpanIndex({ tokenizerHash, vocabSize, segments });
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
