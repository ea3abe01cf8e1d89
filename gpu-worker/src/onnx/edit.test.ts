import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { branching, layered, linear } from '../../test/onnx/smallModels.ts';
import { createBuilder } from './builder.ts';
import { checkModel } from './check.ts';
import { foldConstants } from './constants.ts';
import type { Graph, Model } from './model.ts';
import { restoreFloat32, storeFloat16 } from './precision.ts';
import { addOutputs, prune } from './prune.ts';
import { renameValues, replaceUses } from './rename.ts';
import { float32, floats, int64 } from './tensor.ts';
import { feedInitializers, fixInputs } from './weights.ts';
import { writeModel } from './writeModel.ts';

const edit = (model: Model, change: (graph: Graph) => Graph): Model =>
  checkModel({ ...model, graph: change(model.graph) });

const run = async (model: Model, feeds: Record<string, Tensor>): Promise<Record<string, number[]>> => {
  const results = await (await InferenceSession.create(writeModel(model))).run(feeds);
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, [...(data as Float32Array)]]));
};

const x = new Tensor('float32', [1, 2], [1, 2]);

test('a value in the middle becomes the only output, and what it does not need is gone', async () => {
  const model = edit(linear(), (graph) => prune(graph, [{ name: 'MatMul', type: 'float32', shape: [1, 2] }]));
  expect(model.graph.nodes.map(({ op }) => op)).toEqual(['MatMul']);
  expect([...model.graph.initializers.keys()]).toEqual(['w']);
  expect(await run(model, { x })).toEqual({ MatMul: [7, 10] });
  expect(() => prune(linear().graph, ['MatMul'])).toThrow('the type of the value MatMul is not known; say it');
  expect(() => prune(linear().graph, ['none'])).toThrow('there is no value none');
});

test('what only the branches of a node use is kept', async () => {
  const model = edit(branching(), (graph) => prune(graph, ['y']));
  expect([...model.graph.initializers.keys()]).toEqual(['one']);
  expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x', 'flag']);
});

test('outputs are added to those that are there', async () => {
  const model = edit(linear(), (graph) => addOutputs(graph, ['y', { name: 'MatMul', type: 'float32', shape: [1, 2] }]));
  expect(await run(model, { x })).toEqual({ y: [7, 10], MatMul: [7, 10] });
});

test('renamed values are renamed everywhere, inside branches too', async () => {
  const names = new Map([
    ['x', 'input'],
    ['one', 'step'],
    ['y', 'output'],
  ]);
  const model = edit(branching(), (graph) => renameValues(graph, names));
  const feeds = { input: new Tensor('float32', [1, 2], [2]), flag: new Tensor('bool', [true], []) };
  expect(await run(model, feeds)).toEqual({ output: [2, 3] });
  expect(() => renameValues(linear().graph, new Map([['x', 'w']]))).toThrow('another value has that name');
  expect(() => renameValues(linear().graph, new Map([['none', 'v']]))).toThrow('there is no value none');
  const swapped = renameValues(
    linear().graph,
    new Map([
      ['x', 'w'],
      ['w', 'x'],
    ]),
  );
  expect(swapped.nodes[0]!.inputs).toEqual(['w', 'x']);
});

test('nodes use another value in place of one, and the outputs keep their names', async () => {
  const twice = edit(linear(), (graph) => {
    const replaced = replaceUses(graph, new Map([['MatMul', 'doubled']]));
    const doubling = {
      name: '',
      op: 'Add',
      domain: '',
      inputs: ['MatMul', 'MatMul'],
      outputs: ['doubled'],
      attributes: new Map(),
    };
    return { ...replaced, nodes: [...replaced.nodes, doubling] };
  });
  expect(await run(twice, { x })).toEqual({ y: [14, 20] });
  const inside = replaceUses(branching().graph, new Map([['one', 'x']]));
  const then = inside.nodes[0]!.attributes.get('then_branch');
  expect(then?.kind === 'graph' && then.value.nodes[0]!.inputs).toEqual(['x', 'x']);
});

test('a weight that is fed gives what it gave as a weight, and can be fixed again', async () => {
  const fed = edit(linear(), (graph) => feedInitializers(graph, ['w']));
  expect(await run(fed, { x, w: new Tensor('float32', [1, 2, 3, 4], [2, 2]) })).toEqual({ y: [7, 10] });
  const weight = linear().graph.initializers.get('w')!;
  const fixed = edit(fed, (graph) => fixInputs(graph, new Map([['w', weight]])));
  expect(await run(fixed, { x })).toEqual({ y: [7, 10] });
  expect(() => fixInputs(fed.graph, new Map([['w', float32([4], [1, 2, 3, 4])]]))).toThrow(
    'the input w is float32[2,2]; float32[4] was given',
  );
  expect(() => fixInputs(fed.graph, new Map([['v', weight]]))).toThrow('there is no input v');
  expect(() => feedInitializers(fed.graph, ['w'])).toThrow('there is no initializer w');
});

test('constants in nodes become weights, whatever way they are written', async () => {
  const g = createBuilder({ opset: 17 });
  const input = g.input('x', 'float32', [1, 2]);
  const constant = (name: string, attributes: Record<string, never>) =>
    g.op('Constant', [], { outputs: [name], attributes });
  constant('a', { value: { kind: 'tensor', value: float32([], [2]) } } as never);
  constant('b', { value_float: { kind: 'float', value: 1 } } as never);
  constant('c', { value_floats: { kind: 'floats', value: [1, 2] } } as never);
  constant('d', { value_ints: { kind: 'ints', value: [2] } } as never);
  constant('e', { value_int: { kind: 'int', value: 0 } } as never);
  const sum = ['a', 'b', 'c'].reduce((value, name) => g.op('Add', [value, name]), input);
  g.output('y', g.op('Reshape', [sum, 'd']), 'float32', [2]);
  g.output('z', g.op('Gather', [sum, 'e'], { attributes: { axis: 1 } }), 'float32', [1]);
  const folded = edit(g.build(), foldConstants);
  expect(folded.graph.nodes.some(({ op }) => op === 'Constant')).toBe(false);
  expect(folded.graph.initializers.get('d')).toEqual(int64([1], [2]));
  expect(await run(folded, { x })).toEqual(await run(g.build(), { x }));
});

test('weights stored in half the bytes compute what their rounded values compute', async () => {
  const names = [...layered(2).graph.initializers.keys()].filter((name) => name.endsWith('mlp.weight'));
  const stored = edit(layered(2), (graph) => storeFloat16(graph, names));
  const restored = edit(stored, restoreFloat32);
  expect(stored.graph.initializers.get(names[0]!)?.data.length).toBe(32);
  expect([...restored.graph.initializers.keys()]).toEqual([...layered(2).graph.initializers.keys()]);
  expect(restored.graph.nodes).toEqual(layered(2).graph.nodes);
  const feeds = { x: new Tensor('float32', Float32Array.from({ length: 12 }, Math.sin), [1, 3, 4]) };
  expect(await run(stored, feeds)).toEqual(await run(restored, feeds));
});

test('a weight that other nodes use in 16 bits stays, and the cast becomes a weight beside it', () => {
  const g = createBuilder({ opset: 17 });
  const half = g.initializer('half', { type: 'float16', dims: [1], data: Uint8Array.of(0, 0x3c) });
  g.output('a', g.op('Cast', [half], { outputs: ['wide'], attributes: { to: 1 } }));
  g.output('b', g.op('Neg', [g.op('Cast', [half], { outputs: ['wide2'], attributes: { to: 1 } })]));
  g.output('c', g.op('Neg', [half]), 'float16');
  const { graph } = edit(g.build(), restoreFloat32);
  expect(graph.initializers.get('half')?.type).toBe('float16');
  expect([...floats(graph.initializers.get('wide2')!)]).toEqual([1]);
});

test('weights that float16 cannot hold are refused, not made infinite', () => {
  const g = createBuilder({ opset: 17 });
  g.output('y', g.op('Neg', [g.initializer('w', float32([2], [1, 1e6]))]));
  expect(() => storeFloat16(g.build().graph, ['w'])).toThrow('element 1 of w is 1000000; float16 ends at 65504');
});
