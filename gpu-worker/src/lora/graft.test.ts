import { describe, expect, test } from 'vitest';
import { createBuilder, type Model, tensors } from '../onnx/index.ts';
import type { Adapter } from './adapter.ts';
import { type createBank, packBank } from './bank.ts';
import { LoraError } from './errors.ts';
import { toFloat32 } from './floats.ts';
import { graft } from './graft.ts';
import { modulesOf } from './modules.ts';
import { type Feeds, f32, i64, largestDifference, randomAdapter, randoms, run, twoLayers, weight } from './testing.ts';
import { arraysOf, sharedOptions } from './training.ts';

const q = (layer: number) => `model.layers.${layer}.self_attn.q_proj`;
const o = (layer: number) => `model.layers.${layer}.self_attn.o_proj`;
const every = { [q(0)]: [8, 6], [o(0)]: [6, 8], [q(1)]: [8, 6], [o(1)]: [6, 8] } as const;

const batch = 4;
const x = f32([batch, 3, 8], randoms('x', batch * 3 * 8));

/** The base with an adapter merged into its weights: W + scale · (B·A). What grafting must equal. */
const merged = (
  model: Model,
  adapter: Adapter,
  weights: Record<string, { name: string; isTransposed: boolean }>,
): Model => {
  const initializers = new Map(model.graph.initializers);
  for (const [module, { a, b, rank, scale, in: inputs, out }] of adapter.modules) {
    const { name, isTransposed } = weights[module]!;
    const values = tensors.floats(initializers.get(name)!).slice();
    const [A, B] = [toFloat32(a.dtype, a.data), toFloat32(b.dtype, b.data)];
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < out; j++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += B[j * rank + k]! * A[k * inputs + i]!;
        const at = isTransposed ? j * inputs + i : i * out + j;
        values[at] = values[at]! + scale * sum;
      }
    }
    initializers.set(name, tensors.float32(initializers.get(name)!.dims, values));
  }
  return { ...model, graph: { ...model.graph, initializers } };
};

const twoLayerWeights = {
  [q(0)]: { name: 'onnx::MatMul_100', isTransposed: false },
  [q(1)]: { name: 'onnx::MatMul_101', isTransposed: false },
  [o(0)]: { name: `${o(0)}.weight`, isTransposed: true },
  [o(1)]: { name: `${o(1)}.weight`, isTransposed: true },
};

const feedsOf = (bank: ReturnType<typeof createBank>, slots: readonly number[]): Feeds => ({
  slot: i64(slots),
  ...Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)])),
});

const rowsOf = (values: Float32Array, row: number) =>
  values.slice((row * values.length) / batch, ((row + 1) * values.length) / batch);

describe('a graph with named and anonymous weights', () => {
  const base = twoLayers();
  const adapters = [
    randomAdapter({ modules: every, seed: 'one' }),
    randomAdapter({
      modules: { [q(1)]: [8, 6], [o(0)]: [6, 8] },
      seed: 'two',
      rank: 3,
      alpha: 5,
      isRankStabilised: true,
    }),
    randomAdapter({ modules: every, seed: 'three', rank: 1, rankPattern: { [q(0)]: 4 }, alphaPattern: { [o(1)]: 9 } }),
  ];

  test('lists its modules under the names that peft gives them', () => {
    expect(modulesOf(base)).toEqual([
      { name: q(0), in: 8, out: 6 },
      { name: o(0), in: 6, out: 8 },
      { name: q(1), in: 8, out: 6 },
      { name: o(1), in: 6, out: 8 },
    ]);
  });

  test('trains the function that merging the adapter would serve', async () => {
    for (const adapter of adapters) {
      const shared = graft(base, sharedOptions(adapter.config, modulesOf(base)));
      const arrays = arraysOf(shared, adapter);
      const feeds = Object.fromEntries([...arrays].map(([name, { dims, values }]) => [name, f32(dims, values)]));
      const expected = await run(merged(base, adapter, twoLayerWeights), { x });
      expect(largestDifference(await run(shared.model, { x, ...feeds }), expected)).toBeLessThan(1e-5);
    }
  });

  const served = graft(base, { kind: 'bank', targets: Object.keys(every), rank: 5 });
  const bank = packBank(served, adapters);

  test('gives each row of a mixed batch the answer of its own adapter', async () => {
    const mixed = await run(served.model, { x, ...feedsOf(bank, [2, 0, 3, 1]) });
    for (const [row, slot] of [2, 0, 3, 1].entries()) {
      const alone = slot === 0 ? base : merged(base, adapters[slot - 1]!, twoLayerWeights);
      expect(largestDifference(rowsOf(mixed, row), rowsOf(await run(alone, { x }), row))).toBeLessThan(1e-5);
    }
  });

  test('answers as the plain base, bit for bit, in slot 0', async () => {
    expect(await run(served.model, { x, ...feedsOf(bank, [0, 0, 0, 0]) })).toEqual(await run(base, { x }));
    const mixed = await run(served.model, { x, ...feedsOf(bank, [0, 3, 0, 1]) });
    expect(rowsOf(mixed, 2)).toEqual(rowsOf(await run(base, { x }), 2));
  });

  test('takes batches and sequences of any size', async () => {
    const one = f32([1, 7, 8], randoms('long', 56));
    const answer = await run(served.model, { x: one, ...feedsOf(bank, [1]) });
    expect(largestDifference(answer, await run(merged(base, adapters[0]!, twoLayerWeights), { x: one }))).toBeLessThan(
      1e-5,
    );
  });

  test('leaves every node but its targets as it was, and the model that it was given too', () => {
    const before = twoLayers();
    const one = graft(before, { kind: 'bank', targets: [q(1)], rank: 2 });
    expect(before).toEqual(twoLayers());
    const kept = new Set(one.model.graph.nodes);
    const missing = before.graph.nodes.filter((node) => !kept.has(node)).map((node) => node.name);
    expect(missing).toEqual(['/model/layers.1/self_attn/q_proj/MatMul']);
    expect(one.model.graph.outputs).toEqual(before.graph.outputs);
    expect(one.modules).toEqual([
      {
        module: q(1),
        in: 8,
        out: 6,
        rank: 2,
        a: `${q(1)}.lora_A`,
        b: `${q(1)}.lora_B`,
        rowsA: `${q(1)}.lora_A.rows`,
        rowsB: `${q(1)}.lora_B.rows`,
      },
    ]);
  });

  test('refuses a target that it has not, and says what it has', () => {
    const wrong = () => graft(base, { kind: 'bank', targets: ['model.layers.2.self_attn.q_proj'], rank: 2 });
    expect(wrong).toThrow(LoraError);
    expect(wrong).toThrow(/no linear module model\.layers\.2\.self_attn\.q_proj; it has 4: model\.layers\.0/);
    expect(() => graft(base, { kind: 'shared', targets: [q(0)], rank: 0, scale: 1 })).toThrow(/Rank 0/);
  });
});

describe("GPT-2's way: rows flattened before a Gemm with a bias, and a pooler without a sequence", () => {
  const g = createBuilder({ opset: 17 });
  const input = g.input('x', 'float32', ['batch', 'sequence', 8]);
  const flat = g.op('Reshape', [input, g.constant(tensors.int64([2], [-1, 8]))]);
  const at = 'transformer.h.0.attn.c_attn';
  const cAttn = g.op('Gemm', [
    flat,
    g.initializer(`${at}.weight`, weight('c_attn', [8, 12])),
    g.initializer(`${at}.bias`, weight('bias', [12])),
  ]);
  const full = g.op('Reshape', [
    cAttn,
    g.op('Concat', [g.op('Shape', [input], { attributes: { end: 2 } }), g.constant(tensors.int64([1], [12]))], {
      attributes: { axis: 0 },
    }),
  ]);
  const first = g.op('Gather', [g.op('Tanh', [full]), g.constant(tensors.int64([], [0]))], { attributes: { axis: 1 } });
  const pooled = g.op('Gemm', [first, g.initializer('classifier.weight', weight('classifier', [3, 12]))], {
    attributes: { transB: 1 },
  });
  g.output('logits', pooled);
  const base = g.build();
  const weights = {
    [at]: { name: `${at}.weight`, isTransposed: false },
    classifier: { name: 'classifier.weight', isTransposed: true },
  };
  const adapter = randomAdapter({ modules: { [at]: [8, 12], classifier: [12, 3] }, seed: 'gpt', isFanInFanOut: true });

  test('serves each row its own adapter', async () => {
    const served = graft(base, { kind: 'bank', targets: [at, 'classifier'], rank: 2 });
    const mixed = await run(served.model, { x, ...feedsOf(packBank(served, [adapter]), [1, 0, 0, 1]) });
    const [plain, adapted] = [await run(base, { x }), await run(merged(base, adapter, weights), { x })];
    for (const [row, slot] of [1, 0, 0, 1].entries()) {
      expect(largestDifference(rowsOf(mixed, row), rowsOf(slot === 0 ? plain : adapted, row))).toBeLessThan(1e-5);
    }
  });
});

test('a base stored in half precision is adapted in single precision', async () => {
  const g = createBuilder({ opset: 17 });
  const half = {
    type: 'float16',
    dims: [8, 4],
    data: new Uint8Array(Float16Array.from(randoms('half', 32)).buffer),
  } as const;
  const input = g.input('x', 'float32', ['batch', 'sequence', 8]);
  const cast = g.op('Cast', [g.initializer('model.up_proj.weight', half)], { attributes: { to: 1 } });
  g.output('y', g.op('MatMul', [input, cast]));
  const inHalf = createBuilder({ opset: 17 });
  const cut = inHalf.op('Cast', [inHalf.input('x', 'float32', ['batch', 'sequence', 8])], { attributes: { to: 10 } });
  const product = inHalf.op('MatMul', [cut, inHalf.initializer('model.up_proj.weight', half)]);
  inHalf.output('y', inHalf.op('Cast', [product], { attributes: { to: 1 } }));
  const adapter = randomAdapter({ modules: { 'model.up_proj': [8, 4] }, seed: 'half' });
  const answers = [];
  for (const model of [g.build(), inHalf.build()]) {
    const served = graft(model, { kind: 'bank', targets: ['model.up_proj'], rank: 2 });
    answers.push(await run(served.model, { x, ...feedsOf(packBank(served, [adapter]), [1, 1, 0, 1]) }));
  }
  expect(largestDifference(answers[0]!, answers[1]!)).toBeLessThan(2e-2);
});

test('a module that runs twice is adapted twice, and its bank is gathered once', () => {
  const g = createBuilder({ opset: 17 });
  const shared = g.initializer('model.up_proj.weight', weight('shared', [8, 8]));
  g.output('y', g.op('MatMul', [g.op('MatMul', [g.input('x', 'float32', ['batch', 'sequence', 8]), shared]), shared]));
  const { model } = graft(g.build(), { kind: 'bank', targets: ['model.up_proj'], rank: 1 });
  const count = (op: string) => model.graph.nodes.filter((node) => node.op === op).length;
  expect({ gathers: count('Gather'), sums: count('Add') }).toEqual({ gathers: 2, sums: 2 });
});
