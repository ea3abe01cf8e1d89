/** y ≈ intercept + Σ weights of what a mask keeps. */
export type LinearFit = { readonly weights: Float64Array; readonly intercept: number };

const [mostSweeps, tolerance] = [1_000, 1e-9];

/**
 * Least squares with a price on every weight, ‖y − Xw‖²/2n + λ‖w‖₁ around the means, by cyclic coordinate descent. Source:
 * Friedman, Hastie and Tibshirani, Regularization Paths for Generalized Linear Models via Coordinate Descent, 2010.
 *
 * @param masks [n][features] @param y [n] @param part λ, as a part of the smallest that leaves no weight at all.
 */
export const lasso = (masks: readonly (readonly boolean[])[], y: ArrayLike<number>, part: number): LinearFit => {
  const count = masks.length;
  const features = masks[0]?.length ?? 0;
  const means = Float64Array.from({ length: features }, (_, at) => masks.filter((mask) => mask[at]).length / count);
  const column = (at: number) => Float64Array.from(masks, (mask) => Number(mask[at]) - means[at]!);
  const columns = Array.from({ length: features }, (_, at) => column(at));
  const squares = columns.map((values) => dot(values, values) / count);
  const mean = Array.from(y).reduce((sum, value) => sum + value, 0) / count;
  const rest = Float64Array.from(y, (value) => value - mean);
  const price = part * Math.max(0, ...columns.map((values) => Math.abs(dot(values, rest)) / count));
  const weights = new Float64Array(features);
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let moved = 0;
    for (let at = 0; at < features; at++) {
      if (squares[at] === 0) continue;
      const values = columns[at]!;
      const pull = dot(values, rest) / count + squares[at]! * weights[at]!;
      const weight = (Math.sign(pull) * Math.max(0, Math.abs(pull) - price)) / squares[at]!;
      const change = weight - weights[at]!;
      if (change === 0) continue;
      for (let row = 0; row < count; row++) rest[row]! -= change * values[row]!;
      weights[at] = weight;
      moved = Math.max(moved, Math.abs(change));
    }
    if (moved < tolerance) break;
  }
  return { weights, intercept: mean - dot(weights, means) };
};

/** How much of y's variance a fit explains, at most 1; 0 where y does not vary. */
export const explained = (
  { weights, intercept }: LinearFit,
  masks: readonly (readonly boolean[])[],
  y: ArrayLike<number>,
): number => {
  const values = Array.from(y);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [wrong, all] = [0, 0];
  for (const [row, mask] of masks.entries()) {
    const said = mask.reduce((sum, kept, at) => sum + (kept ? weights[at]! : 0), intercept);
    wrong += (values[row]! - said) ** 2;
    all += (values[row]! - mean) ** 2;
  }
  return all === 0 ? 0 : 1 - wrong / all;
};

const dot = (left: Float64Array, right: Float64Array): number => {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += left[at]! * right[at]!;
  return sum;
};
