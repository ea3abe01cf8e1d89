/**
 * The learning rate over the steps: from 0 up to `peak` in a straight line during the warm-up, then down to `floor`.
 * Steps count from 1: the first step of a warm-up of 100 has a hundredth of the peak.
 */
export type Schedule = {
  readonly peak: number;
  readonly warmup: number;
  readonly steps: number;
  /** `cosine` is half a wave, as `get_cosine_schedule_with_warmup` of transformers; `linear` a straight line. */
  readonly decay: 'cosine' | 'linear' | 'none';
  readonly floor: number;
};

export const learningRate = ({ peak, warmup, steps, decay, floor }: Schedule, step: number): number => {
  if (step <= warmup) return (peak * step) / warmup;
  if (decay === 'none') return peak;
  const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
  const kept = decay === 'cosine' ? (1 + Math.cos(Math.PI * done)) / 2 : 1 - done;
  return floor + (peak - floor) * kept;
};
