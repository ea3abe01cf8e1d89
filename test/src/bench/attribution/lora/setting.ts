import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  drawLabels,
  extractGradients,
  type GradientStore,
  openExtractor,
  readStore,
} from '@openledger/gpu-worker/attribution/influence';
import type { RetrainingRecipe } from '@openledger/gpu-worker/attribution/lds';
import { quantisedRows, type Sample, samplesOf, storedGradients } from '@openledger/gpu-worker/attribution/methods';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import { type Rows, rowCount, trainAdapter } from '@openledger/gpu-worker/factory';
import { type Adapter, newConfig } from '@openledger/gpu-worker/lora';
import type { Model } from '@openledger/gpu-worker/onnx';
import type { Plan } from '../part.ts';
import { readTexts } from './texts.ts';

/** Rows to train on, one to a contribution; queries, of which one half chooses λ; how often labels are drawn for each row. */
const [rowsAsked, queriesAsked, mostDraws] = [96, 48, 4];

/**
 * An adapter of rank 1 on the values and outputs of the shipped base's last two layers: 2,048 numbers, so that φ is the gradient
 * itself. It is trained without noise: every step on all rows, from one beginning, with an ε beside which AdamW's second moments
 * are nothing, which leaves gradient descent with momentum. What is compared, so, is attribution with retraining, and not
 * one order of rows with another.
 */
const adapted = [4, 5].flatMap((layer) => ['v_proj', 'o_proj'].map((name) => `layers.${layer}.self_attn.${name}`));
const training = {
  config: newConfig({ rank: 1, alpha: 4, targetModules: adapted, taskType: 'CAUSAL_LM' }),
  schedule: { peak: 0.3, warmup: 2, steps: 24, decay: 'cosine', floor: 0 },
  optimizer: { epsilon: 0.1, weightDecay: 0 },
  seed: 1,
} as const;

/** A small language model, an adapter of it, what it was trained on and what it is asked. */
export type Setting = {
  readonly base: Model;
  readonly adapter: Adapter;
  readonly rows: Rows;
  readonly queries: Rows;
  /** Each step on this many rows: all that are trained on. */
  readonly recipe: (rows: number) => RetrainingRecipe;
  readonly store: GradientStore;
  readonly rowsPerSecond: number;
  /** Rows and queries as methods look at them; rows with labels that the model drew. */
  readonly trained: readonly Sample[];
  readonly asked: readonly Sample[];
  readonly drawn: ReturnType<typeof quantisedRows>;
};

export const openSetting = async (
  { base: path, folder, threads, isQuick }: Plan,
  progress: (message: string) => void,
): Promise<Setting> => {
  progress('building the corpus from the installed packages');
  const shipped = await readBase(path);
  const corpus = join(folder, 'corpus');
  await mkdir(corpus);
  const { rows, queries } = await readTexts(shipped, { folder: corpus, rows: rowsAsked, queries: queriesAsked });
  const base = trainingModel(shipped.config, shipped.weights);
  const recipe = (batch: number): RetrainingRecipe => ({ ...training, batch, threads });
  const count = rowCount(rows);
  progress(`training the adapter on ${count} rows of ${rows.sequence} tokens`);
  const { adapter } = await trainAdapter({ ...recipe(count), base, data: rows });

  const projection = { dimensions: 2_048, seed: 'benchmark' };
  const file = join(folder, 'gradients');
  const contributions = Array.from({ length: count }, (_, row) => BigInt(row + 1));
  const started = performance.now();
  const session = { batch: 1, threads };
  await extractGradients(base, {
    ...{ adapter, ...projection, ...session, file, rows, contributions },
    settings: { adapter: 'benchmark' },
  });
  const rowsPerSecond = (1_000 * count) / (performance.now() - started);
  const draws = isQuick ? 1 : mostDraws;
  progress(`drawing labels from the model, ${draws} times`);
  const labels = await drawLabels(base, { adapter, rows, draws, seed: 1, threads });
  const extractor = await openExtractor(base, { adapter, ...projection, sequence: rows.sequence, batch: 8, threads });
  const gradientsOf = (some: Rows) =>
    extractor.gradientsOf(
      some,
      Array.from({ length: rowCount(some) }, (_, row) => row),
    );
  const store = await readStore(file);
  const drawn = quantisedRows((await gradientsOf(labels)).map((gradient) => ({ gradient })));
  const asked = await samplesOf(base, queries, { ...session, gradients: await gradientsOf(queries) });
  const trained = await samplesOf(base, rows, { ...session, gradients: storedGradients(store, count) });
  await extractor.close();
  return { base, adapter, rows, queries, recipe, store, rowsPerSecond, trained, asked, drawn };
};
