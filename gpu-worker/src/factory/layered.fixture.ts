import { createBuilder, type Model, tensors } from '../onnx/index.ts';

/** Layers of `tanh(x · w)` over tokens, the embeddings also as the head. */
export const layered = (layers: number, width: number): { model: Model; names: string[] } => {
  const g = createBuilder({ opset: 17 });
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const names = ['embeddings', ...Array.from({ length: layers }, (_, layer) => `w${layer}`)];
  const weight = (name: string) => g.initializer(name, tensors.float32([width, width], new Float32Array(width ** 2)));
  const embeddings = weight('embeddings');
  let x = g.op('Gather', [embeddings, ids]);
  for (const name of names.slice(1)) x = g.op('Tanh', [g.op('MatMul', [x, weight(name)])]);
  g.op('MatMul', [x, g.op('Transpose', [embeddings], { attributes: { perm: [1, 0] } })], { outputs: ['logits'] });
  g.output('logits', 'logits', 'float32', ['batch', 'sequence', width]);
  return { model: g.build(), names };
};
