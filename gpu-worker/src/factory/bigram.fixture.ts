import { createBuilder, type Model } from '../onnx/index.ts';
import type { Parameter } from './parameter.ts';
import { createRandom } from './random.ts';

/** The smallest model that learns: it knows which token follows which. `logits = table[input_ids]`. */
export const bigram = (vocabulary: number): { model: Model; parameters: Parameter[] } => {
  const g = createBuilder({ opset: 17 });
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const table = g.input('table', 'float32', [vocabulary, vocabulary]);
  g.op('Gather', [table, ids], { outputs: ['logits'] });
  g.output('logits', 'logits', 'float32', ['batch', 'sequence', vocabulary]);
  const random = createRandom(1);
  const values = Float32Array.from({ length: vocabulary ** 2 }, () => random.normal() * 0.1);
  return { model: g.build(), parameters: [{ name: 'table', dims: [vocabulary, vocabulary], values, decays: true }] };
};
