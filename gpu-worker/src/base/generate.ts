import type { Tensor } from 'onnxruntime-node';
import { createRandom, openSession, ort, type Random } from '../factory/index.ts';
import type { Model } from '../onnx/index.ts';
import { type DecoderConfig, headSize } from './config.ts';
import { BaseError } from './errors.ts';

export type GenerateOptions = {
  /** Tokens to be made at most, for each prompt. */
  readonly limit: number;
  /** 0 takes the likeliest token; 1 samples as the model says. */
  readonly temperature?: number;
  /** The likeliest tokens that are sampled from. */
  readonly topK?: number;
  readonly seed?: number;
};

export type Generator = {
  /** What follows each prompt, without it; the token that ends a document is left out. */
  generate: (prompts: readonly (readonly number[])[], options: GenerateOptions) => Promise<number[][]>;
  close: () => Promise<void>;
};

/**
 * Writes on from prompts with a serving model, all rows in step: enough to look at a model, not to serve one.
 *
 * @example
 * const { model, config, tokenizer } = await readBase('base');
 * const generator = await createGenerator(model, config, { threads: 2 });
 * const [tokens] = await generator.generate([tokenizer.encode('# Install')], { limit: 40 });
 */
export const createGenerator = async (
  model: Model,
  config: DecoderConfig,
  options: { readonly threads: number },
): Promise<Generator> => {
  const session = await openSession(model, options);
  return {
    close: () => session.release(),
    generate: async (prompts, { limit, temperature = 0, topK = config.vocab_size, seed = 1 }) => {
      const random = createRandom(seed);
      const made: number[][] = prompts.map(() => []);
      const isOver = prompts.map(() => false);
      const longest = Math.max(...prompts.map(({ length }) => length));
      if (prompts.some(({ length }) => length === 0)) throw new BaseError('A prompt has at least one token');
      let feeds = begin(config, prompts, longest);
      for (let count = 0; count < limit && longest + count < config.max_position_embeddings; count++) {
        const results = await session.run(feeds);
        const logits = lastRows(results.logits!, config);
        const next = logits.map((row) => choose(row, { temperature, topK, random }));
        for (const [row, token] of next.entries()) {
          isOver[row] ||= token === config.eos_token_id;
          if (!isOver[row]) made[row]!.push(token);
        }
        if (isOver.every(Boolean)) break;
        feeds = goOn(config, feeds, results, next);
      }
      return made;
    },
  };
};

type Feeds = Record<string, Tensor>;

const int64 = (values: readonly (number | bigint)[], dims: readonly number[]): Tensor =>
  new ort.Tensor('int64', BigInt64Array.from(values.map(BigInt)), dims);

/** All prompts at once, the shorter ones padded to the left. */
export const begin = (config: DecoderConfig, prompts: readonly (readonly number[])[], length: number): Feeds => {
  const dims = [prompts.length, length];
  const padded = prompts.map((prompt) => ({ prompt, padding: length - prompt.length }));
  const each = (value: (prompt: readonly number[], at: number) => number): Tensor =>
    int64(
      padded.flatMap(({ prompt, padding }) => Array.from({ length }, (_, at) => value(prompt, at - padding))),
      dims,
    );
  const feeds: Feeds = {
    input_ids: each((prompt, at) => prompt[at] ?? config.pad_token_id),
    attention_mask: each((_, at) => (at < 0 ? 0 : 1)),
    position_ids: each((_, at) => Math.max(0, at)),
  };
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    for (const part of ['key', 'value']) {
      const cache = [prompts.length, config.num_attention_heads, 0, headSize(config)];
      feeds[`past_key_values.${layer}.${part}`] = new ort.Tensor('float32', new Float32Array(0), cache);
    }
  }
  return feeds;
};

/** One token more for each row; what was seen before is in the cache. */
export const goOn = (config: DecoderConfig, before: Feeds, results: Feeds, next: readonly number[]): Feeds => {
  const seen = before.attention_mask!;
  const length = seen.dims[1]!;
  const mask = seen.data as BigInt64Array;
  const positions = before.position_ids!.data as BigInt64Array;
  const each = positions.length / next.length;
  const feeds: Feeds = {
    input_ids: int64(next, [next.length, 1]),
    attention_mask: int64(
      next.flatMap((_, row) => [...mask.subarray(row * length, (row + 1) * length), 1n]),
      [next.length, length + 1],
    ),
    position_ids: int64(
      next.map((_, row) => positions[(row + 1) * each - 1]! + 1n),
      [next.length, 1],
    ),
  };
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    for (const part of ['key', 'value'])
      feeds[`past_key_values.${layer}.${part}`] = results[`present.${layer}.${part}`]!;
  }
  return feeds;
};

/** Logits of the last position of each row. */
export const lastRows = ({ data, dims }: Tensor, { vocab_size: size }: DecoderConfig): Float32Array[] => {
  const [rows, sequence] = dims as [number, number];
  return Array.from({ length: rows }, (_, row) => {
    const end = (row + 1) * sequence * size;
    return (data as Float32Array).subarray(end - size, end);
  });
};

const choose = (
  logits: Float32Array,
  { temperature, topK, random }: { temperature: number; topK: number; random: Random },
): number => {
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  if (temperature === 0) return order[0]!;
  const kept = order.slice(0, topK);
  const chances = kept.map((token) => Math.exp((logits[token]! - logits[order[0]!]!) / temperature));
  let left = random.next() * chances.reduce((sum, chance) => sum + chance, 0);
  for (const [at, chance] of chances.entries()) {
    left -= chance;
    if (left < 0) return kept[at]!;
  }
  return kept.at(-1)!;
};
