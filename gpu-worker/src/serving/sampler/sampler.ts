import { createRandom } from '../../factory/index.ts';
import type { Sampling } from '../engine.ts';

/** Chooses the tokens of one answer. Its choices depend on its logits and its seed alone. */
export type Sampler = {
  /** @param logits `[vocabulary]`; not changed. @returns the token's id. */
  readonly choose: (logits: Float32Array) => number;
};

/**
 * Applies, in this order: logit bias, penalties, temperature, top-k, top-p. Of equal logits the lower id comes first.
 *
 * @param choice which of several answers to one prompt, from 0: its seed is `sampling.seed + choice`.
 */
export const createSampler = (sampling: Sampling, prompt: readonly number[], choice = 0): Sampler => {
  const random = createRandom(sampling.seed + choice);
  const counts = new Map<number, number>();
  const inPrompt = new Set(sampling.repetitionPenalty === 1 ? [] : prompt);
  const isPlain = hasNoPenalties(sampling);
  return {
    choose: (logits) => {
      const adjusted = isPlain ? logits : penalise(logits, sampling, counts, inPrompt);
      const token = sampling.temperature === 0 ? likeliest(adjusted) : draw(adjusted, sampling, random.next());
      counts.set(token, (counts.get(token) ?? 0) + 1);
      return token;
    },
  };
};

const hasNoPenalties = ({ logitBias, presencePenalty, frequencyPenalty, repetitionPenalty }: Sampling): boolean =>
  logitBias.size === 0 && presencePenalty === 0 && frequencyPenalty === 0 && repetitionPenalty === 1;

const penalise = (
  logits: Float32Array,
  { logitBias, presencePenalty, frequencyPenalty, repetitionPenalty }: Sampling,
  counts: ReadonlyMap<number, number>,
  inPrompt: ReadonlySet<number>,
): Float32Array => {
  const adjusted = logits.slice();
  for (const [token, bias] of logitBias) if (token < adjusted.length) adjusted[token]! += bias;
  if (repetitionPenalty !== 1) {
    for (const token of inPrompt.union(counts)) {
      const logit = adjusted[token]!;
      adjusted[token] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty;
    }
  }
  for (const [token, count] of counts) adjusted[token]! -= presencePenalty + frequencyPenalty * count;
  return adjusted;
};

/** Index of the highest; of equal ones the first. */
export const likeliest = (logits: Float32Array): number => {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
};

/** @param at from 0 to 1: where in the sum of the chances the token is taken. */
const draw = (logits: Float32Array, { temperature, topK, topP }: Sampling, at: number): number => {
  const chances = chancesOf(logits, temperature);
  const isFiltered = topP < 1 || (topK > 0 && topK < logits.length);
  const kept = isFiltered ? keep(chances, topK, topP) : undefined;
  const count = kept?.length ?? chances.length;
  let left = 0;
  for (let i = 0; i < count; i++) left += chances[kept?.[i] ?? i]!;
  left *= at;
  for (let i = 0; i < count; i++) {
    left -= chances[kept?.[i] ?? i]!;
    if (left < 0) return kept?.[i] ?? i;
  }
  return kept?.[0] ?? likeliest(logits);
};

/** Of sum 1. */
const chancesOf = (logits: Float32Array, temperature: number): Float64Array => {
  const highest = logits[likeliest(logits)]!;
  const chances = new Float64Array(logits.length);
  let sum = 0;
  for (let token = 0; token < logits.length; token++) {
    const chance = Math.exp((logits[token]! - highest) / temperature);
    chances[token] = chance;
    sum += chance;
  }
  for (let token = 0; token < chances.length; token++) chances[token]! /= sum;
  return chances;
};

/** The tokens that pass top-k and then top-p, likeliest first. */
const keep = (chances: Float64Array, topK: number, topP: number): readonly number[] => {
  // Few are worth sorting: the k highest, or without k those above a chance below which all together have less than 1 − topP.
  const least = topK > 0 && topK < chances.length ? chances.toSorted().at(-topK)! : (1 - topP) / chances.length;
  const candidates: number[] = [];
  for (let token = 0; token < chances.length; token++) if (chances[token]! >= least) candidates.push(token);
  candidates.sort((a, b) => chances[b]! - chances[a]! || a - b);
  if (topK > 0) candidates.length = Math.min(topK, candidates.length);
  if (topP >= 1) return candidates;
  const whole = topK > 0 ? candidates.reduce((sum, token) => sum + chances[token]!, 0) : 1;
  let sum = 0;
  const end = candidates.findIndex((token) => {
    sum += chances[token]!;
    return sum >= topP * whole;
  });
  return candidates.slice(0, end < 0 ? candidates.length : end + 1);
};
