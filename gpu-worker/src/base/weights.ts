import { createRandom } from '../factory/index.ts';
import { sizeOf, type Tensor, tensors } from '../onnx/index.ts';
import type { DecoderConfig } from './config.ts';
import { BaseError } from './errors.ts';

/** By Hugging Face's names; float32. Matrices of linear modules are `[in, out]`, so that a row is multiplied by them; PyTorch has `[out, in]`. */
export type Weights = ReadonlyMap<string, Tensor>;

/** Dims of all weights by their names, in the order of the layers. The head is the embedding again. */
export const weightShapes = (config: DecoderConfig): ReadonlyMap<string, readonly number[]> => {
  const { vocab_size: vocabulary, hidden_size: width, intermediate_size: inner, num_hidden_layers: layers } = config;
  const shapes = new Map<string, readonly number[]>([['model.embed_tokens.weight', [vocabulary, width]]]);
  for (let layer = 0; layer < layers; layer++) {
    const add = (module: string, ...dims: number[]) => shapes.set(`model.layers.${layer}.${module}.weight`, dims);
    add('input_layernorm', width);
    for (const projection of ['q_proj', 'k_proj', 'v_proj', 'o_proj']) add(`self_attn.${projection}`, width, width);
    add('post_attention_layernorm', width);
    add('mlp.gate_proj', width, inner);
    add('mlp.up_proj', width, inner);
    add('mlp.down_proj', inner, width);
  }
  return shapes.set('model.norm.weight', [width]);
};

export const parameterCount = (config: DecoderConfig): number =>
  [...weightShapes(config).values()].reduce((sum, dims) => sum + sizeOf(dims), 0);

/** Standard deviation of what is drawn, as in Llama and GPT-2. */
const deviation = 0.02;

/**
 * Weights to begin a training with: norms are 1, all else is normal with deviation 0.02, and what is added to the residual
 * stream less by √(2 · layers), so that its variance does not grow with depth (GPT-2, section 2.3). The seed decides all.
 */
export const initialise = (config: DecoderConfig, seed: number): Weights => {
  const random = createRandom(seed);
  const residual = deviation / Math.sqrt(2 * config.num_hidden_layers);
  const draw = (name: string, dims: readonly number[]): Float32Array => {
    if (dims.length === 1) return new Float32Array(sizeOf(dims)).fill(1);
    const scale = /\.(o_proj|down_proj)\.weight$/.test(name) ? residual : deviation;
    return Float32Array.from({ length: sizeOf(dims) }, () => scale * random.normal());
  };
  return new Map([...weightShapes(config)].map(([name, dims]) => [name, tensors.float32(dims, draw(name, dims))]));
};

/** @throws BaseError when a weight is missing, or has other dims or another type than the configuration says. */
export const checkWeights = (config: DecoderConfig, weights: Weights): void => {
  for (const [name, dims] of weightShapes(config)) {
    const found = weights.get(name);
    const is = found && `${found.type} [${found.dims.join(', ')}]`;
    const should = `float32 [${dims.join(', ')}]`;
    if (is !== should)
      throw new BaseError(`The weight ${name} is ${is ?? 'missing'}; the configuration wants ${should}`);
  }
};
