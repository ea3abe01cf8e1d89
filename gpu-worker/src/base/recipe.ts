import type { AdamWOptions, Schedule } from '../factory/index.ts';
import type { DecoderConfig } from './config.ts';

/** How the shipped base is made. The same recipe on the same corpus, with as many threads, gives the same bytes. */
export type Recipe = {
  readonly config: DecoderConfig;
  /** Tokens of a window, and windows of a step. */
  readonly sequence: number;
  readonly batch: number;
  readonly schedule: Schedule;
  readonly optimizer: AdamWOptions;
  readonly clip: number;
  readonly seed: number;
  readonly threads: number;
  /** Steps between two looks at the validation part. */
  readonly evaluateEvery: number;
};

/**
 * Sized to take less than an hour on two cores: 3,200 steps are 13 million tokens, the corpus not quite three times. With that
 * much computing, more parameters would see too little text, and fewer would learn less from it.
 */
export const shippedRecipe: Recipe = {
  config: {
    vocab_size: 4_096,
    hidden_size: 256,
    intermediate_size: 704,
    num_hidden_layers: 6,
    num_attention_heads: 4,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    bos_token_id: 0,
    eos_token_id: 1,
    pad_token_id: 2,
  },
  sequence: 512,
  batch: 8,
  schedule: { peak: 2e-3, warmup: 150, steps: 3_200, decay: 'cosine', floor: 5e-5 },
  optimizer: { betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.1 },
  clip: 1,
  seed: 20_261_126,
  threads: 2,
  evaluateEvery: 400,
};
