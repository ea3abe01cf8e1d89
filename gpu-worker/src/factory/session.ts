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
 * A session on the CPU. Threads wait without spinning: on shared cores spinning costs others more than it gains, and on
 * quiet ones the difference is within the noise for matrices of training size. Memory patterns would keep a second block of
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
