import { createRequire } from 'node:module';
import type * as Onnxruntime from 'onnxruntime-node';
import { type Model, writeModel } from '../onnx/index.ts';

// The package is CommonJS with a native part; loaded this way its names are the same under every loader.
export const ort: typeof Onnxruntime = createRequire(import.meta.url)('onnxruntime-node');

export type SessionOptions = {
  readonly threads: number;
  /** A file name's beginning: onnxruntime writes what each node took there when the session ends. */
  readonly profile?: string;
};

/**
 * A session on the CPU. Threads wait without spinning: a step of the shipped base takes 5 to 10 % longer at its best (360 ms
 * for 323 to 345), but on cores that others use as well its 90th percentile is half (0.8 to 1.2 s for 1.6 to 2.0). Memory patterns would keep a second block of
 * all activations beside the arena that the first run grew (787 MB for 461 MB) and gain no time.
 */
export const openSession = (
  model: Model,
  { threads, profile }: SessionOptions,
): Promise<Onnxruntime.InferenceSession> =>
  ort.InferenceSession.create(writeModel(model), {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    enableCpuMemArena: true,
    enableMemPattern: false,
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
