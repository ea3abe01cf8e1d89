import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { readSafetensors, type Safetensors } from '../src/lora/index.ts';
import { type Model, writeModel } from '../src/onnx/index.ts';

// What PyTorch, transformers and peft made (gpu-worker/fixtures), and real sessions to compare with it.

export const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

export const architectures = ['gpt2', 'llama', 'qwen2', 'bert'] as const;
export type Architecture = (typeof architectures)[number];

/** Folder names of all exports of a model with logits, as exporters wrote them. */
export const exportsOf = (architecture: Architecture): readonly string[] =>
  architecture === 'bert' ? ['legacy', 'dynamo'] : ['legacy', 'dynamo', 'past'];

export const modelPath = (architecture: Architecture, exporter: string): string =>
  `${fixtures}models/${architecture}/${exporter}/model.onnx`;

export const adaptersOf = (architecture: Architecture): readonly string[] =>
  readdirSync(`${fixtures}adapters/${architecture}`).sort();

export const adapterFolder = (architecture: Architecture, name: string): string =>
  `${fixtures}adapters/${architecture}/${name}`;

export const readTensors = (path: string): Safetensors['tensors'] => readSafetensors(readFileSync(path)).tensors;

export const referenceOf = (architecture: Architecture): Safetensors['tensors'] =>
  readTensors(`${fixtures}models/${architecture}/reference.safetensors`);

export type Feeds = Record<string, ort.Tensor>;

export const tensorOf = (tensors: Safetensors['tensors'], name: string): ort.Tensor => {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`The reference has no ${name}; it has ${[...tensors.keys()].join(', ')}`);
  const bytes = Uint8Array.from(tensor.data);
  return tensor.dtype === 'I64'
    ? new ort.Tensor('int64', new BigInt64Array(bytes.buffer), tensor.dims)
    : new ort.Tensor('float32', new Float32Array(bytes.buffer), tensor.dims);
};

export const floatsOf = (tensors: Safetensors['tensors'], name: string): Float32Array =>
  tensorOf(tensors, name).data as Float32Array;

/** What a model is fed: the reference's tensors by the names of its inputs, and empty pasts. */
export const feedsOf = (model: Model, tensors: Safetensors['tensors'], prefix = ''): Feeds =>
  Object.fromEntries(
    model.graph.inputs
      .filter(({ name }) => name.startsWith('past_key_values.') || tensors.has(prefix + name))
      .map(({ name, shape }) => [
        name,
        name.startsWith('past_key_values.')
          ? new ort.Tensor('float32', new Float32Array(0), [4, Number(shape![1]), 0, Number(shape![3])])
          : tensorOf(tensors, prefix + name),
      ]),
  );

/** The names of dimensions, as each exporter has them, with the lengths of the reference's batch. */
export const lengthsOf = (model: Model): Record<string, number> => {
  const lengths: Record<string, number> = {
    batch: 4,
    batch_size: 4,
    sequence: 12,
    sequence_length: 12,
    past_sequence_length: 0,
  };
  const names = new Set(model.graph.inputs.flatMap(({ shape }) => shape ?? []));
  return Object.fromEntries(Object.entries(lengths).filter(([name]) => names.has(name)));
};

type Run = (feeds: Feeds) => Promise<Record<string, ort.Tensor>>;

/** One session for several runs. */
export const withSession = async <T>(model: Model, use: (run: Run) => Promise<T>): Promise<T> => {
  const session = await ort.InferenceSession.create(writeModel(model), {
    intraOpNumThreads: 1,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  try {
    return await use(async (feeds) => ({ ...(await session.run(feeds)) }));
  } finally {
    await session.release();
  }
};

export const run = (model: Model, feeds: Feeds): Promise<Record<string, ort.Tensor>> =>
  withSession(model, (runOnce) => runOnce(feeds));

/** The largest difference over the largest expected magnitude; infinite where lengths differ or a number is NaN. `where` picks elements. */
export const relativeDifference = (
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  where: (index: number) => boolean = () => true,
): number => {
  if (actual.length !== expected.length || expected.length === 0) return Number.POSITIVE_INFINITY;
  let [difference, magnitude] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (!where(i)) continue;
    const apart = Math.abs(actual[i]! - expected[i]!);
    if (Number.isNaN(apart)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, apart);
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
  }
  return difference / magnitude;
};

/** [rows, columns] → [columns, rows] */
export const turned = (values: Float32Array, rows: number, columns: number): Float32Array =>
  values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
