import { fromStart, type Value } from '../../onnx/index.ts';
import { AutodiffError } from '../errors.ts';
import type { Context, Rule } from '../rule.ts';

// Functions of whole rows.

/** dx = y (dy − Σ y dy), or in the order that takes one pass less: y dy − y Σ y dy. */
const softmax: Rule = (c) => [
  () => {
    const { g, y } = c;
    const axis = fromStart(c.node.int('axis', -1), g.rankOf(y));
    const [only, ...others] = c.shares(0);
    if (others.length === 0 && typeof only === 'object' && 'whole' in only && axis === g.rankOf(y) - 1) {
      return g.mul(y, g.sub(only.whole, only.rowDot()));
    }
    const weighted = g.mul(y, c.spread);
    return g.sub(weighted, g.mul(y, g.sum(weighted, [axis], 1)));
  },
];

/**
 * dx = dy − exp(y) Σ dy. Where only some elements of a row were picked, as a cross-entropy does, the rest of dy is never
 * made: the picked ones are added onto −exp(y) Σ dy.
 */
const logSoftmax: Rule = (c) => [
  () => {
    const { g, y } = c;
    const axis = fromStart(c.node.int('axis', -1), g.rankOf(y));
    const shares = c.shares(0);
    const picked = shares.flatMap((share) =>
      typeof share === 'object' && 'onto' in share && share.elements?.axis === axis ? [share.elements] : [],
    );
    const probabilities = g.op('Exp', [y]);
    if (picked.length === 0 || picked.length < shares.length) {
      return g.sub(c.dy, g.mul(probabilities, g.sum(c.dy, [axis], 1)));
    }
    const sums = picked.map(({ updates }) => g.sum(updates, [axis], 1));
    const total = sums.reduce((a, b) => g.add(a, b));
    return picked.reduce<Value>(
      (base, { indices, updates }) => g.op('ScatterElements', [base, indices, updates], { axis, reduction: 'add' }),
      g.mul(probabilities, g.neg(total)),
    );
  },
];

/** The axes that are normalised together: from one to the last. */
const normalisedAxes = ({ g, node, x }: Context): number[] => {
  const rank = g.rankOf(x[0]!);
  const axis = fromStart(node.int('axis', -1), rank);
  return Array.from({ length: rank - axis }, (_, i) => axis + i);
};

/**
 * y = x̂ · scale + bias with x̂ = (x − mean) · r. With d = dy · scale: dx = r (d − mean(d) − x̂ mean(d x̂)); the mean of d
 * falls away where the mean of x was not taken off.
 */
const normalisation =
  (isCentred: boolean): Rule =>
  (c) => {
    const { g, x } = c;
    // Mean and inverse deviation come in float32, whatever the type of x is.
    const statistic = (output: number): Value =>
      g.typeOf(x[0]!) === 'float32' ? c.output(output) : g.castLike(c.output(output), x[0]!);
    const inverse = (): Value => statistic(isCentred ? 2 : 1);
    const centred = (): Value => (isCentred ? g.sub(x[0]!, statistic(1)) : x[0]!);
    const normal = (): Value => g.mul(centred(), inverse());
    const whole = g.shapeOf(c.y);
    return [
      () => {
        const axes = normalisedAxes(c);
        if (!isCentred && axes.length > 1) {
          // The runtime gives the inverse deviation of several axes another shape than it promises.
          throw new AutodiffError(`${c.node.node.op} ${c.node.node.name}: only the last axis may be normalised`);
        }
        const d = g.mul(c.dy, x[1]!);
        const r = inverse();
        const tilt = g.mul(normal(), g.mul(g.mean(g.mul(d, normal()), axes), r));
        const straight = g.sub(g.mul(d, r), tilt);
        return isCentred ? g.sub(straight, g.mul(g.mean(d, axes), r)) : straight;
      },
      () => g.sumTo(g.mul(c.dy, normal()), whole, x[1]!),
      ...(isCentred ? [() => g.sumTo(c.dy, whole, x[2]!)] : []),
    ];
  };

export const normalisations: Readonly<Record<string, Rule>> = {
  LayerNormalization: normalisation(true),
  LogSoftmax: logSoftmax,
  SimplifiedLayerNormalization: normalisation(false),
  Softmax: softmax,
};
