import { expect, test } from 'vitest';
import { differentiate } from '../../src/autodiff/index.ts';
import { type Builder, createBuilder, type Model, type Shape, specialise, tensors } from '../../src/onnx/index.ts';
import { createRandom, type Random } from './random.ts';
import { createRunner, type Numbers } from './run.ts';

// Rules put together: what one rule hands to another must fit, whatever form it has.

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

const numbers = (random: Random, dims: readonly number[]): Numbers => ({
  type: 'float64',
  dims,
  values: Array.from({ length: sizeOf(dims) }, () => random.between(-1, 1)),
});

const ints = (g: Builder, ...values: number[]): string => g.constant(tensors.int64([values.length], values));

/** Gradients of `loss` by central differences of fourth order. */
const numeric = async (model: Model, feeds: Record<string, Numbers>, wrt: string): Promise<number[]> => {
  const run = await createRunner(model);
  const step = 1e-3;
  const at = async (element: number, offset: number): Promise<number> => {
    const own = feeds[wrt]!;
    const values = own.values.with(element, own.values[element]! + offset);
    return (await run({ ...feeds, [wrt]: { ...own, values } })).loss!.values[0]!;
  };
  const result: number[] = [];
  for (const element of feeds[wrt]!.values.keys()) {
    const near = (await at(element, step)) - (await at(element, -step));
    const far = (await at(element, 2 * step)) - (await at(element, -2 * step));
    result.push((8 * near - far) / (12 * step));
  }
  return result;
};

const distance = (a: readonly number[], b: readonly number[]): number => {
  const scale = Math.max(...a.map(Math.abs), 1e-3);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!) / scale));
};

/** A step from what there is to something new, over values `[2, 3, 4]`. */
const moves: readonly ((g: Builder, pick: () => string, random: Random) => string)[] = [
  (g, pick) => g.op('Add', [pick(), pick()]),
  (g, pick) => g.op('Mul', [pick(), pick()]),
  (g, pick) => g.op('Tanh', [pick()]),
  (g, pick) => g.op('Softmax', [pick()], { attributes: { axis: -1 } }),
  (g, pick) => g.op('Sub', [pick(), g.op('ReduceMean', [pick()], { attributes: { axes: [-1] } })]),
  (g, pick) => g.op('Mul', [pick(), g.op('Sigmoid', [g.op('ReduceSum', [pick(), ints(g, 0, 2)])])]),
  (g, pick, random) =>
    g.op('Gather', [pick(), ints(g, random.whole(0, 1), random.whole(0, 1))], { attributes: { axis: 0 } }),
  (g, pick) => g.op('Reshape', [g.op('Transpose', [pick()], { attributes: { perm: [2, 1, 0] } }), ints(g, 2, 3, 4)]),
  // RoPE: half of the last axis turned around.
  (g, pick) => {
    const x = pick();
    const half = (from: number, to: number): string => g.op('Slice', [x, ints(g, from), ints(g, to), ints(g, 2)]);
    return g.op('Concat', [g.op('Neg', [half(2, 4)]), half(0, 2)], { attributes: { axis: -1 } });
  },
  (g, pick) => {
    const scores = g.op('MatMul', [pick(), g.op('Transpose', [pick()], { attributes: { perm: [0, 2, 1] } })]);
    return g.op('MatMul', [g.op('Softmax', [scores], { attributes: { axis: -1 } }), pick()]);
  },
  (g, pick) => {
    const parts = g.ops('Split', [pick(), ints(g, 1, 3)], {
      outputs: [g.fresh('part'), g.fresh('part')],
      attributes: { axis: 2 },
    });
    return g.op('Add', [pick(), parts[0]!]);
  },
  (g, pick) => g.op('MatMul', [pick(), 'w']),
  // SiLU, either way around.
  (g, pick, random) => {
    const x = pick();
    const sigmoid = g.op('Sigmoid', [x]);
    return g.op(
      'Mul',
      random.pick([
        [x, sigmoid],
        [sigmoid, x],
      ]),
    );
  },
];

const randomModel = (random: Random): Model => {
  const g = createBuilder({ opset: 17 });
  const values = [g.input('x', 'float64', ['two', 3, 4]), g.input('v', 'float64', [1, 3, 1])];
  g.input('w', 'float64', [4, 4]);
  values[1] = g.op('Add', [values[0]!, values[1]!]);
  for (let count = 0; count < 9; count++) {
    // What was made last is taken more often, so that graphs grow long.
    const pick = (): string => random.pick([...values, values.at(-1)!, values.at(-1)!]);
    values.push(random.pick(moves)(g, pick, random));
  }
  const product = g.op('MatMul', [g.op('Add', [values.at(-1)!, 'v']), 'w']);
  g.op('ReduceSum', [g.op('Mul', [product, g.op('Sin', [product])])], {
    attributes: { keepdims: 0 },
    outputs: ['loss'],
  });
  g.output('loss', 'loss', 'float64', []);
  return g.build();
};

test.for(
  Array.from({ length: Number(process.env.GRAPH_SEEDS ?? 25) }, (_, i) => i + 1),
)('random graph %i: its gradients are those of finite differences', async (seed) => {
  const random = createRandom(seed);
  const model = randomModel(random);
  const feeds = { x: numbers(random, [2, 3, 4]), v: numbers(random, [1, 3, 1]), w: numbers(random, [4, 4]) };
  const wrt = ['x', 'v', 'w'];
  for (const form of [model, specialise(model, { two: 2 })]) {
    const results = await (await createRunner(differentiate(form, { loss: 'loss', wrt })))(feeds);
    for (const value of wrt) {
      const expected = await numeric(model, feeds, value);
      expect(distance(expected, results[`${value}_grad`]!.values), value).toBeLessThan(2e-4);
    }
  }
});

/** One adapter for each row, as attribution has it: `y = x w + (x A) B` with `A [batch, 4, 2]`, `B [batch, 2, 4]`. */
const perRow = (batch: number | string): Model => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float64', [batch, 3, 4]);
  const w = g.input('w', 'float64', [4, 4]);
  const low = g.op('MatMul', [x, g.input('A', 'float64', [batch, 4, 2])]);
  const hidden = g.op('Tanh', [
    g.op('Add', [g.op('MatMul', [x, w]), g.op('MatMul', [low, g.input('B', 'float64', [batch, 2, 4])])]),
  ]);
  const logs = g.op('LogSoftmax', [hidden], { attributes: { axis: -1 } });
  const picked = g.op('GatherElements', [logs, g.input('labels', 'int64', [batch, 3, 1])], { attributes: { axis: 2 } });
  g.op('ReduceSum', [g.op('Neg', [picked])], { attributes: { keepdims: 0 }, outputs: ['loss'] });
  g.output('loss', 'loss', 'float64', []);
  return g.build();
};

test('gradients of each row by one batched pass are those of one pass for each row', async () => {
  const random = createRandom(11);
  const shared = { w: numbers(random, [4, 4]) };
  const dims: Record<string, number[]> = { x: [3, 4], A: [4, 2], B: [2, 4] };
  const labelsOf = (): Numbers => ({ type: 'int64', dims: [1, 3, 1], values: [0, 1, 2].map(() => random.whole(0, 3)) });
  const rows = Array.from({ length: 5 }, () => ({
    ...Object.fromEntries(Object.entries(dims).map(([name, own]) => [name, numbers(random, [1, ...own])])),
    labels: labelsOf(),
  })) as Record<string, Numbers>[];
  const together = Object.fromEntries(
    Object.keys(rows[0]!).map((name) => {
      const first = rows[0]![name]!;
      return [name, { ...first, dims: [5, ...first.dims.slice(1)], values: rows.flatMap((row) => row[name]!.values) }];
    }),
  );
  const wrt = ['A', 'B'];
  const one = await createRunner(differentiate(perRow(1), { loss: 'loss', wrt }));
  for (const batch of [5, 'batch']) {
    const all = await (await createRunner(differentiate(perRow(batch), { loss: 'loss', wrt })))({
      ...shared,
      ...together,
    });
    for (const value of wrt) {
      const single = await Promise.all(
        rows.map(async (row) => (await one({ ...shared, ...row }))[`${value}_grad`]!.values),
      );
      expect(distance(single.flat(), all[`${value}_grad`]!.values)).toBeLessThan(1e-12);
    }
  }
});

test('a frozen base costs no weight gradient: only what lies between adapters and loss is differentiated', () => {
  const before = perRow(5).graph.nodes.length;
  const { graph } = differentiate(perRow(5), { loss: 'loss', wrt: ['B'] });
  const made = graph.nodes.slice(before);
  expect(made.filter((node) => node.inputs.includes('w'))).toEqual([]);
  expect(made.filter((node) => node.op === 'Gemm' || node.op === 'MatMul')).toHaveLength(1);
});

test('cross-entropy is differentiated without tensors of the size of the logits that are full of zeros', () => {
  const before = perRow(5);
  const { graph } = differentiate(before, { loss: 'loss', wrt: ['B'] });
  const large = graph.nodes
    .slice(before.graph.nodes.length)
    .filter(({ outputs }) => graph.values.get(outputs[0]!)?.shape?.join() === '5,3,4')
    .map(({ op }) => op);
  // exp(y) · −1, one added at each label, and then the slope of the tanh.
  expect(large.slice(0, 3)).toEqual(['Exp', 'Mul', 'ScatterElements']);
  expect(large).not.toContain('Expand');
});

test('rotary halves are put together again by one Concat, not by padding and adding', () => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float64', [2, 4]);
  const half = (from: number, to: number): string => g.op('Slice', [x, ints(g, from), ints(g, to), ints(g, 1)]);
  const turned = g.op('Concat', [g.op('Neg', [half(2, 4)]), half(0, 2)], { attributes: { axis: 1 } });
  g.output('loss', g.op('ReduceSum', [g.op('Mul', [turned, turned])], { attributes: { keepdims: 0 } }), 'float64', []);
  const ops = differentiate(g.build(), { loss: 'loss', wrt: ['x'] }).graph.nodes.map((node) => node.op);
  expect(ops).not.toContain('Pad');
  expect(ops.filter((op) => op === 'Concat')).toHaveLength(2);
});

test('a table that is embedding and head at once gets the sum of both gradients, also for ids that come twice', async () => {
  const g = createBuilder({ opset: 17 });
  const table = g.input('table', 'float64', [5, 3]);
  const x = g.op('Gather', [table, g.input('ids', 'int64', [2, 3] satisfies Shape)]);
  const logits = g.op('MatMul', [g.op('Tanh', [x]), g.op('Transpose', [table], { attributes: { perm: [1, 0] } })]);
  g.output('loss', g.op('ReduceSum', [g.op('Mul', [logits, logits])], { attributes: { keepdims: 0 } }), 'float64', []);
  const model = g.build();
  const feeds = {
    table: numbers(createRandom(3), [5, 3]),
    ids: { type: 'int64', dims: [2, 3], values: [1, 1, 4, 1, 0, 4] } as Numbers,
  };
  const results = await (await createRunner(differentiate(model, { loss: 'loss', wrt: ['table'] })))(feeds);
  expect(distance(await numeric(model, feeds, 'table'), results.table_grad!.values)).toBeLessThan(2e-4);
});

test('a gradient that the graph computes itself is taken, and nothing beyond it is differentiated', async () => {
  const g = createBuilder({ opset: 17 });
  const logits = g.op('MatMul', [g.input('x', 'float64', [2, 3]), g.input('w', 'float64', [3, 4])], {
    outputs: ['logits'],
  });
  // Not differentiable here: the walk must not come by.
  const odd = g.op('ReduceSum', [g.op('CumSum', [logits, g.constant(tensors.int64([], [0]))])], {
    attributes: { keepdims: 0 },
  });
  g.op('Mul', [logits, g.constant({ type: 'float64', dims: [], data: new Uint8Array(new Float64Array([3]).buffer) })], {
    outputs: ['own'],
  });
  g.output('loss', odd, 'float64', []);
  const model = differentiate(g.build(), { loss: 'loss', wrt: ['w', 'logits'], given: { logits: 'own' } });
  const random = createRandom(5);
  const feeds = { x: numbers(random, [2, 3]), w: numbers(random, [3, 4]) };
  const results = await (await createRunner(model))(feeds);
  const dot = (i: number, j: number): number =>
    [0, 1, 2].reduce((sum, k) => sum + feeds.x.values[i * 3 + k]! * feeds.w.values[k * 4 + j]!, 0);
  const own = [0, 1].flatMap((i) => [0, 1, 2, 3].map((j) => 3 * dot(i, j)));
  const expected = [0, 1, 2].flatMap((k) =>
    [0, 1, 2, 3].map((j) => feeds.x.values[k]! * own[j]! + feeds.x.values[3 + k]! * own[4 + j]!),
  );
  expect(distance(own, results.logits_grad!.values)).toBeLessThan(1e-9);
  expect(distance(expected, results.w_grad!.values)).toBeLessThan(1e-9);
});

test('a sigmoid whose own gradient is asked for keeps it beside that of what it multiplies', async () => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float64', [4]);
  const sigmoid = g.op('Sigmoid', [x], { outputs: ['sigmoid'] });
  g.output('loss', g.op('ReduceSum', [g.op('Mul', [x, sigmoid])], { attributes: { keepdims: 0 } }), 'float64', []);
  const feeds = { x: numbers(createRandom(7), [4]) };
  const model = differentiate(g.build(), { loss: 'loss', wrt: ['x', 'sigmoid'] });
  const results = await (await createRunner(model))(feeds);
  expect(results.sigmoid_grad!.values).toEqual(feeds.x.values);
  expect(distance(await numeric(g.build(), feeds, 'x'), results.x_grad!.values)).toBeLessThan(2e-4);
});

test('attention is differentiated with one product less of the size of its scores', () => {
  const g = createBuilder({ opset: 17 });
  const scores = g.input('scores', 'float32', [2, 6, 6]);
  const seen = g.op('MatMul', [g.op('Softmax', [scores]), g.input('values', 'float32', [2, 6, 3])]);
  g.output('loss', g.op('ReduceSum', [g.op('Mul', [seen, seen])], { attributes: { keepdims: 0 } }), 'float32', []);
  const before = g.build().graph.nodes.length;
  const { graph } = differentiate(g.build(), { loss: 'loss', wrt: ['scores'] });
  const large = graph.nodes
    .slice(before)
    .filter(({ outputs }) => graph.values.get(outputs[0]!)?.shape?.join() === '2,6,6');
  expect(large.map(({ op }) => op)).toEqual(['MatMul', 'Sub', 'Mul', 'Identity']);
});
