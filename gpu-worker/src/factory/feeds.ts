import type { Tensor } from 'onnxruntime-node';
import { type Model, sizeOf } from '../onnx/index.ts';
import { FactoryError } from './errors.ts';
import { lossNames } from './loss.ts';
import type { Parameter } from './parameter.ts';
import { ignored, type Rows } from './rows.ts';
import { ort } from './session.ts';

/** Inputs of one graph for batches of one size; the arrays are filled anew for each batch and never copied. */
export type Feeds = {
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Puts these rows of the data in; rows that are missing to a full batch count for nothing. */
  fill: (rows: Rows, indices: readonly number[]) => void;
};

/**
 * Parameters by their names and, of the inputs that Hugging Face's graphs have, those that this graph has.
 *
 * @throws FactoryError for an input that nobody here knows.
 */
export const createFeeds = (
  model: Model,
  parameters: readonly Parameter[],
  { batch, sequence }: { batch: number; sequence: number },
): Feeds => {
  const weights = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const tokens = new Map<string, BigInt64Array>();
  const tensors: Record<string, Tensor> = {};
  for (const { name, type, shape } of model.graph.inputs) {
    const parameter = weights.get(name);
    if (model.graph.initializers.has(name)) continue;
    if (parameter) {
      tensors[name] = new ort.Tensor('float32', parameter.values, parameter.dims);
    } else if (name.startsWith('past_key_values.')) {
      const dims = (shape ?? []).map((dim, axis) => (axis === 0 ? batch : typeof dim === 'number' ? dim : 0));
      tensors[name] = new ort.Tensor('float32', new Float32Array(sizeOf(dims)), dims);
    } else if (type === 'int64' && known.has(name)) {
      const ids = new BigInt64Array(batch * sequence);
      tokens.set(name, ids);
      tensors[name] = new ort.Tensor('int64', ids, [batch, sequence]);
    } else {
      throw new FactoryError(`The graph's input ${name} is neither a parameter nor one of ${[...known].join(', ')}`);
    }
  }
  const [ids, labels] = [tokens.get('input_ids'), tokens.get(lossNames.labels)];
  tokens.get('position_ids')?.forEach((_, at, positions) => {
    positions[at] = BigInt(at % sequence);
  });
  tokens.get('attention_mask')?.fill(1n);
  return {
    tensors,
    fill: (rows, indices) => {
      labels?.fill(BigInt(ignored), indices.length * sequence);
      for (const [row, index] of indices.entries()) {
        for (let t = 0; t < sequence; t++) {
          if (ids) ids[row * sequence + t] = BigInt(rows.ids[index * sequence + t]!);
          if (labels) labels[row * sequence + t] = BigInt(rows.labels[index * sequence + t]!);
        }
      }
    },
  };
};

/** Padding stands to the right, where a causal model does not see it: all positions may be attended to. */
const known = new Set(['input_ids', lossNames.labels, 'position_ids', 'attention_mask', 'token_type_ids']);
