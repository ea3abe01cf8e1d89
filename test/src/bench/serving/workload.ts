import { createRandom } from '@openledger/gpu-worker/factory';
import { gap, popular } from './draw.ts';

/** One request of a workload. */
export type Asked = {
  /** Seconds after the beginning at which it comes. */
  readonly at: number;
  /** Which adapter it is for, from 0. */
  readonly adapter: number;
  /** Token ids. */
  readonly prompt: readonly number[];
  /** Tokens that the answer has. */
  readonly answer: number;
};

export type WorkloadOptions = {
  readonly seed: number;
  readonly requests: number;
  readonly adapters: number;
  /** Of the adapters' popularity: 1 asks each equally often, less asks the first ones more. */
  readonly alpha: number;
  /** Requests a second. */
  readonly rate: number;
  /** Coefficient of variation of the times between them. */
  readonly cv: number;
  /** Tokens of prompts and of answers, each; both together fit the context. */
  readonly shortest: number;
  readonly longest: number;
  readonly context: number;
};

/** A text that prompts are cut from. */
export type Source = { readonly tokens: readonly number[]; readonly begin: number };

/** What S-LoRA's synthetic workloads have. */
export const usual = { alpha: 1, cv: 1, shortest: 8, longest: 512 } as const;

/**
 * Requests as S-LoRA draws them, with prompts of a real text. Arrivals, lengths and places in the text are drawn apart from
 * the adapters: with another number of them or another popularity, everything else is the same.
 */
export const createWorkload = (source: Source, options: WorkloadOptions): readonly Asked[] => {
  const { seed, requests, adapters, alpha, shortest, longest, context } = options;
  const [arrivals, sizes, whose] = [1, 2, 3].map((part) => createRandom(seed * 4 + part));
  const length = () => shortest + sizes!.below(longest - shortest + 1);
  let at = 0;
  return Array.from({ length: requests }, () => {
    at += gap(arrivals!, options);
    let [prompt, answer] = [length(), length()];
    while (prompt + answer > context) [prompt, answer] = [length(), length()];
    const from = sizes!.below(source.tokens.length - prompt);
    return {
      at,
      adapter: popular(whose!, adapters, alpha),
      prompt: [source.begin, ...source.tokens.slice(from, from + prompt - 1)],
      answer,
    };
  });
};
