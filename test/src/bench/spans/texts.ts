import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { SpanDocument } from '@openledger/gpu-worker/attribution/spans';
import { type Document, readCorpus } from '@openledger/gpu-worker/corpus';
import { createRandom } from '@openledger/gpu-worker/factory';
import { loadTokenizer, type Tokenizer } from '@openledger/gpu-worker/tokenizer';

const root = resolve(import.meta.dirname, '../../../..');

/** Documentation of the installed packages in tokens: what is indexed, and what stands in none of it. */
export type Texts = {
  readonly tokenizer: Tokenizer;
  readonly documents: readonly Uint32Array[];
  readonly heldOut: readonly Uint32Array[];
};

/** @param most tokens to index, or less where there are not so many. */
export const readTexts = async (most: number, progress: (message: string) => void): Promise<Texts> => {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-corpus-'));
  try {
    progress('building the corpus from the installed packages');
    await promisify(execFile)(process.execPath, [join(root, 'gpu-worker/scripts/corpus.ts'), folder]);
    const { train, heldOut } = await readCorpus(folder);
    const tokenizer = await loadTokenizer(join(root, 'gpu-worker/base'));
    progress('encoding it');
    return { tokenizer, documents: encode(tokenizer, train, most), heldOut: encode(tokenizer, heldOut, most) };
  } finally {
    await rm(folder, { recursive: true });
  }
};

const encode = (tokenizer: Tokenizer, documents: readonly Document[], most: number): readonly Uint32Array[] => {
  const encoded: Uint32Array[] = [];
  let tokens = 0;
  for (const { text } of documents) {
    if (tokens >= most) break;
    const ids = Uint32Array.from(tokenizer.encode(text, { withSpecial: false }));
    encoded.push(ids);
    tokens += ids.length;
  }
  return encoded;
};

/** Tokens of a document that is put together from pieces of others. */
const pieceTokens = [8, 64] as const;
const pieces = 12;

/**
 * So many tokens as documents of twenty a contribution: the texts themselves, and where these are too few, others put together
 * from pieces of them, so that there are more passages that repeat than in any real text.
 */
export const documentsOf = (texts: readonly Uint32Array[], tokens: number): readonly SpanDocument[] => {
  const random = createRandom(20);
  const documents: Uint32Array[] = [];
  let sum = 0;
  const add = (document: Uint32Array) => {
    documents.push(document.subarray(0, tokens - sum));
    sum += documents.at(-1)!.length;
  };
  for (const text of texts) if (sum < tokens) add(text);
  const long = texts.filter(({ length }) => length > pieceTokens[1]);
  while (sum < tokens) {
    const parts = Array.from({ length: pieces }, () => {
      const text = long[random.below(long.length)]!;
      const length = pieceTokens[0] + random.below(pieceTokens[1] - pieceTokens[0]);
      const from = random.below(text.length - length);
      return [...text.subarray(from, from + length)];
    });
    add(Uint32Array.from(parts.flat()));
  }
  return documents.map((document, at) => ({ contributionId: BigInt(1 + Math.floor(at / 20)), tokens: document }));
};

/** So many answers of so many tokens: text that was never indexed, with passages of what was. */
export const answersOf = (
  { documents, heldOut }: Pick<Texts, 'documents' | 'heldOut'>,
  { count, tokens }: { readonly count: number; readonly tokens: number },
): readonly Uint32Array[] => {
  const random = createRandom(21);
  const piece = (texts: readonly Uint32Array[], length: number): number[] => {
    const long = texts.filter((text) => text.length > length);
    const text = long[random.below(long.length)]!;
    const from = random.below(text.length - length);
    return [...text.subarray(from, from + length)];
  };
  return Array.from({ length: count }, () => {
    const answer: number[] = [];
    while (answer.length < tokens) {
      answer.push(...piece(heldOut, 40 + random.below(80)), ...piece(documents, 8 + random.below(24)));
    }
    return Uint32Array.from(answer.slice(0, tokens));
  });
};
