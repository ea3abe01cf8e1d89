import {
  type DecoderConfig,
  decode,
  frequencies,
  headSize,
  joinHeads,
  splitHeads,
  type Weights,
  whole,
} from '../../../base/index.ts';
import { graft, modulesOf, type RowsGraft } from '../../../lora/index.ts';
import { type Builder, createBuilder, inferShapes, type Model, tensors, type Value } from '../../../onnx/index.ts';

/**
 * The decoder as it is served. Unlike an export, which takes the past in and gives it out longer, this graph is fed keys and
 * values where they lie and gives out the new ones alone: nothing that was computed before is ever copied.
 *
 * - `input_ids`, `position_ids` int64 `[batch, sequence]`
 * - `bias` float32 `[batch, 1, sequence, sequence + past]`: 0 where a position sees another, the lowest number where not; the
 *   new positions come first, so that places after a row's own past change nothing, not even roundings
 * - `keys.{layer}` float32 `[batch, heads, head, past]`, `values.{layer}` float32 `[batch, heads, past, head]`
 * - for each linear module the arrays of the rows' adapters
 *   (none with rank 0, the bare base)
 * - `logits` float32 `[batch, 1, vocabulary]` after the last position
 * - `fresh` float32 `[batch, sequence, layers · 2 · width]`: each layer's new keys, then its new values
 */
export const servedGraph = (config: DecoderConfig, weights: Weights, options: { readonly rank: number }): RowsGraft => {
  const model = inferShapes(plainGraph(config, weights));
  if (options.rank === 0) return { kind: 'rows', model, modules: [] };
  const targets = modulesOf(model).flatMap(({ name }) => (name === 'lm_head' ? [] : [name]));
  return graft(model, { kind: 'rows', targets, rank: options.rank });
};

const plainGraph = (config: DecoderConfig, weights: Weights): Model => {
  const g = createBuilder({ opset: 17, name: 'decoder' });
  const { num_attention_heads: heads, num_hidden_layers: layers, hidden_size: width } = config;
  const ids = g.input('input_ids', 'int64', ['batch', 'sequence']);
  const positions = g.input('position_ids', 'int64', ['batch', 'sequence']);
  const bias = g.input('bias', 'float32', ['batch', 1, 'sequence', 'seen']);
  const past = Array.from({ length: layers }, (_, layer) => ({
    keys: g.input(`keys.${layer}`, 'float32', ['batch', heads, headSize(config), 'past']),
    values: g.input(`values.${layer}`, 'float32', ['batch', heads, 'past', headSize(config)]),
  }));
  const turn = rotary(g, config, positions);
  const scale = g.constant(tensors.scalar(headSize(config) ** -0.5));
  const length = g.op('Slice', [g.op('Shape', [ids]), whole(g, 1), whole(g, 2)]);
  const fresh: Value[] = [];
  const logits = decode(g, config, {
    ids,
    weight: (name) => g.initializer(name, weights.get(name)!),
    norm: (input, scale) =>
      g.op('SimplifiedLayerNormalization', [input, scale], {
        attributes: { axis: -1, epsilon: { kind: 'float', value: config.rms_norm_eps } },
      }),
    select: (hidden) => g.op('Slice', [hidden, whole(g, -1), whole(g, 2 ** 31 - 1), whole(g, 1)]),
    attend: (layer, projected) => {
      const { keys, values } = past[layer]!;
      const key = turn(projected.key);
      fresh.push(key, projected.value);
      const query = splitHeads(g, config, g.op('Mul', [turn(projected.query), scale]));
      const own = splitHeads(g, config, key);
      const ownScores = g.op('MatMul', [query, g.op('Transpose', [own], { attributes: { perm: [0, 1, 3, 2] } })]);
      const scores = g.op('Concat', [ownScores, g.op('MatMul', [query, keys])], { attributes: { axis: -1 } });
      const chances = g.op('Softmax', [g.op('Add', [scores, bias])], { attributes: { axis: -1 } });
      const part = (from: Value, to: Value) => g.op('Slice', [chances, from, to, whole(g, -1)]);
      const seen = g.op('Add', [
        g.op('MatMul', [part(whole(g, 0), length), splitHeads(g, config, projected.value)]),
        g.op('MatMul', [part(length, whole(g, 2 ** 31 - 1)), values]),
      ]);
      return joinHeads(g, config, seen);
    },
  });
  g.output('logits', logits, 'float32', ['batch', 1, config.vocab_size]);
  const made = g.op('Concat', fresh, { attributes: { axis: -1 } });
  g.output('fresh', made, 'float32', ['batch', 'sequence', layers * 2 * width]);
  return g.build();
};

/** Turns `[batch, sequence, width]` by its positions, as `rotate` of the base does, in one node. */
const rotary = (g: Builder, config: DecoderConfig, positions: Value): ((value: Value) => Value) => {
  const arrows = frequencies(config);
  const table = (name: string, of: (angle: number) => number): Value => {
    const size = [config.max_position_embeddings, arrows.length] as const;
    const angles = Float32Array.from({ length: size[0] * size[1] }, (_, at) =>
      of(Math.floor(at / arrows.length) * arrows[at % arrows.length]!),
    );
    return g.initializer(name, tensors.float32(size, angles));
  };
  const tables = [table('rotary.cos', Math.cos), table('rotary.sin', Math.sin)];
  const attributes = { num_heads: config.num_attention_heads };
  return (value) => g.op('RotaryEmbedding', [value, positions, ...tables], { domain: 'com.microsoft', attributes });
};
