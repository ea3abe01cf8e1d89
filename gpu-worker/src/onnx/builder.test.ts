import { expect, test } from 'vitest';
import { createBuilder } from './builder.ts';
import { float32 } from './tensor.ts';

test('a graph is built in the order in which it runs, and a constant asked for twice is there once', () => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float32', ['batch', 2]);
  const one = g.constant(float32([1], [1]));
  g.output('y', g.op('Add', [g.op('Add', [x, one]), g.constant(float32([1], [1]))]));
  const { graph } = g.build();
  expect(graph.initializers.size).toBe(1);
  expect(graph.nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs])).toEqual([
    ['Add', ['x', 'constant'], ['Add']],
    ['Add', ['Add', 'constant'], ['Add_1']],
    ['Identity', ['Add_1'], ['y']],
  ]);
});

test('a name that is taken is refused', () => {
  const g = createBuilder({ opset: 17 });
  g.input('x', 'float32', [2]);
  expect(() => g.op('Neg', ['x'], { outputs: ['x'] })).toThrow('The graph has two values named x');
});
