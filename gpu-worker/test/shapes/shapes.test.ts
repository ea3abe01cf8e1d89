import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  addOutputs,
  createBuilder,
  inferShapes,
  knowledgeOf,
  type Model,
  readModelFile,
  specialise,
  tensors,
} from '../../src/onnx/index.ts';
import { generators } from '../autodiff/cases.ts';
import { modelOf } from '../autodiff/finiteDifferences.ts';
import { createRandom } from '../autodiff/random.ts';
import { createRunner, type Numbers } from '../autodiff/run.ts';

/** Every value that the runtime gives a shape to has that shape here, as far as one is known here. */
const compare = async (model: Model, feeds: Readonly<Record<string, Numbers>>): Promise<number> => {
  const known = knowledgeOf(model);
  const all = inferShapes(model).graph;
  const graph = addOutputs(all, [...all.values.keys()]);
  const results = await (await createRunner({ ...model, graph }))(feeds);
  let open = 0;
  for (const [value, { type, dims, values }] of Object.entries(results)) {
    const { type: expected, shape, contents } = known.get(value)!;
    expect(expected, value).toBe(type);
    open += shape === undefined ? 1 : shape.filter((dim) => typeof dim !== 'number').length;
    if (shape !== undefined) {
      expect(
        shape.map((dim, i) => (typeof dim === 'number' ? dim : dims[i])),
        value,
      ).toEqual(dims);
    }
    if (contents !== undefined) {
      expect(
        contents.map((element, i) => (typeof element === 'number' ? element : values[i])),
        value,
      ).toEqual(values);
    }
  }
  return open;
};

test.for(Object.entries(generators))('%s: its outputs have the shapes that the runtime gives them', async ([
  op,
  generate,
]) => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = createRandom(seed * 104_729 + op.length);
    const given = generate(random);
    const model = modelOf(given, random);
    const feeds = Object.fromEntries(
      model.graph.inputs.map(({ name }) => [name, given.inputs[Number(name.slice(1))]!] as const),
    );
    const open = await compare(model, feeds);
    if (!given.isDynamic) expect(open, `seed ${seed}: ${JSON.stringify(given)}`).toBe(0);
  }
});

const folder = new URL('../../fixtures/models/', import.meta.url).pathname;
const exports = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('/model.onnx'))
  .map((file) => dirname(file));

describe.for(exports)('%s, as exporters write it', (path) => {
  const lengths = (model: Model): Record<string, number> => {
    const dims = model.graph.inputs.flatMap((input) => [...(input.shape ?? [])]);
    const names = dims.filter((dim) => typeof dim === 'string').flatMap((dim) => dim.split(' + '));
    const lengthOf = (name: string): number => (name.startsWith('batch') ? 2 : name.startsWith('past') ? 0 : 5);
    return Object.fromEntries(names.map((name) => [name, lengthOf(name)]));
  };
  const feedsOf = (model: Model): Record<string, Numbers> =>
    Object.fromEntries(
      model.graph.inputs.map(({ name, type, shape }) => {
        const dims = shape as number[];
        const size = dims.reduce((product, dim) => product * dim, 1);
        const at = (i: number): number => (name === 'attention_mask' ? 1 : name === 'token_type_ids' ? 0 : i % 5);
        return [name, { type, dims, values: Array.from({ length: size }, (_, i) => at(i)) }];
      }),
    );

  test('is bound to a batch and a length, after which every shape is known, and gives what it gave before', async () => {
    const model = await readModelFile(join(folder, path, 'model.onnx'));
    const fixed = specialise(model, lengths(model));
    expect(fixed.graph.nodes.filter(({ op }) => op === 'Shape' || op === 'Range' || op === 'ConstantOfShape')).toEqual(
      [],
    );
    expect(await compare(fixed, feedsOf(fixed))).toBe(0);
    const [before, after] = await Promise.all(
      [model, fixed].map(async (form) => (await createRunner(form))(feedsOf(fixed))),
    );
    const [first] = fixed.graph.outputs;
    const [a, b] = [before![first!.name]!.values, after![first!.name]!.values];
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(1e-5);
  });
});

const reshaped = (): Model => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float32', ['batch', 'sequence', 8]);
  const int = (value: number): string => g.constant(tensors.int64([1], [value]));
  const lengths = g.op('Slice', [g.op('Shape', [x]), int(0), int(2)]);
  const target = g.op('Concat', [lengths, int(2), int(-1)], { attributes: { axis: 0 } });
  const heads = g.op('Transpose', [g.op('Reshape', [x, target])], { attributes: { perm: [0, 2, 1, 3] } });
  g.output(
    'y',
    g.op('Concat', [g.input('past', 'float32', ['batch', 2, 'past', 4]), heads], { attributes: { axis: 2 } }),
  );
  return g.build();
};

test('lengths that are only known by their names go through shape arithmetic', () => {
  expect(inferShapes(reshaped()).graph.outputs[0]?.shape).toEqual(['batch', 2, 'past + sequence', 4]);
});

test('a graph for fixed lengths has no arithmetic left, and a cache of length 0 is not joined', () => {
  const { graph } = specialise(reshaped(), { batch: 3, sequence: 5, past: 0 });
  expect(graph.nodes.map((node) => node.op)).toEqual(['Reshape', 'Transpose', 'Concat', 'Identity']);
  expect(graph.nodes[2]?.inputs).toHaveLength(1);
  expect(graph.outputs[0]?.shape).toEqual([3, 2, 5, 4]);
});

test('a length that the model does not have, or that is none, is refused', () => {
  expect(() => specialise(reshaped(), { batch: 2, time: 4 })).toThrow(
    'No input has a dimension named time; there are: batch, sequence, past',
  );
  expect(() => specialise(reshaped(), { batch: 1.5 })).toThrow('batch is to be 1.5');
});

test('a weight of one number is never folded away: it can be trained', () => {
  const g = createBuilder({ opset: 17 });
  const scale = g.initializer('scale', tensors.float32([1], [2]));
  g.output('y', g.op('Mul', [g.input('x', 'float32', ['n']), g.op('Neg', [scale])]));
  expect(specialise(g.build(), { n: 3 }).graph.nodes.map((node) => node.op)).toEqual(['Neg', 'Mul', 'Identity']);
});
