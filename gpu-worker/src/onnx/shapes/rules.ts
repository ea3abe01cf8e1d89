import { findType } from '../dataTypes.ts';
import type { Dim, Shape } from '../model.ts';
import { addDims, broadcast, broadcastDims, isNumeric, isStatic, type Known } from './known.ts';
import { fromStart, type Reader } from './reader.ts';

/** What is known of the outputs from what is known of the inputs; less is always allowed, wrong never. */
export type ShapeRule = (node: Reader) => readonly (Known | undefined)[];

const unknownDims = (rank: number): Shape => Array.from({ length: rank }, () => undefined);

/** The first input's type with another shape. */
const shaped = (node: Reader, shape: Shape | undefined, input = 0): readonly (Known | undefined)[] => {
  const known = node.input(input);
  return [known && { type: known.type, shape }];
};

const same: ShapeRule = (node) => shaped(node, node.input(0)?.shape);
const elementwise: ShapeRule = (node) => shaped(node, broadcast(node.node.inputs.map((_, i) => node.input(i)?.shape)));
const truth: ShapeRule = (node) => [
  { type: 'bool', shape: broadcast(node.node.inputs.map((_, i) => node.input(i)?.shape)) },
];

const reduce: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const list = node.list('axes', 1);
  if (shape === undefined) return shaped(node, undefined);
  const keep = node.int('keepdims', 1) === 1;
  if (list === 'unknown') return shaped(node, keep ? unknownDims(shape.length) : undefined);
  const isAll = list === 'absent' || list.length === 0;
  if (isAll && node.int('noop_with_empty_axes', 0) === 1) return shaped(node, shape);
  const axes = new Set(isAll ? shape.keys() : list.map((axis) => fromStart(axis, shape.length)));
  return shaped(node, keep ? shape.map((dim, i) => (axes.has(i) ? 1 : dim)) : shape.filter((_, i) => !axes.has(i)));
};

const argument: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const axis = fromStart(node.int('axis', 0), shape?.length ?? 0);
  const keep = node.int('keepdims', 1) === 1;
  return [{ type: 'int64', shape: shape?.flatMap((dim, i) => (i !== axis ? [dim] : keep ? [1] : [])) }];
};

const matmul: ShapeRule = (node) => {
  const [a, b] = [node.input(0)?.shape, node.input(1)?.shape];
  if (a === undefined || b === undefined || a.length === 0 || b.length === 0) return shaped(node, undefined);
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  return shaped(node, batch && [...batch, ...(a.length > 1 ? [a.at(-2)] : []), ...(b.length > 1 ? [b.at(-1)] : [])]);
};

const gemm: ShapeRule = (node) => {
  const side = (index: number, isTurned: boolean): Dim => node.input(index)?.shape?.[isTurned ? 1 : 0];
  return shaped(node, [side(0, node.int('transA', 0) === 1), side(1, node.int('transB', 0) !== 1)]);
};

/** A dimension of `-1` is what is left of the elements; names that stand on both sides cancel out. */
const leftOver = (from: Shape, to: Shape): Dim => {
  const names = from.filter((dim) => typeof dim !== 'number');
  let size = from.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  for (const dim of to) {
    if (dim === undefined) return undefined;
    if (typeof dim === 'number') {
      size /= dim;
    } else {
      const at = names.indexOf(dim);
      if (at < 0) return undefined;
      names.splice(at, 1);
    }
  }
  if (names.length === 0) return Number.isInteger(size) ? size : undefined;
  return names.length === 1 && size === 1 ? names[0] : undefined;
};

const reshape: ShapeRule = (node) => {
  const from = node.input(0)?.shape;
  const target = node.input(1)?.contents;
  const rank = node.input(1)?.shape?.[0];
  if (target === undefined) return shaped(node, typeof rank === 'number' ? unknownDims(rank) : undefined);
  const keepsZero = node.int('allowzero', 0) === 1;
  const dims = target.map((dim, i) => (dim === 0 && !keepsZero ? from?.[i] : dim));
  const rest = dims.filter((dim) => dim !== -1);
  return shaped(
    node,
    dims.map((dim) => (dim === -1 ? from && leftOver(from, rest) : dim)),
  );
};

const slice: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  if (shape === undefined) return shaped(node, undefined);
  const starts = node.input(1)?.contents;
  const ends = node.input(2)?.contents;
  const axes = node.list('axes', 3);
  const steps = node.list('steps', 4);
  if (starts === undefined || ends === undefined || axes === 'unknown' || steps === 'unknown') {
    return shaped(node, unknownDims(shape.length));
  }
  const result = [...shape];
  for (const [i, start] of starts.entries()) {
    const axis = axes === 'absent' ? i : fromStart(axes[i]!, shape.length);
    result[axis] = sliced(shape[axis], start, ends[i], steps === 'absent' ? 1 : steps[i]!);
  }
  return shaped(node, result);
};

/** The length of a slice of one axis, both ends cut to the axis as the specification has it. */
const sliced = (dim: Dim, start: Dim, end: Dim, step: number): Dim => {
  if (start === 0 && step === 1 && (end === dim || (typeof end === 'number' && end >= 2 ** 31 - 1))) return dim;
  if (typeof dim !== 'number' || typeof start !== 'number' || typeof end !== 'number') return undefined;
  const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
  const cut = (at: number): number => Math.min(Math.max(at < 0 ? at + dim : at, low), high);
  const from = Math.min(Math.max(start < 0 ? start + dim : start, 0), step > 0 ? dim : dim - 1);
  return Math.max(0, Math.ceil((cut(end) - from) / step));
};

const split: ShapeRule = (node) => {
  const known = node.input(0);
  const shape = known?.shape;
  if (shape === undefined) return [];
  const count = node.node.outputs.length;
  const axis = fromStart(node.int('axis', 0), shape.length);
  const dim = shape[axis];
  const given = node.list('split', 1);
  return node.node.outputs.map((_, i) => {
    const length = (): Dim => {
      if (given === 'unknown') return undefined;
      if (given !== 'absent') return given[i];
      if (typeof dim !== 'number') return undefined;
      const chunk = Math.ceil(dim / count);
      return Math.max(0, Math.min(chunk, dim - i * chunk));
    };
    return { type: known!.type, shape: shape.map((own, at) => (at === axis ? length() : own)) };
  });
};

const concat: ShapeRule = (node) => {
  const shapes = node.node.inputs.map((_, i) => node.input(i)?.shape);
  const first = shapes.find((shape) => shape !== undefined);
  if (first === undefined || shapes.includes(undefined)) return shaped(node, undefined);
  const axis = fromStart(node.int('axis', 0), first.length);
  const along = (at: number): Dim[] => shapes.map((shape) => shape![at]);
  return shaped(
    node,
    first.map((_, at) =>
      at === axis ? along(at).reduce((sum, dim) => addDims(sum, dim), 0) : along(at).reduce(broadcastDims),
    ),
  );
};

const unsqueeze: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const axes = node.list('axes', 1);
  if (shape === undefined || axes === 'unknown' || axes === 'absent') return shaped(node, undefined);
  const rank = shape.length + axes.length;
  const at = new Set(axes.map((axis) => fromStart(axis, rank)));
  const rest = [...shape];
  return shaped(
    node,
    Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift())),
  );
};

const squeeze: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const axes = node.list('axes', 1);
  if (shape === undefined || axes === 'unknown') return shaped(node, undefined);
  if (axes === 'absent') return shaped(node, isStatic(shape) ? shape.filter((dim) => dim !== 1) : undefined);
  const at = new Set(axes.map((axis) => fromStart(axis, shape.length)));
  return shaped(
    node,
    shape.filter((_, i) => !at.has(i)),
  );
};

const transpose: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const order = node.list('perm');
  if (order === 'absent' || order === 'unknown') return shaped(node, shape?.toReversed());
  return shaped(node, shape && order.map((axis) => shape[axis]));
};

const gather: ShapeRule = (node) => {
  const [shape, indices] = [node.input(0)?.shape, node.input(1)?.shape];
  if (shape === undefined || indices === undefined) return shaped(node, undefined);
  const axis = fromStart(node.int('axis', 0), shape.length);
  return shaped(node, [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)]);
};

const gatherND: ShapeRule = (node) => {
  const [shape, indices] = [node.input(0)?.shape, node.input(1)?.shape];
  const depth = indices?.at(-1);
  if (shape === undefined || indices === undefined || typeof depth !== 'number') return shaped(node, undefined);
  return shaped(node, [...indices.slice(0, -1), ...shape.slice(node.int('batch_dims', 0) + depth)]);
};

const expand: ShapeRule = (node) => {
  const rank = node.input(1)?.shape?.[0];
  const target = node.input(1)?.contents ?? (typeof rank === 'number' ? unknownDims(rank) : undefined);
  return shaped(node, broadcast([node.input(0)?.shape, target]));
};

const filled: ShapeRule = (node) => {
  const rank = node.input(0)?.shape?.[0];
  const shape = node.input(0)?.contents ?? (typeof rank === 'number' ? unknownDims(rank) : undefined);
  return [{ type: node.tensor('value')?.type ?? 'float32', shape }];
};

const pad: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const pads = node.list('pads', 1);
  const axes = node.list('axes', 3);
  if (shape === undefined || pads === 'unknown' || pads === 'absent' || axes === 'unknown') {
    return shaped(node, shape && unknownDims(shape.length));
  }
  const at = axes === 'absent' ? [...shape.keys()] : axes.map((axis) => fromStart(axis, shape.length));
  const result = [...shape];
  for (const [i, axis] of at.entries()) result[axis] = addDims(shape[axis], pads[i]! + pads[i + at.length]!);
  return shaped(node, result);
};

/** Mean and inverse deviation keep the normalised axes as ones. */
const normalised: ShapeRule = (node) => {
  const known = node.input(0);
  if (known === undefined) return [];
  const axis = fromStart(node.int('axis', -1), known.shape?.length ?? 0);
  const statistic: Known = { type: 'float32', shape: known.shape?.map((dim, i) => (i < axis ? dim : 1)) };
  return [{ type: known.type, shape: known.shape }, statistic, statistic];
};

const flatten: ShapeRule = (node) => {
  const shape = node.input(0)?.shape;
  const axis = fromStart(node.int('axis', 1), shape?.length ?? 0);
  const product = (dims: Shape): Dim => (isStatic(dims) ? dims.reduce((a, b) => a * b, 1) : leftOver(dims, []));
  return shaped(node, shape ? [product(shape.slice(0, axis)), product(shape.slice(axis))] : unknownDims(2));
};

const tile: ShapeRule = (node) => {
  const repeats = node.input(1)?.contents;
  const shape = node.input(0)?.shape;
  if (shape === undefined || !isNumeric(repeats)) return shaped(node, shape && unknownDims(shape.length));
  return shaped(
    node,
    shape.map((dim, i) => (repeats[i] === 1 ? dim : typeof dim === 'number' ? dim * repeats[i]! : undefined)),
  );
};

const cast: ShapeRule = (node) => {
  const type = findType(node.int('to', 0));
  return [type && { type, shape: node.input(0)?.shape }];
};

const names = (list: string, rule: ShapeRule): Record<string, ShapeRule> =>
  Object.fromEntries(list.split(' ').map((op) => [op, rule]));

/** The table: an operator's name to its rule. Of an operator that is not here nothing is known, which is no error. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...names('Abs Acos Asin Atan Ceil Celu Clip Cos CumSum Elu Erf Exp Floor Gelu HardSigmoid HardSwish Identity', same),
  ...names('LeakyRelu Log LogSoftmax Mish Neg Reciprocal Relu Round ScatterElements ScatterND Selu Sigmoid Sign', same),
  ...names('Sin Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu', same),
  ...names('Add BitwiseAnd Div Max Mean Min Mod Mul PRelu Pow Sub Sum', elementwise),
  ...names('And Equal Greater GreaterOrEqual Less LessOrEqual Or Xor', truth),
  ...names('IsInf IsNaN Not', (node) => [{ type: 'bool', shape: node.input(0)?.shape }]),
  ...names('ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum', reduce),
  ReduceSumSquare: reduce,
  ArgMax: argument,
  ArgMin: argument,
  Cast: cast,
  CastLike: (node) => {
    const type = node.input(1)?.type;
    return [type && { type, shape: node.input(0)?.shape }];
  },
  Concat: concat,
  Constant: (node) => {
    const value = node.tensor('value');
    if (value !== undefined) return [{ type: value.type, shape: value.dims }];
    const [key, attribute] = [...node.node.attributes][0] ?? [];
    if (key === 'value_int' || key === 'value_float') {
      return [{ type: key === 'value_int' ? 'int64' : 'float32', shape: [] }];
    }
    const isList = attribute?.kind === 'ints' || attribute?.kind === 'floats';
    return [isList ? { type: key === 'value_ints' ? 'int64' : 'float32', shape: [attribute.value.length] } : undefined];
  },
  ConstantOfShape: filled,
  Dropout: (node) => [...same(node), { type: 'bool', shape: node.input(0)?.shape }],
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherElements: (node) => shaped(node, node.input(1)?.shape),
  GatherND: gatherND,
  Gemm: gemm,
  LayerNormalization: normalised,
  MatMul: matmul,
  NonZero: (node) => [{ type: 'int64', shape: [node.input(0)?.shape?.length, undefined] }],
  Pad: pad,
  RMSNormalization: same,
  Range: (node) => shaped(node, [undefined]),
  Reshape: reshape,
  Shape: (node) => {
    const rank = node.input(0)?.shape?.length;
    const [start, end] = [node.int('start', 0), node.int('end', Number.MAX_SAFE_INTEGER)];
    return [{ type: 'int64', shape: [rank === undefined ? undefined : sliced(rank, start, end, 1)] }];
  },
  SimplifiedLayerNormalization: (node) => normalised(node).slice(0, 2),
  Size: () => [{ type: 'int64', shape: [] }],
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: (node) => shaped(node, broadcast([0, 1, 2].map((i) => node.input(i)?.shape)), 1),
};
