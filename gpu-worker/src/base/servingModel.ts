import { type Builder, createBuilder, type Model, tensors, type Value } from '../onnx/index.ts';
import { type DecoderConfig, headSize } from './config.ts';
import { decode, frequencies, joinHeads, rotate, splitHeads, whole } from './decoder.ts';
import { checkWeights, type Weights } from './weights.ts';

/**
 * The decoder for serving, as Optimum exports one (`text-generation-with-past`): what was seen before comes in as
 * `past_key_values.{layer}.key` and `.value` `[batch, heads, past, head]` and goes out, longer, as `present.{layer}.*`.
 * `attention_mask` int64 `[batch, past + sequence]` is 0 where a row is padded, `position_ids` int64 `[batch, sequence]`
 * count without padding: a row padded to the left gives the logits that it gives alone.
 *
 * @throws BaseError when the weights are not those of this configuration.
 */
export const servingModel = (config: DecoderConfig, weights: Weights): Model => {
  checkWeights(config, weights);
  const g = createBuilder({ opset: 17, name: 'decoder' });
  const ids = g.input('input_ids', 'int64', ['batch_size', 'sequence_length']);
  const mask = g.input('attention_mask', 'int64', ['batch_size', 'past_sequence_length + sequence_length']);
  const positions = g.input('position_ids', 'int64', ['batch_size', 'sequence_length']);
  const layers = Array.from({ length: config.num_hidden_layers }, (_, layer) => layer);
  const past = layers.map((layer) => cache(g, config, layer));
  const { cos, sin } = angles(g, config, positions);
  const isHidden = hidden(g, ids, mask);
  const scale = g.constant(tensors.scalar(headSize(config) ** -0.5));
  // The lowest float32, not −∞: of a row that sees nothing, such as padding, it makes numbers still.
  const lowest = g.constant(tensors.scalar(-3.4028234663852886e38));
  const present: { readonly key: Value; readonly value: Value }[] = [];
  const logits = decode(g, config, {
    ids,
    weight: (name) => g.initializer(name, weights.get(name)!),
    attend: (layer, { query, key, value }) => {
      const turned = (projected: Value): Value => rotate(g, config, splitHeads(g, config, projected), cos, sin);
      const queries = turned(query);
      const keys = g.op('Concat', [past[layer]!.key, turned(key)], { attributes: { axis: 2 } });
      const values = g.op('Concat', [past[layer]!.value, splitHeads(g, config, value)], { attributes: { axis: 2 } });
      present.push({ key: keys, value: values });
      const across = g.op('Transpose', [keys], { attributes: { perm: [0, 1, 3, 2] } });
      const scores = g.op('Mul', [g.op('MatMul', [queries, across]), scale]);
      const chances = g.op('Softmax', [g.op('Where', [isHidden, lowest, scores])], { attributes: { axis: -1 } });
      return joinHeads(g, config, g.op('MatMul', [chances, values]));
    },
  });
  g.output('logits', logits, 'float32', ['batch_size', 'sequence_length', config.vocab_size]);
  const kept = ['batch_size', config.num_attention_heads, 'past_sequence_length + sequence_length', headSize(config)];
  for (const layer of layers) {
    for (const part of ['key', 'value'] as const) {
      g.output(`present.${layer}.${part}`, present[layer]![part], 'float32', kept);
    }
  }
  return g.build();
};

const cache = (g: Builder, config: DecoderConfig, layer: number): { key: Value; value: Value } => {
  const dims = ['batch_size', config.num_attention_heads, 'past_sequence_length', headSize(config)];
  return {
    key: g.input(`past_key_values.${layer}.key`, 'float32', dims),
    value: g.input(`past_key_values.${layer}.value`, 'float32', dims),
  };
};

/** `[batch, 1, sequence, head]`, both halves of a head alike. */
const angles = (g: Builder, config: DecoderConfig, positions: Value): { cos: Value; sin: Value } => {
  const turns = g.constant(tensors.float32([headSize(config) / 2], frequencies(config)));
  const numbers = g.op('Cast', [g.op('Unsqueeze', [positions, whole(g, 1, 3)])], { attributes: { to: 1 } });
  const half = g.op('Mul', [numbers, turns]);
  const both = g.op('Concat', [half, half], { attributes: { axis: -1 } });
  return { cos: g.op('Cos', [both]), sin: g.op('Sin', [both]) };
};

/** bool `[batch, 1, sequence, past + sequence]`: what stands later, and padding. */
const hidden = (g: Builder, ids: Value, mask: Value): Value => {
  const length = (value: Value): Value => g.op('Gather', [g.op('Shape', [value]), g.constant(tensors.int64([], [1]))]);
  const [all, own] = [length(mask), length(ids)];
  const one = g.constant(tensors.int64([], [1]));
  const keys = g.op('Range', [g.constant(tensors.int64([], [0])), all, one]);
  const queries = g.op('Unsqueeze', [g.op('Range', [g.op('Sub', [all, own]), all, one]), whole(g, 1)]);
  const isLater = g.op('Greater', [keys, queries]);
  const isPadding = g.op('Equal', [g.op('Unsqueeze', [mask, whole(g, 1, 2)]), g.constant(tensors.int64([], [0]))]);
  return g.op('Or', [isLater, isPadding]);
};
