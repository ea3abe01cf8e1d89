/** Writes the gradient at a point, and gives the value there. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

type Pair = { readonly step: Float64Array; readonly change: Float64Array; readonly inverse: number };

/**
 * The lowest point of a smooth convex function, until its gradient is shorter than `tolerance`.
 * Source: Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 7.5 (L-BFGS), steps halved until they lead down.
 *
 * @throws RangeError when it does not get there.
 */
export const minimise = (
  from: Float64Array,
  objective: Objective,
  { tolerance = 1e-6, steps = 2_000, kept = 12 } = {},
): Float64Array => {
  let point = from.slice();
  let gradient = new Float64Array(point.length);
  let value = objective(point, gradient);
  const pairs: Pair[] = [];
  for (let step = 0; step < steps; step++) {
    if (Math.sqrt(dot(gradient, gradient)) < tolerance) return point;
    const direction = directionOf(gradient, pairs);
    const slope = dot(direction, gradient);
    let length = pairs.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
    const next = new Float64Array(point.length);
    const nextGradient = new Float64Array(point.length);
    for (let lower = Number.POSITIVE_INFINITY; ; length /= 2) {
      for (let at = 0; at < next.length; at++) next[at] = point[at]! + length * direction[at]!;
      lower = objective(next, nextGradient);
      if (lower <= value + 1e-4 * length * slope || length < 1e-12) {
        value = lower;
        break;
      }
    }
    const moved = next.map((at, index) => at - point[index]!);
    const change = nextGradient.map((at, index) => at - gradient[index]!);
    const curvature = dot(moved, change);
    if (curvature > 0) pairs.push({ step: moved, change, inverse: 1 / curvature });
    if (pairs.length > kept) pairs.shift();
    [point, gradient] = [next, nextGradient];
  }
  throw new RangeError(`No minimum was found in ${steps} steps: the gradient is ${Math.sqrt(dot(gradient, gradient))}`);
};

/** −H⁻¹ · gradient, H as the last steps have shown it. */
const directionOf = (gradient: Float64Array, pairs: readonly Pair[]): Float64Array => {
  const direction = gradient.map((at) => -at);
  const weights = pairs.toReversed().map(({ step, change, inverse }) => {
    const weight = inverse * dot(step, direction);
    add(direction, change, -weight);
    return weight;
  });
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.inverse * dot(last.change, last.change));
    for (let at = 0; at < direction.length; at++) direction[at]! *= scale;
  }
  for (const [index, { step, change, inverse }] of pairs.entries()) {
    add(direction, step, weights[pairs.length - 1 - index]! - inverse * dot(change, direction));
  }
  return direction;
};

const add = (into: Float64Array, values: Float64Array, by: number): void => {
  for (let at = 0; at < into.length; at++) into[at]! += by * values[at]!;
};

const dot = (left: Float64Array, right: Float64Array): number => {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += left[at]! * right[at]!;
  return sum;
};
