import { fromStart, isStatic, type Shape, type Value } from '../../onnx/index.ts';
import { AutodiffError } from '../errors.ts';
import type { Gradient } from '../gradient.ts';
import type { Context, Rule } from '../rule.ts';

// Operations that move elements without changing them.

const back: Rule = (c) => [() => c.g.reshapeLike(c.dy, c.x[0]!)];

const axisOf = ({ g, node, x }: Context, fallback = 0): number =>
  fromStart(node.int('axis', fallback), g.rankOf(x[0]!));

const transpose: Rule = (c) => {
  const rank = c.g.rankOf(c.x[0]!);
  const order = c.node.list('perm');
  const perm = Array.isArray(order) ? order : Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return [
    () =>
      c.g.transpose(
        c.dy,
        perm.map((_: number, axis: number) => perm.indexOf(axis)),
      ),
  ];
};

const concat: Rule = (c) => {
  const { g, x } = c;
  const axis = axisOf(c);
  const lengths = x.map((value) => g.shapeOf(value)?.[axis]);
  if (lengths.every((length) => typeof length === 'number')) {
    const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, 0));
    return x.map((_, i) => () => {
      const bounds = [ends[i]! - lengths[i]!, ends[i]!, axis].map((bound) => g.integers([bound]));
      return g.op('Slice', [c.dy, ...bounds]);
    });
  }
  const parts = (): readonly Value[] => {
    const sizes = g.op(
      'Concat',
      x.map((value) => g.runtimeLength(value, axis)),
      { axis: 0 },
    );
    return g.ops('Split', [c.dy, sizes], x.length, { axis });
  };
  return x.map((_, i) => () => parts()[i]!);
};

const split: Rule = (c) => [
  () =>
    c.g.op(
      'Concat',
      c.node.node.outputs.map((_, i) => c.whole(i)),
      { axis: axisOf(c) },
    ),
];

const slice: Rule = (c) => [
  () => {
    const { g, node, x } = c;
    const rank = g.rankOf(x[0]!);
    const [starts, ends] = [node.list('', 1), node.list('', 2)];
    const steps = node.list('', 4);
    const given = node.list('', 3);
    if (!Array.isArray(starts) || given === 'unknown' || steps === 'unknown') throw unclear(c);
    const axes =
      given === 'absent' ? starts.map((_: number, i: number) => i) : given.map((axis) => fromStart(axis, rank));
    if (Array.isArray(steps) && steps.some((step) => step !== 1)) return bySteps(c, axes);
    const lengths = axes.map((axis: number) => g.shapeOf(x[0]!)?.[axis]);
    if (axes.length === 1 && typeof lengths[0] === 'number' && Array.isArray(ends)) {
      const [length] = lengths;
      const cut = (at: number): number => Math.min(Math.max(fromStart(at, length), 0), length);
      const [start, end] = [cut(starts[0]!), cut(ends[0]!)];
      return { piece: c.dy, axis: axes[0]!, start, end: Math.max(start, end) };
    }
    return padded(c, axes, starts);
  },
];

const unclear = ({ node }: Context): AutodiffError =>
  new AutodiffError(`Slice ${node.node.name}: starts, axes and steps must be constant; specialise the model first`);

/** Zeros before and after, counted when the graph runs where lengths are not known before. */
const padded = (c: Context, axes: readonly number[], starts: readonly number[]): Gradient => {
  const { g, x, y } = c;
  const zero = g.integers([0]);
  const pads = Array.from({ length: g.rankOf(x[0]!) }, (_, axis): [Value, Value] => {
    const at = axes.indexOf(axis);
    if (at < 0) return [zero, zero];
    const length = g.runtimeLength(x[0]!, axis);
    const start = g.integers([Math.abs(starts[at]!)]);
    const fromEnd = (): Value => g.op('Max', [g.sub(length, start), zero]);
    const before = starts[at]! < 0 ? fromEnd() : g.op('Min', [start, length]);
    return [before, g.sub(g.sub(length, before), g.runtimeLength(y, axis))];
  });
  const all = [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
  return g.op('Pad', [c.dy, g.op('Concat', all, { axis: 0 })]);
};

/** Every so many elements: the positions are taken by the same slice of a count. */
const bySteps = (c: Context, axes: readonly number[]): Gradient => {
  const { g, x, y, node } = c;
  const [axis] = axes;
  if (axis === undefined || axes.length > 1) throw unclear(c);
  const length = g.op('Squeeze', [g.runtimeLength(x[0]!, axis)]);
  const count = g.op('Range', [g.scalar('int64', 0), length, g.scalar('int64', 1)]);
  const [, starts, ends, , steps] = node.node.inputs;
  const positions = g.op('Slice', [count, starts!, ends!, g.integers([0]), steps!]);
  const ones = Array.from({ length: g.rankOf(x[0]!) }, (_, i) => (i === axis ? -1 : 1));
  const indices = g.op('Expand', [g.op('Reshape', [positions, g.integers(ones)]), g.runtimeShape(y)]);
  return pick(c, indices, axis);
};

/** `GatherElements` and what can be told as one. */
const pick = ({ g, dy }: Context, indices: Value, axis: number): Gradient => ({
  onto: (base) => g.op('ScatterElements', [base, indices, dy], { axis, reduction: 'add' }),
  elements: { indices, updates: dy, axis },
});

/**
 * Elements along an axis, added back where they came from. Not by ScatterND: the runtime's adds from several threads
 * without a lock, and loses some where an index stands twice. ScatterElements adds one after the other.
 */
const gather: Rule = (c) => [
  () => {
    const { g, x, node } = c;
    const axis = axisOf(c);
    const shape = g.shapeOf(x[0]!)!;
    const [only, ...others] = node.input(1)?.contents ?? [];
    const [length, rankOfIndices] = [shape[axis], g.rankOf(x[1]!)];
    if (typeof only === 'number' && typeof length === 'number' && others.length === 0 && rankOfIndices < 2) {
      const start = fromStart(only, length);
      const piece = rankOfIndices === 0 ? g.op('Unsqueeze', [c.dy, g.integers([axis])]) : c.dy;
      return { piece, axis, start, end: start + 1 };
    }
    return addBack(c, x[1]!, axis, rankOfIndices);
  },
];

const addBack = (c: Context, indices: Value, axis: number, rankOfIndices: number): Gradient => {
  const { g, x } = c;
  const rank = g.rankOf(x[0]!);
  const lengths = Array.from({ length: rank }, (_, i) => (i === axis ? g.integers([-1]) : g.runtimeLength(x[0]!, i)));
  const shape = g.shapeOf(x[0]!)!;
  const open = shape.filter((dim, i) => i !== axis && typeof dim !== 'number').length;
  const target = () =>
    open === 0
      ? g.integers(shape.map((dim, i) => (i === axis ? -1 : (dim as number))))
      : g.op('Concat', lengths, { axis: 0 });
  const updates = rankOfIndices === 1 ? c.dy : g.op('Reshape', [c.dy, target()]);
  const line = g.op('Reshape', [indices, g.integers(shape.map((_, i) => (i === axis ? -1 : 1)))]);
  const all = g.op('Expand', [line, g.op('Shape', [updates])]);
  return {
    onto: (base) => g.op('ScatterElements', [base, all, updates], { axis, reduction: 'add' }),
  };
};

/** As `Gather` of rows, by where each lies in the table of all that the leading axes count. */
const gatherND: Rule = (c) => [
  () => {
    const { g, x, node } = c;
    const depth = g.shapeOf(x[1]!)?.at(-1);
    const lengths: Shape | undefined = typeof depth === 'number' ? g.shapeOf(x[0]!)?.slice(0, depth) : undefined;
    if (node.int('batch_dims', 0) !== 0 || !isStatic(lengths)) {
      throw new AutodiffError(`GatherND ${node.node.name}: batch_dims must be 0 and the lengths of the axes known`);
    }
    const strides = lengths.map((_, i) => lengths.slice(i + 1).reduce((product, length) => product * length, 1));
    const isNegative = g.op('Less', [x[1]!, g.integers([0])]);
    const index = g.op('Where', [isNegative, g.add(x[1]!, g.integers(lengths)), x[1]!]);
    const rows = g.op('Reshape', [g.sum(g.mul(index, g.integers(strides)), [-1], 0), g.integers([-1, 1])]);
    const updates = g.op('Reshape', [
      c.dy,
      g.op('Concat', [g.op('Shape', [rows], { start: 0, end: 1 }), g.integers([-1])], { axis: 0 }),
    ]);
    const all = g.op('Expand', [rows, g.op('Shape', [updates])]);
    const count = lengths.reduce((product, length) => product * length, 1);
    return {
      onto: (base) => {
        const table = g.op('Reshape', [base, g.integers([count, -1])]);
        return g.reshapeLike(g.op('ScatterElements', [table, all, updates], { axis: 0, reduction: 'add' }), x[0]!);
      },
    };
  },
];

const pad: Rule = (c) => [
  () => {
    const { g, node, x } = c;
    const pads = node.list('pads', 1);
    if (node.string('mode', 'constant') !== 'constant' || !Array.isArray(pads) || node.has(3)) {
      throw new AutodiffError(`Pad ${node.node.name}: only constant padding of all axes by constants has a gradient`);
    }
    const rank = g.rankOf(x[0]!);
    const ends = pads.slice(rank).map((after: number) => (after === 0 ? Number.MAX_SAFE_INTEGER : -after));
    const axes = Array.from({ length: rank }, (_, i) => i);
    return g.op('Slice', [c.dy, g.integers(pads.slice(0, rank)), g.integers(ends), g.integers(axes)]);
  },
];

const trilu: Rule = (c) => [() => c.g.op('Trilu', [c.dy, ...c.x.slice(1)], { upper: c.node.int('upper', 1) })];

const cast: Rule = (c) => [() => c.g.castLike(c.dy, c.x[0]!)];

export const movements: Readonly<Record<string, Rule>> = {
  Cast: cast,
  CastLike: cast,
  Concat: concat,
  Expand: (c) => [() => c.g.sumTo(c.dy, c.g.shapeOf(c.y), c.x[0]!)],
  Flatten: back,
  Gather: gather,
  GatherElements: (c) => [() => pick(c, c.x[1]!, axisOf(c))],
  GatherND: gatherND,
  Pad: pad,
  Reshape: back,
  Slice: slice,
  Split: split,
  Squeeze: back,
  Transpose: transpose,
  Trilu: trilu,
  Unsqueeze: back,
};
