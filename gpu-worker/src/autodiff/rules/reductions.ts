import type { Value } from '../../onnx/index.ts';
import { fromStart } from '../../onnx/index.ts';
import { AutodiffError } from '../errors.ts';
import type { Context, Rule } from '../rule.ts';

// Reductions. Their gradients are as small as their results: they are spread over the axes only where they are used.

const axesOf = ({ g, node, x }: Context): readonly number[] => {
  const axes = node.list('axes', 1);
  if (axes === 'unknown') throw new AutodiffError(`The axes of ${node.node.op} ${node.node.name} must be constant`);
  const rank = g.rankOf(x[0]!);
  if (axes !== 'absent' && axes.length > 0) return axes.map((axis) => fromStart(axis, rank));
  return node.int('noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i);
};

/** A value of the output's shape with axes of 1 where the reduced ones were. */
const kept = (c: Context, value: Value): Value => {
  if (c.node.int('keepdims', 1) === 1) return value;
  const axes = axesOf(c);
  return axes.length === 0 ? value : c.g.op('Unsqueeze', [value, c.g.integers([...axes].sort((a, b) => a - b))]);
};

/** How many elements went into one, as a constant where the shape is known. */
const countOf = (c: Context): Value => {
  const { g, x, y } = c;
  const lengths = axesOf(c).map((axis) => g.shapeOf(x[0]!)?.[axis]);
  if (lengths.every((length) => typeof length === 'number')) {
    return c.scalar(lengths.reduce((product, length) => product * length, 1));
  }
  return g.castLike(g.div(g.op('Size', [x[0]!]), g.op('Size', [y])), x[0]!);
};

/** The output's gradient as something that broadcasts to the input: it is never made as large as that here. */
const spreadBack = (c: Context): Value =>
  c.g.numberOf(c.spread) !== undefined || c.node.int('keepdims', 1) === 1 ? c.spread : kept(c, c.dy);

const mean: Rule = (c) => [
  () => {
    const count = countOf(c);
    const factor = c.g.numberOf(count);
    const spread = spreadBack(c);
    return { spread: factor === undefined ? c.g.div(spread, count) : c.g.mul(spread, c.scalar(1 / factor)) };
  },
];

/** The largest or smallest elements share the gradient evenly where they are several. */
const extreme: Rule = (c) => [
  () => {
    const { g, x, y } = c;
    const isIt = g.castLike(g.op('Equal', [x[0]!, kept(c, y)]), x[0]!);
    return g.mul(isIt, g.div(kept(c, c.dy), g.sum(isIt, axesOf(c), 1)));
  },
];

export const reductions: Readonly<Record<string, Rule>> = {
  ReduceL2: (c) => [() => c.g.mul(c.x[0]!, kept(c, c.g.div(c.dy, c.y)))],
  ReduceLogSumExp: (c) => [() => c.g.mul(c.g.op('Exp', [c.g.sub(c.x[0]!, kept(c, c.y))]), spreadBack(c))],
  ReduceMax: extreme,
  ReduceMean: mean,
  ReduceMin: extreme,
  ReduceSum: (c) => [() => ({ spread: spreadBack(c) })],
  ReduceSumSquare: (c) => [() => c.g.mul(c.x[0]!, c.g.mul(spreadBack(c), c.scalar(2)))],
};
