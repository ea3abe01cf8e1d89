import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Base, readBase, trainingModel } from '@openledger/gpu-worker/base';
import { scoringRows } from '@openledger/gpu-worker/baselines';
import { type Corpus, type Document, readCorpus } from '@openledger/gpu-worker/corpus';
import {
  bitsPerByte,
  evaluate,
  packDocuments,
  type TrainedAdapter,
  trainAdapter,
} from '@openledger/gpu-worker/factory';
import { newConfig } from '@openledger/gpu-worker/lora';
import { type Bench, type Figures, round } from './report.ts';

const root = resolve(import.meta.dirname, '../../..');
const threads = availableParallelism();

/** Trained alike on every domain, whatever its size. */
const training = {
  rank: 16,
  alpha: 32,
  sequence: 256,
  batch: 8,
  schedule: { peak: 1e-3, warmup: 20, steps: 240, decay: 'cosine', floor: 1e-5 },
} as const;

/** Documents of the training text that the adapter is scored on, so that all three texts weigh about the same. */
const sampleEvery = 4;

/**
 * What an adapter learns of a datanet: adapters of the shipped base, one for each domain that was kept out of its training,
 * each scored on its own training text, on text of its domain that it never saw, and on the other domain. An adapter that
 * only memorised would be better on the first and not on the second.
 */
export const specialise: Bench = {
  name: 'specialise',
  flags: [],
  async run(_, progress) {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-corpus-'));
    try {
      progress('building the corpus from the installed packages');
      await promisify(execFile)(process.execPath, [join(root, 'gpu-worker/scripts/corpus.ts'), folder]);
      const base = await readBase(join(root, 'gpu-worker/base'));
      const corpus = await readCorpus(folder);
      const figures: Record<string, number> = { steps: training.schedule.steps, rank: training.rank };
      for (const name of Object.keys(corpus.domains)) {
        Object.assign(figures, await specialiseIn(name, base, corpus, progress));
      }
      return figures;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function specialiseIn(
  name: string,
  base: Base,
  { domains }: Corpus,
  progress: (message: string) => void,
): Promise<Figures> {
  const { train, heldOut } = domains[name]!;
  const [other] = Object.keys(domains).filter((domain) => domain !== name);
  const texts = {
    train: train.filter((_, index) => index % sampleEvery === 0),
    held_out: heldOut,
    [`other_${other}`]: domains[other!]!.heldOut,
  };
  progress(`training an adapter on ${name}`);
  const started = performance.now();
  const trained = await trainAdapter(jobOf(base, train));
  const seconds = (performance.now() - started) / 1_000;
  const figures: Record<string, number> = { [`${name}_seconds`]: round(seconds, 1) };
  for (const [text, documents] of Object.entries(texts)) {
    progress(`scoring ${text} of ${name} before and after`);
    figures[`${name}_${text}_before_bits_per_byte`] = await bitsOf(base, documents);
    figures[`${name}_${text}_after_bits_per_byte`] = await bitsOf(base, documents, trained);
  }
  return figures;
}

const jobOf = ({ config, weights, tokenizer }: Base, documents: readonly Document[]) => ({
  base: trainingModel(config, weights),
  config: newConfig({
    rank: training.rank,
    alpha: training.alpha,
    targetModules: 'all-linear',
    taskType: 'CAUSAL_LM',
  }),
  data: packDocuments(
    documents.map(({ text }) => tokenizer.encode(text)),
    { sequence: training.sequence, separator: tokenizer.special.end! },
  ),
  batch: training.batch,
  schedule: training.schedule,
  clip: 1,
  seed: 1,
  threads,
});

async function bitsOf(
  { config, weights, tokenizer }: Base,
  documents: readonly Document[],
  trained?: TrainedAdapter,
): Promise<number> {
  const rows = scoringRows(
    documents.map(({ text }) => tokenizer.encode(text, { withSpecial: false })),
    { sequence: config.max_position_embeddings, begin: tokenizer.special.begin! },
  );
  const model = trained?.model ?? trainingModel(config, weights);
  const found = await evaluate(model, { rows, batch: 4, threads, parameters: trained?.parameters ?? [] });
  const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  return round(bitsPerByte(found, bytes), 4);
}
