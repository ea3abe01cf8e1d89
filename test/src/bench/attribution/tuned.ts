import { openExtractor } from '@openledger/gpu-worker/attribution/influence';
import { matrixSizes } from '@openledger/gpu-worker/attribution/methods';
import { type Rows, rowCount, trainAdapter } from '@openledger/gpu-worker/factory';
import { newConfig } from '@openledger/gpu-worker/lora';
import type { Model } from '@openledger/gpu-worker/onnx';

export type Tuning = {
  readonly base: Model;
  readonly rows: Rows;
  /** Rows whose gradients are wanted, and that are not learned. */
  readonly others?: Rows;
  readonly targetModules: readonly string[] | string;
  readonly alpha: number;
  readonly batch: number;
  readonly steps: number;
  /** The learning rate at its highest. */
  readonly peak: number;
  /** Of φ. */
  readonly dimensions: number;
  readonly threads: number;
};

export type Tuned = {
  /** Numbers of φ that are of each matrix of the adapter. */
  readonly matrices: readonly number[];
  readonly ofRows: readonly Float32Array[];
  readonly ofOthers: readonly Float32Array[];
  /** Of the last step, nats for each token. */
  readonly loss: number;
};

const rank = 8;

/** Trains an adapter on rows, and finds the projected gradients of these and of other rows with respect to it. */
export const tune = async ({ base, rows, others, threads, ...tuning }: Tuning): Promise<Tuned> => {
  const { targetModules, alpha, batch, steps, peak, dimensions } = tuning;
  let loss = Number.NaN;
  const { adapter } = await trainAdapter(
    {
      base,
      config: newConfig({ rank, alpha, targetModules, taskType: 'CAUSAL_LM' }),
      data: rows,
      batch,
      schedule: { peak, warmup: Math.ceil(steps / 20), steps, decay: 'cosine', floor: peak / 100 },
      clip: 1,
      seed: 1,
      threads,
    },
    {
      onProgress: (step) => {
        loss = step.loss;
      },
    },
  );
  const { sequence } = rows;
  const extractor = await openExtractor(base, { adapter, sequence, batch: 8, dimensions, seed: 'bench', threads });
  try {
    const gradientsOf = (some: Rows) =>
      extractor.gradientsOf(
        some,
        Array.from({ length: rowCount(some) }, (_, row) => row),
      );
    return {
      matrices: matrixSizes(extractor.projection),
      ofRows: await gradientsOf(rows),
      ofOthers: others ? await gradientsOf(others) : [],
      loss,
    };
  } finally {
    await extractor.close();
  }
};
