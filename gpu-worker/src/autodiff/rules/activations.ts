import type { Value } from '../../onnx/index.ts';
import { AutodiffError } from '../errors.ts';
import type { Context, Rule } from '../rule.ts';

// Functions of one value, element by element. Where the slope is as large as the value, the gradient may be smaller.

const times =
  (slope: (c: Context, x: Value) => Value): Rule =>
  (c) => [() => c.g.mul(slope(c, c.x[0]!), c.spread)];

/** Zero where the condition does not hold. */
export const where = (c: Context, condition: Value, gradient: Value): Value =>
  c.g.op('Where', [condition, gradient, c.scalar(0)]);

const sigmoid: Rule = (c) => {
  const { g, y } = c;
  return [() => g.mul(g.mul(y, g.sub(c.scalar(1), y)), c.spread)];
};

/** erf'(x) = 2/√π · exp(−x²) */
const erf = times((c, x) => c.g.mul(c.g.op('Exp', [c.g.neg(c.g.mul(x, x))]), c.scalar(2 / Math.sqrt(Math.PI))));

/** Φ(x) + x φ(x) for the normal distribution's Φ and φ. */
const geluSlope = (c: Context, x: Value): Value => {
  const { g } = c;
  const phi = g.op('Erf', [g.mul(x, c.scalar(Math.SQRT1_2))]);
  const cumulated = g.mul(g.add(phi, c.scalar(1)), c.scalar(0.5));
  const density = g.op('Exp', [g.mul(g.mul(x, x), c.scalar(-0.5))]);
  return g.add(cumulated, g.mul(g.mul(x, density), c.scalar(1 / Math.sqrt(2 * Math.PI))));
};

/** For y = x (1 + t) / 2 with t = tanh(√(2/π) (x + 0.044715 x³)). */
const geluTanhSlope = (c: Context, x: Value): Value => {
  const { g } = c;
  const [k, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = g.mul(x, x);
  const inner = g.mul(x, g.add(g.mul(square, c.scalar(k * cubic)), c.scalar(k)));
  const t = g.op('Tanh', [inner]);
  const innerSlope = g.add(g.mul(square, c.scalar(3 * k * cubic)), c.scalar(k));
  const rest = g.mul(g.mul(x, g.sub(c.scalar(1), g.mul(t, t))), innerSlope);
  return g.mul(g.add(g.add(t, c.scalar(1)), rest), c.scalar(0.5));
};

/** Between its bounds a value passes; the bounds are constants. */
const clip: Rule = (c) => {
  const { g, x } = c;
  const inside = (): Value[] => [
    ...(c.node.has(1) ? [g.op('GreaterOrEqual', [x[0]!, x[1]!])] : []),
    ...(c.node.has(2) ? [g.op('LessOrEqual', [x[0]!, x[2]!])] : []),
  ];
  return [() => inside().reduce((gradient, condition) => where(c, condition, gradient), c.dy)];
};

const dropout: Rule = (c) => {
  if (c.node.has(2)) {
    const mode = c.node.input(2)?.contents?.[0];
    if (mode !== 0) throw new AutodiffError(`Dropout ${c.node.node.name} drops values; export the model for inference`);
  }
  return [() => c.dy];
};

export const activations: Readonly<Record<string, Rule>> = {
  Abs: times((c, x) => c.g.op('Sign', [x])),
  Clip: clip,
  Cos: times((c, x) => c.g.neg(c.g.op('Sin', [x]))),
  Dropout: dropout,
  Erf: erf,
  Exp: times((c) => c.y),
  Gelu: times((c, x) => (c.node.string('approximate', 'none') === 'tanh' ? geluTanhSlope(c, x) : geluSlope(c, x))),
  Identity: (c) => [() => c.dy],
  Log: (c) => [() => c.g.div(c.dy, c.x[0]!)],
  Neg: (c) => [() => c.g.neg(c.dy)],
  Reciprocal: times((c) => c.g.neg(c.g.mul(c.y, c.y))),
  Relu: (c) => [() => where(c, c.g.op('Greater', [c.x[0]!, c.scalar(0)]), c.dy)],
  Sigmoid: sigmoid,
  Sin: times((c, x) => c.g.op('Cos', [x])),
  Softplus: times((c, x) => c.g.op('Sigmoid', [x])),
  Sqrt: (c) => [() => c.g.div(c.g.mul(c.spread, c.scalar(0.5)), c.y)],
  Tanh: times((c) => c.g.sub(c.scalar(1), c.g.mul(c.y, c.y))),
};
