/** Adds each of `more` to `sums`, in place. */
export const accumulate = (sums: readonly Float32Array[], more: readonly Float32Array[]): void => {
  for (const [index, sum] of sums.entries()) addTo(sum, more[index]!);
};

const addTo = (sum: Float32Array, more: Float32Array): void => {
  for (let i = 0; i < sum.length; i++) sum[i]! += more[i]!;
};

/** Euclidean norm over all elements of all gradients; NaN or Infinity where one of them is not finite. */
export const globalNorm = (gradients: readonly Float32Array[]): number =>
  Math.sqrt(gradients.reduce((sum, gradient) => sum + squares(gradient), 0));

/** Four sums side by side: one alone waits for each addition. */
const squares = (values: Float32Array): number => {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! * values[i]!;
    b += values[i + 1]! * values[i + 1]!;
    c += values[i + 2]! * values[i + 2]!;
    d += values[i + 3]! * values[i + 3]!;
  }
  for (let i = whole; i < values.length; i++) a += values[i]! * values[i]!;
  return a + b + c + d;
};

/** What gradients of this norm are multiplied with so that it is at most `limit`, as `torch.nn.utils.clip_grad_norm_`. */
export const clipping = (norm: number, limit: number | undefined): number =>
  limit === undefined ? 1 : Math.min(1, limit / (norm + 1e-6));
