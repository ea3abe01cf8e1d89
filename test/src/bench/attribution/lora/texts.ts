import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { withoutCopies } from '@openledger/gpu-worker/attribution/version';
import type { Base } from '@openledger/gpu-worker/base';
import { type Document, readCorpus } from '@openledger/gpu-worker/corpus';
import { createRandom, padExamples, type Rows } from '@openledger/gpu-worker/factory';
import { startingAlgorithm } from '@openledger/protocol/attribution';

const corpusScript = resolve(import.meta.dirname, '../../../../../gpu-worker/scripts/corpus.ts');

/** Tokens of a row. */
const sequence = 32;

/**
 * Beginnings of documents on the two subjects that were kept out of the base's training: each row is of another document, and none is
 * the copy of another; queries are of documents that are held out.
 */
export const readTexts = async (
  { tokenizer }: Base,
  { folder, rows, queries }: { readonly folder: string; readonly rows: number; readonly queries: number },
): Promise<{ rows: Rows; queries: Rows }> => {
  await promisify(execFile)(process.execPath, [corpusScript, folder]);
  const { domains } = await readCorpus(folder);
  const { begin, end } = tokenizer.special;
  const beginnings = (documents: readonly Document[]) =>
    shuffled(documents)
      .map(({ text }) => [begin!, ...tokenizer.encode(text, { withSpecial: false })])
      .filter(({ length }) => length >= sequence)
      .map((ids) => ({ ids: ids.slice(0, sequence) }));
  const each = Object.values(domains);
  const of = (part: 'train' | 'heldOut', count: number): Rows => {
    const examples = each.map((domain) => beginnings(domain[part]));
    const packed = examples.map((some) => padExamples(some, { sequence, separator: end! }));
    return joined(packed.map((some) => first(withoutCopies(some, startingAlgorithm.duplicates), count / each.length)));
  };
  return { rows: of('train', rows), queries: of('heldOut', queries) };
};

const first = ({ sequence, ids, labels }: Rows, count: number): Rows => ({
  sequence,
  ids: ids.slice(0, count * sequence),
  labels: labels.slice(0, count * sequence),
});

const joined = (parts: readonly Rows[]): Rows => ({
  sequence,
  ids: Int32Array.from(parts.flatMap(({ ids }) => [...ids])),
  labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
});

const shuffled = <Value>(values: readonly Value[]): Value[] => {
  const random = createRandom(77);
  const drawn = values.map((value) => ({ value, key: random.next() }));
  return drawn.sort((left, right) => left.key - right.key).map(({ value }) => value);
};
