import { expect, test } from 'vitest';
import { branching, layered, linear } from '../../test/onnx/smallModels.ts';
import { checkModel } from './check.ts';
import type { Graph, Model, Node } from './model.ts';
import { float32 } from './tensor.ts';

const withGraph = (change: Partial<Graph>, model: Model = linear()): Model => ({
  ...model,
  graph: { ...model.graph, ...change },
});
const node = (change: Partial<Node>): Node => ({
  name: '',
  op: 'Neg',
  domain: '',
  inputs: ['x'],
  outputs: ['z'],
  attributes: new Map(),
  ...change,
});
const withNode = (change: Partial<Node>): Model => withGraph({ nodes: [...linear().graph.nodes, node(change)] });
const withWeight = (values: readonly number[]): Model =>
  withGraph({ initializers: new Map([...linear().graph.initializers, ['v', float32([values.length], values)]]) });

test.each([
  ['linear', linear()],
  ['branching', branching()],
  ['layered', layered(2)],
])('the model %s is one', (_, model) => {
  expect(checkModel(model)).toBe(model);
});

test('nodes in an order in which they cannot run are sorted, the rest stays in place', () => {
  const model = layered(2);
  const shuffled = checkModel(withGraph({ nodes: model.graph.nodes.toReversed() }, model));
  expect(checkModel(shuffled)).toBe(shuffled);
  expect(new Set(shuffled.graph.nodes)).toEqual(new Set(model.graph.nodes));
});

test.each<[what: string, model: Model, message: string]>([
  [
    'an input that nothing makes',
    withNode({ inputs: ['X'] }),
    'graph, Neg z: its input X is made by no node, and is no input and no initializer; did you mean x?',
  ],
  [
    'an output that nothing makes',
    withGraph({ outputs: [{ name: 'logits', type: 'float32', shape: undefined }] }),
    'the output logits is made by no node',
  ],
  [
    'two outputs of one name',
    withGraph({ outputs: [...linear().graph.outputs, ...linear().graph.outputs] }),
    'two outputs are named y',
  ],
  [
    'a value made twice',
    withNode({ outputs: ['y'] }),
    'y is made twice, by Identity y and by Neg y; each value has a name of its own',
  ],
  ['a value that hides a weight', withNode({ outputs: ['w'] }), 'w is made twice, by initializer 0 and by Neg w'],
  ['a node that needs itself', withNode({ inputs: ['z'] }), 'nodes need each other in a circle: Neg z needs Neg z'],
  [
    'an unknown operator set',
    withNode({ domain: 'com.microsoft' }),
    "the model imports no operator set 'com.microsoft'; it imports ''",
  ],
  ['a node without an op', withNode({ op: '' }), 'it does not say which op it is'],
  [
    'a weight that is NaN',
    withWeight([1, 2, Number.NaN]),
    'graph, initializer v: element 2 is NaN; a weight is a finite number',
  ],
  [
    'a weight that is infinite',
    withWeight([Number.NEGATIVE_INFINITY, 2]),
    'graph, initializer v: element 0 is -Infinity',
  ],
  [
    'a tensor with too few bytes',
    withGraph({
      initializers: new Map([
        ['w', { ...float32([2], [1, 2]), dims: [3] }],
        ['constant', float32([], [1])],
      ]),
    }),
    'float32[3] takes 12 bytes; it has 8',
  ],
  ['a negative dim', withGraph({ inputs: [{ name: 'x', type: 'float32', shape: [-1, 2] }] }), 'value x has the dim -1'],
  [
    'a newer operator set',
    { ...linear(), opsets: new Map([['', 23]]) },
    'version 23 of the standard operator set is not read here; export it with 7 to 22',
  ],
  ['a newer IR', { ...linear(), irVersion: 99 }, 'IR version 99 is not read here'],
])('%s is refused with the reason', (_, model, message) => {
  expect(() => checkModel(model)).toThrow(message);
});

test('a circle of many nodes is found and named', () => {
  const nodes = ['a', 'b', 'c'].map((name, i) => node({ inputs: [['c', 'a', 'b'][i]!], outputs: [name] }));
  expect(() => checkModel(withGraph({ nodes: [...linear().graph.nodes, ...nodes] }))).toThrow(
    'Neg a needs Neg c needs Neg b needs Neg a',
  );
});

test('a chain of 100,000 nodes written backwards is sorted, not run out of stack', () => {
  const nodes = Array.from({ length: 100_000 }, (_, i) =>
    node({ inputs: [i === 0 ? 'x' : `n${i - 1}`], outputs: [`n${i}`] }),
  );
  const sorted = checkModel(withGraph({ nodes: [...nodes.toReversed(), ...linear().graph.nodes] }));
  expect(sorted.graph.nodes[0]!.outputs).toEqual(['n0']);
});

test('masks of 0 and infinity are no broken weights', () => {
  const mask = withWeight([0, Number.NEGATIVE_INFINITY, 0]);
  expect(checkModel(mask)).toBe(mask);
});

test('weights that are no numbers are let through when that is asked for', () => {
  const model = withWeight([1, Number.NaN]);
  expect(checkModel(model, { nonFinite: 'allow' })).toBe(model);
});

test('a branch that uses what its own node makes is a circle', () => {
  const model = branching();
  const [first, ...rest] = model.graph.nodes;
  const inside: Graph = {
    name: 'then',
    inputs: [],
    outputs: [{ name: 'y', type: 'float32', shape: undefined }],
    nodes: [],
    initializers: new Map(),
    values: new Map(),
  };
  const broken = {
    ...first!,
    attributes: new Map([...first!.attributes, ['then_branch', { kind: 'graph' as const, value: inside }]]),
  };
  expect(() => checkModel(withGraph({ nodes: [broken, ...rest] }, model))).toThrow('in a circle: If y needs If y');
});
