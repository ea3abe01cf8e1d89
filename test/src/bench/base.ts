import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { xzSize } from '@openledger/gpu-worker/baselines';
import { type Corpus, type Document, readCorpus, readCorpusSummary } from '@openledger/gpu-worker/corpus';
import { ngramBits } from './base/ngram.ts';
import { scoreBase } from './base/score.ts';
import { baseTokenizer, openBase } from './base/shipped.ts';
import { type Bench, type Figures, round } from './report.ts';

const root = resolve(import.meta.dirname, '../../..');

/**
 * How well the shipped base predicts documentation of packages that it was not trained on, beside a compressor and an n-gram
 * model that had the same training text. Bits for each byte of the documents; each token is counted once, given what stands
 * before it in its document; ends of documents are not counted.
 */
export const base: Bench = {
  name: 'base',
  flags: ['--domains'],
  async run(flags, progress) {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-corpus-'));
    try {
      progress('building the corpus from the installed packages');
      await promisify(execFile)(process.execPath, [join(root, 'gpu-worker/scripts/corpus.ts'), folder]);
      const corpus = await readCorpus(folder);
      const shipped = await openBase(join(root, 'gpu-worker/base'));
      if (shipped === undefined)
        progress('there is no base in gpu-worker/base yet: only what it has to beat is measured');
      const { files } = await readCorpusSummary(folder);
      if (shipped?.trainedOn !== undefined && shipped.trainedOn !== files['train.jsonl']?.sha256) {
        progress(`the base was trained on another text than the one that xz and the n-grams get: ${shipped.trainedOn}`);
      }
      const tokenizer = shipped?.tokenizer ?? (await baseTokenizer(corpus));
      const scored = shipped === undefined ? {} : await scoreBase(shipped, corpus, flags.has('--domains'), progress);
      const ngrams = await ngramBits(corpus, tokenizer, progress);
      return { ...sizes(corpus), ...scored, ...(await xzBits(corpus, progress)), ...ngrams };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

const bytesOf = (documents: readonly Document[]): number =>
  documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);

const sizes = ({ train, heldOut }: Corpus): Figures => ({
  train_documents: train.length,
  train_bytes: bytesOf(train),
  held_out_documents: heldOut.length,
  held_out_bytes: bytesOf(heldOut),
});

/** Alone, and behind the training text: what the held-out text adds to it. */
async function xzBits({ train, heldOut }: Corpus, progress: (message: string) => void): Promise<Figures> {
  progress('compressing with xz -9e');
  const join = (documents: readonly Document[]) => documents.map(({ text }) => `${text}\n`).join('');
  const alone = (await xzSize(join(heldOut))) * 8;
  const after = ((await xzSize(join([...train, ...heldOut]))) - (await xzSize(join(train)))) * 8;
  const bytes = bytesOf(heldOut);
  return {
    xz_bits_per_byte: round(Math.min(alone, after) / bytes, 4),
    xz_alone_bits_per_byte: round(alone / bytes, 4),
    xz_after_training_text_bits_per_byte: round(after / bytes, 4),
  };
}
