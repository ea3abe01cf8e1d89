import { expect, test } from 'vitest';
import { AutodiffError, differentiate, UnknownOpError } from '../../src/autodiff/index.ts';
import { createBuilder, type Model, tensors } from '../../src/onnx/index.ts';

const chain = (op: string, domain = ''): Model => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float32', [2]);
  g.input('unused', 'float32', [2]);
  g.input('ids', 'int64', [2]);
  const odd = g.op(op, [g.op('Tanh', [x], { outputs: ['squashed'] })], {
    name: 'the odd one',
    domain,
    outputs: ['odd'],
  });
  g.output('loss', g.op('ReduceSum', [g.op('Add', [odd, 'squashed'])], { attributes: { keepdims: 0 } }));
  return g.build();
};

test('an operator without a rule is named, with its node and what to do', () => {
  expect(() => differentiate(chain('Mish'), { loss: 'loss', wrt: ['x'] })).toThrow(UnknownOpError);
  expect(() => differentiate(chain('Mish'), { loss: 'loss', wrt: ['x'] })).toThrow(
    'No gradient is known of Mish, node the odd one. Export the model with operators of the table',
  );
});

test('an operator that a runtime fused is named with its domain', () => {
  const make = (): Model => differentiate(chain('FastGelu', 'com.microsoft'), { loss: 'loss', wrt: ['x'] });
  expect(make).toThrow('No gradient is known of com.microsoft.FastGelu, node the odd one. Export the model without');
});

test('what has a rule but lies under an operator without one that is off the way costs nothing', () => {
  expect(() => differentiate(chain('Mish'), { loss: 'loss', wrt: ['odd'] })).not.toThrow();
});

test('steps and comparisons have no gradient and are no errors', () => {
  const { graph } = differentiate(chain('Sign'), { loss: 'loss', wrt: ['x'] });
  expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([
    ['loss', []],
    ['x_grad', [2]],
  ]);
});

test.for([
  ['unused', 'loss does not depend on unused: it has no gradient'],
  ['ids', 'ids is int64: only floating point has gradients'],
  ['nowhere', 'The graph has no value named nowhere'],
])('a gradient of %s is refused rather than made up', ([value, message]) => {
  expect(() => differentiate(chain('Neg'), { loss: 'loss', wrt: [value!] })).toThrow(message);
  expect(() => differentiate(chain('Neg'), { loss: 'loss', wrt: [value!] })).toThrow(AutodiffError);
});

test('a loss that no node makes, and an operator set of another time, are refused', () => {
  expect(() => differentiate(chain('Neg'), { loss: 'x', wrt: ['x'] })).toThrow('No node makes the loss x');
  const old = { ...chain('Neg'), opsets: new Map([['', 12]]) };
  expect(() => differentiate(old, { loss: 'loss', wrt: ['x'] })).toThrow('Operator sets 13 to 22');
});

test('a branch on the way is refused, not passed over', () => {
  const g = createBuilder({ opset: 17 });
  g.input('x', 'float32', [2]);
  const branch = (name: string, op: string) => ({
    kind: 'graph' as const,
    value: {
      name,
      inputs: [],
      outputs: [{ name: `${name}_y`, type: 'float32' as const, shape: [2] }],
      nodes: [{ name: '', op, domain: '', inputs: ['x'], outputs: [`${name}_y`], attributes: new Map() }],
      initializers: new Map(),
      values: new Map(),
    },
  });
  const flag = g.input('flag', 'bool', []);
  const y = g.op('If', [flag], {
    attributes: { then_branch: branch('then', 'Neg'), else_branch: branch('else', 'Exp') },
  });
  g.output(
    'loss',
    g.op('ReduceSum', [g.op('Mul', [y, g.constant(tensors.scalar(2))])], { attributes: { keepdims: 0 } }),
  );
  expect(() => differentiate(g.build(), { loss: 'loss', wrt: ['x'] })).toThrow('No gradient is known of If, node If');
});
