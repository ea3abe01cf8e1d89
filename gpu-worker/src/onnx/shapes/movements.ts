import type { Dim, Shape } from '../model.ts';
import { addDims, broadcast, broadcastDims, isNumeric, isStatic } from './known.ts';
import { fromStart } from './reader.ts';
import { type ShapeRule, shaped, unknownDims } from './rule.ts';

// Operators that move elements, or make values of a shape.

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

export const movements: Readonly<Record<string, ShapeRule>> = {
  Concat: concat,
  ConstantOfShape: filled,
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherElements: (node) => shaped(node, node.input(1)?.shape),
  GatherND: gatherND,
  Pad: pad,
  Reshape: reshape,
  Shape: (node) => {
    const rank = node.input(0)?.shape?.length;
    const [start, end] = [node.int('start', 0), node.int('end', Number.MAX_SAFE_INTEGER)];
    return [{ type: 'int64', shape: [rank === undefined ? undefined : sliced(rank, start, end, 1)] }];
  },
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
