/** What a training tells while it runs. */
export type Progress =
  | {
      readonly kind: 'step';
      /** Counts from 1. */
      readonly step: number;
      readonly steps: number;
      /** Mean over the tokens of the step, nats. */
      readonly loss: number;
      readonly rate: number;
      /** Of the gradient, before it is clipped. */
      readonly norm: number;
      readonly tokensPerSecond: number;
      readonly secondsLeft: number;
    }
  | {
      readonly kind: 'evaluation';
      readonly step: number;
      /** Mean over the tokens that are held out, nats. */
      readonly loss: number;
      readonly isBest: boolean;
    };

/** Speed over about the last ten steps, so that it follows when the machine gets busy. */
export const createPace = (steps: number): ((step: number, tokens: number) => Pace) => {
  let before = performance.now();
  let [seconds, tokens, count] = [0, 0, 0];
  return (step, taken) => {
    const now = performance.now();
    [seconds, tokens, count] = [seconds * 0.9 + (now - before) / 1000, tokens * 0.9 + taken, count * 0.9 + 1];
    before = now;
    return { tokensPerSecond: tokens / seconds, secondsLeft: ((steps - step) * seconds) / count };
  };
};

export type Pace = { readonly tokensPerSecond: number; readonly secondsLeft: number };
