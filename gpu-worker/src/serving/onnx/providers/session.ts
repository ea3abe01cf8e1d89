import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { openSession, ort } from '../../../factory/index.ts';
import { type Model, writeModel, writeModelFile } from '../../../onnx/index.ts';

/** Opens a session for a model. */
export type OpenSession = (model: Model) => Promise<InferenceSession>;

export type SessionOptions = {
  /** As onnxruntime calls it: `cpu`, `webgpu`, `cuda`. */
  readonly provider: string;
  /** Threads that one run uses on the CPU. */
  readonly threads: number;
  /** Weights of more bytes go through a file: one of ONNX cannot hold 2 GiB. */
  readonly inlineBytes?: number;
};

/** How models are opened on a provider; what it cannot compute itself, the CPU does. */
export const openOn =
  ({ provider, threads, inlineBytes = 2 ** 30 }: SessionOptions): OpenSession =>
  async (model) => {
    const weights = [...model.graph.initializers.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
    const isInline = weights <= inlineBytes;
    if (isInline && provider === 'cpu') return openSession(model, { threads });
    const options: InferenceSession.SessionOptions = {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      enableMemPattern: false,
      // That shapes are computed on the CPU beside a GPU is no news.
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    };
    return isInline
      ? ort.InferenceSession.create(writeModel(model), options)
      : throughFile(model, (path) => ort.InferenceSession.create(path, options));
  };

/** The file is needed until the session has its weights in memory. */
const throughFile = async <Result>(model: Model, open: (path: string) => Promise<Result>): Promise<Result> => {
  const folder = await mkdtemp(join(tmpdir(), 'model-'));
  try {
    const path = join(folder, 'model.onnx');
    await writeModelFile(model, path, { external: { file: 'model.onnx_data', threshold: 1_024 } });
    return await open(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
