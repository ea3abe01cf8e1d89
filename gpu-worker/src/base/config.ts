import { z } from 'zod';
import { BaseError } from './errors.ts';

const size = (limit: number) => z.int().min(1).max(limit);

/** What transformers' `LlamaConfig` says of a decoder; of its variants, those only that the graphs here compute. */
const decoderConfig = z.object({
  vocab_size: size(2 ** 20),
  hidden_size: size(2 ** 14),
  intermediate_size: size(2 ** 16),
  num_hidden_layers: size(256),
  num_attention_heads: size(256),
  max_position_embeddings: size(2 ** 20),
  rms_norm_eps: z.number().positive().max(1),
  rope_theta: z.number().min(1),
  bos_token_id: z.int().min(0),
  eos_token_id: z.int().min(0),
  pad_token_id: z.int().min(0),
});

/** Sizes by the names that Hugging Face gives them. */
export type DecoderConfig = Readonly<z.infer<typeof decoderConfig>>;

/** What else `config.json` says: the same for every decoder that is built here, and any other value is another model. */
const fixed = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  attention_dropout: 0,
  hidden_act: 'silu',
  initializer_range: 0.02,
  mlp_bias: false,
  model_type: 'llama',
  pretraining_tp: 1,
  rope_scaling: null,
  tie_word_embeddings: true,
  torch_dtype: 'float32',
  use_cache: true,
};

/** Width of a head. */
export const headSize = ({ hidden_size, num_attention_heads }: DecoderConfig): number =>
  hidden_size / num_attention_heads;

/** The contents of `config.json`, which transformers reads as a `LlamaConfig`. */
export const configJson = (config: DecoderConfig): Record<string, unknown> => ({
  ...fixed,
  ...config,
  head_dim: headSize(config),
  num_key_value_heads: config.num_attention_heads,
});

/** @throws BaseError where the sizes do not fit together, or the model is another one than can be built here. */
export const readConfig = (json: unknown): DecoderConfig => {
  const parsed = decoderConfig.safeParse(json);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    throw new BaseError(`config.json: ${first?.path.join('.') || 'the whole'}: ${first?.message}`);
  }
  const config = parsed.data;
  const width = headSize(config);
  if (!Number.isInteger(width) || width % 2 !== 0) {
    throw new BaseError(
      `config.json: ${config.num_attention_heads} heads share ${config.hidden_size} values: each needs an even number`,
    );
  }
  const given = json as Record<string, unknown>;
  const expected = configJson(config);
  for (const key of ['model_type', 'hidden_act', 'tie_word_embeddings', 'attention_bias', 'mlp_bias', ...derived]) {
    if (key in given && given[key] !== expected[key]) {
      throw new BaseError(`config.json: ${key} is ${given[key]}; decoders that are built here have ${expected[key]}`);
    }
  }
  return config;
};

const derived = ['head_dim', 'num_key_value_heads'];
