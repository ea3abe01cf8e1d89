import { type Builder, tensors, type Value } from '../onnx/index.ts';
import { type DecoderConfig, headSize } from './config.ts';

/** Projected `[batch, sequence, width]`, not yet turned or split into heads. */
export type Projections = { readonly query: Value; readonly key: Value; readonly value: Value };

export type DecoderOptions = {
  /** int64 `[batch, sequence]`. */
  readonly ids: Value;
  /** The value of a weight, float32. */
  readonly weight: (name: string) => Value;
  /** What a layer's positions see of each other, `[batch, sequence, width]`. */
  readonly attend: (layer: number, projections: Projections) => Value;
  /** A root mean square norm; in standard operators, which can be differentiated, where it is missing. */
  readonly norm?: (input: Value, weight: Value) => Value;
  /** Of the last hidden states `[batch, sequence, width]`, those that logits are wanted of; all where it is missing. */
  readonly select?: (hidden: Value) => Value;
};

/**
 * A Llama-style decoder (Touvron et al., 2023) in standard operators, as torch.onnx writes transformers' `LlamaForCausalLM`:
 * nodes of linear modules have the names of that exporter. How positions attend to each other is the caller's: in training
 * all are there at once, in serving most are in a cache.
 *
 * @returns logits `[batch, sequence, vocabulary]`
 */
export const decode = (
  g: Builder,
  config: DecoderConfig,
  { ids, weight, attend, norm: normalise = (input, scale) => rmsNorm(g, config, input, scale), select }: DecoderOptions,
): Value => {
  const embedding = weight('model.embed_tokens.weight');
  const linear = (module: string, input: Value): Value => matMul(g, module, input, weight(`${module}.weight`));
  const norm = (module: string, input: Value): Value => normalise(input, weight(`${module}.weight`));
  let hidden = g.op('Gather', [embedding, ids]);
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const path = `model.layers.${layer}`;
    const read = norm(`${path}.input_layernorm`, hidden);
    const [query, key, value] = ['q_proj', 'k_proj', 'v_proj'].map((name) => linear(`${path}.self_attn.${name}`, read));
    const seen = attend(layer, { query: query!, key: key!, value: value! });
    hidden = g.op('Add', [hidden, linear(`${path}.self_attn.o_proj`, seen)]);
    const thought = norm(`${path}.post_attention_layernorm`, hidden);
    const gate = linear(`${path}.mlp.gate_proj`, thought);
    const gated = g.op('Mul', [g.op('Mul', [gate, g.op('Sigmoid', [gate])]), linear(`${path}.mlp.up_proj`, thought)]);
    hidden = g.op('Add', [hidden, linear(`${path}.mlp.down_proj`, gated)]);
  }
  const head = g.op('Transpose', [embedding], { attributes: { perm: [1, 0] } });
  return matMul(g, 'lm_head', norm('model.norm', select?.(hidden) ?? hidden), head);
};

const matMul = (g: Builder, module: string, input: Value, weight: Value): Value => {
  const name = `/${module.replace(/\.(?!\d)/g, '/')}/MatMul`;
  return g.op('MatMul', [input, weight], { name, outputs: [`${name}_output_0`] });
};

/** Source: Zhang and Sennrich, 2019. */
const rmsNorm = (g: Builder, { rms_norm_eps }: DecoderConfig, input: Value, weight: Value): Value => {
  const squares = g.op('Pow', [input, g.constant(tensors.scalar(2))]);
  const mean = g.op('ReduceMean', [squares], { attributes: { axes: [-1] } });
  const root = g.op('Sqrt', [g.op('Add', [mean, g.constant(tensors.scalar(rms_norm_eps))])]);
  return g.op('Mul', [g.op('Mul', [input, g.op('Reciprocal', [root])]), weight]);
};

export const whole = (g: Builder, ...values: number[]): Value => g.constant(tensors.int64([values.length], values));

/** `[batch, sequence, width]` → `[batch, heads, sequence, head]` */
export const splitHeads = (g: Builder, config: DecoderConfig, value: Value): Value => {
  const shape = whole(g, 0, 0, config.num_attention_heads, headSize(config));
  return g.op('Transpose', [g.op('Reshape', [value, shape])], { attributes: { perm: [0, 2, 1, 3] } });
};

/** `[batch, heads, sequence, head]` → `[batch, sequence, width]` */
export const joinHeads = (g: Builder, config: DecoderConfig, value: Value): Value => {
  const rows = g.op('Transpose', [value], { attributes: { perm: [0, 2, 1, 3] } });
  return g.op('Reshape', [rows, whole(g, 0, 0, config.hidden_size)]);
};

/**
 * Turns each pair of values of a head, half a head apart, by the angle of its position, as transformers' `rotate_half` does.
 * Source: Su et al., RoFormer, 2021.
 *
 * @param cos and sin broadcast to `[batch, heads, sequence, head]`.
 */
export const rotate = (g: Builder, config: DecoderConfig, value: Value, cos: Value, sin: Value): Value => {
  const size = headSize(config);
  const [first, second] = [
    [0, size / 2],
    [size / 2, size],
  ].map(([from, to]) => g.op('Slice', [value, whole(g, from!), whole(g, to!), whole(g, 3)]));
  const turned = g.op('Concat', [g.op('Neg', [second!]), first!], { attributes: { axis: -1 } });
  return g.op('Add', [g.op('Mul', [value, cos]), g.op('Mul', [turned, sin])]);
};

/** Angle of one position for each pair of a head, radians. */
export const frequencies = (config: DecoderConfig): number[] => {
  const size = headSize(config);
  return Array.from({ length: size / 2 }, (_, pair) => config.rope_theta ** ((-2 * pair) / size));
};
