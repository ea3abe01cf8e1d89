import { createBuilder } from '../../src/onnx/builder.ts';
import type { Graph, Model } from '../../src/onnx/model.ts';
import { bool, float32, int64 } from '../../src/onnx/tensor.ts';

// Small models that onnxruntime runs: each has what another one lacks.

/** `y = reshape(x w, [-1])` */
export const linear = (): Model => {
  const g = createBuilder({ opset: 17 });
  const x = g.input('x', 'float32', ['batch', 2]);
  const product = g.op('MatMul', [x, g.initializer('w', float32([2, 2], [1, 2, 3, 4]))]);
  g.output('y', g.op('Reshape', [product, g.constant(int64([1], [-1]))]), 'float32', [undefined]);
  return g.build();
};

const branch = (name: string, op: string): Graph => ({
  name,
  inputs: [],
  outputs: [{ name: `${name}_y`, type: 'float32', shape: undefined }],
  nodes: [{ name: '', op, domain: '', inputs: ['x', 'one'], outputs: [`${name}_y`], attributes: new Map() }],
  initializers: new Map(),
  values: new Map(),
});

/** `y = flag ? x + 1 : x - 1`, the branches using what stands around them. */
export const branching = (): Model => {
  const g = createBuilder({ opset: 21, irVersion: 10 });
  g.input('x', 'float32', [2]);
  const flag = g.input('flag', 'bool', []);
  g.initializer('one', float32([1], [1]));
  const y = g.op('If', [flag], {
    attributes: {
      then_branch: { kind: 'graph', value: branch('then', 'Add') },
      else_branch: { kind: 'graph', value: branch('else', 'Sub') },
    },
    outputs: ['y'],
  });
  g.output('y', y, 'float32', [2]);
  return g.build();
};

/** Blocks of a transformer's shape, so many of them, with attributes of all kinds. */
export const layered = (layers: number): Model => {
  const g = createBuilder({ opset: 20 });
  let x = g.input('x', 'float32', ['batch', 'sequence', 4]);
  for (let layer = 0; layer < layers; layer++) {
    const weight = g.initializer(
      `model.layers.${layer}.mlp.weight`,
      float32(
        [4, 4],
        Array.from({ length: 16 }, (_, i) => (i + layer) / 16),
      ),
    );
    const scale = g.initializer(`model.layers.${layer}.norm.weight`, float32([4], [1, 1, 1, 1]));
    const normed = g.op('LayerNormalization', [x, scale], { attributes: { axis: -1, epsilon: 1e-5 } });
    const up = g.op('Gelu', [g.op('MatMul', [normed, weight])], { attributes: { approximate: 'tanh' } });
    x = g.op('Add', [x, up]);
  }
  const kept = g.op('Where', [g.constant(bool([1], [true])), x, g.constant(float32([], [0]))]);
  g.output('y', g.op('Transpose', [kept], { attributes: { perm: [0, 2, 1] } }), 'float32', ['batch', 4, 'sequence']);
  return g.build();
};
