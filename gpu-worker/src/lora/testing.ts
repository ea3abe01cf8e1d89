import * as ort from 'onnxruntime-node';
import { createBuilder, type Model, type Tensor, tensors, writeModel } from '../onnx/index.ts';
import { adapterOf } from './adapter.ts';
import { type NewConfig, newConfig } from './newConfig.ts';
import { createRandom } from './random.ts';
import type { SafeTensor } from './safetensors.ts';

// Small graphs and adapters for this folder's tests, and a real session to run them in.

export type Feeds = Readonly<Record<string, ort.Tensor>>;

export const f32 = (dims: readonly number[], data: Float32Array) => new ort.Tensor('float32', data, dims);
export const i64 = (values: readonly number[], dims = [values.length]) =>
  new ort.Tensor('int64', BigInt64Array.from(values.map(BigInt)), dims);

export const openSession = (model: Model) =>
  ort.InferenceSession.create(writeModel(model), {
    intraOpNumThreads: 1,
    executionMode: 'sequential',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });

/** Runs a model once. @returns the output of that name, or the first. */
export const run = async (model: Model, feeds: Feeds, output = model.graph.outputs[0]!.name): Promise<Float32Array> => {
  const session = await openSession(model);
  try {
    const results = await session.run(feeds, [output]);
    return Float32Array.from(results[output]!.data as Float32Array);
  } finally {
    await session.release();
  }
};

export const randoms = (seed: string, length: number): Float32Array => {
  const random = createRandom(seed);
  return Float32Array.from({ length }, () => random() * 2 - 1);
};

export const weight = (seed: string, dims: readonly number[]): Tensor =>
  tensors.float32(
    dims,
    randoms(
      seed,
      dims.reduce((product, dim) => product * dim, 1),
    ),
  );

/** Two layers in Llama's manner: x [batch, sequence, 8] → q_proj (8 → 6, as exporters fold it), o_proj (6 → 8, transposed in the graph). */
export const twoLayers = (opset = 17): Model => {
  const g = createBuilder({ opset });
  let x = g.input('x', 'float32', ['batch', 'sequence', 8]);
  for (const layer of [0, 1]) {
    const at = `model.layers.${layer}.self_attn`;
    const folded = g.initializer(`onnx::MatMul_${100 + layer}`, weight(`q ${layer}`, [8, 6]));
    const q = g.op('MatMul', [x, folded], { name: `/model/layers.${layer}/self_attn/q_proj/MatMul` });
    const biased = g.op('Add', [q, g.initializer(`${at}.q_proj.bias`, weight(`bias ${layer}`, [6]))]);
    const turned = g.op('Transpose', [g.initializer(`${at}.o_proj.weight`, weight(`o ${layer}`, [8, 6]))], {
      attributes: { perm: [1, 0] },
    });
    x = g.op('Tanh', [g.op('MatMul', [biased, turned])]);
  }
  g.output('logits', x, 'float32', ['batch', 'sequence', 8]);
  return g.build();
};

export type AdapterOptions = Partial<NewConfig> & {
  readonly modules: Readonly<Record<string, readonly [inputs: number, out: number]>>;
  readonly seed: string;
};

/** An adapter with random A and B for these modules. */
export const randomAdapter = ({ modules, seed, ...options }: AdapterOptions) => {
  const config = newConfig({ rank: 2, alpha: 4, targetModules: Object.keys(modules), ...options });
  const rankOf = (module: string) => options.rankPattern?.[module] ?? config.rank;
  const tensor = (name: string, dims: [number, number]): [string, SafeTensor] => [
    name,
    { dtype: 'F32', dims, data: weight(`${seed} ${name}`, dims).data },
  ];
  return adapterOf(config, {
    metadata: new Map([['format', 'pt']]),
    tensors: new Map(
      Object.entries(modules).flatMap(([module, [inputs, out]]) => [
        tensor(`base_model.model.${module}.lora_A.weight`, [rankOf(module), inputs]),
        tensor(`base_model.model.${module}.lora_B.weight`, [out, rankOf(module)]),
      ]),
    ),
  });
};

export const largestDifference = (left: Float32Array, right: Float32Array): number => {
  if (left.length !== right.length) return Number.POSITIVE_INFINITY;
  return left.reduce((largest, value, at) => Math.max(largest, Math.abs(value - right[at]!)), 0);
};
