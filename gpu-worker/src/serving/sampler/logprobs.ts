import type { TokenLogprob } from '../engine.ts';

export type Logprobs = { readonly own: number; readonly top: readonly TokenLogprob[] };

/**
 * Natural logarithms of probabilities by the model: the token's own, and the `count` likeliest, best first.
 *
 * @param logits `[vocabulary]`
 */
export const logprobsOf = (logits: Float32Array, token: number, count: number): Logprobs => {
  const total = logSumExp(logits);
  const top: TokenLogprob[] = [];
  for (let id = 0; id < logits.length && count > 0; id++) {
    const logprob = logits[id]! - total;
    if (top.length === count && logprob <= top[count - 1]!.logprob) continue;
    let at = top.length;
    while (at > 0 && top[at - 1]!.logprob < logprob) at--;
    top.splice(at, 0, { id, logprob });
    if (top.length > count) top.pop();
  }
  return { own: logits[token]! - total, top };
};

const logSumExp = (logits: Float32Array): number => {
  let highest = logits[0]!;
  for (const logit of logits) if (logit > highest) highest = logit;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  return highest + Math.log(sum);
};
