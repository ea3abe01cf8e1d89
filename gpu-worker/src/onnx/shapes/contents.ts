import { constantOf } from '../constants.ts';
import { type Dim, sizeOf } from '../model.ts';
import { addDims, contentsLimit, contentsOf, isFloat, isNumeric, isStatic, type Known } from './known.ts';
import { fromStart, type Reader } from './reader.ts';

type Contents = readonly Dim[] | undefined;
type ContentsRule = (node: Reader, result: Known) => Contents;

/** The index into an operand that is broadcast to `dims`, for each element of the result in row-major order. */
const operandIndex = (dims: readonly number[], from: readonly number[]): ((element: number) => number) => {
  const offset = dims.length - from.length;
  return (element) => {
    let [rest, index, stride] = [element, 0, 1];
    for (let axis = dims.length - 1; axis >= offset; axis--) {
      const own = from[axis - offset]!;
      if (own !== 1) index += (rest % dims[axis]!) * stride;
      stride *= own;
      rest = Math.floor(rest / dims[axis]!);
    }
    return index;
  };
};

const elementwise =
  (compute: (...elements: Dim[]) => Dim): ContentsRule =>
  (node, { shape }) => {
    if (!isStatic(shape)) return undefined;
    const operands = node.node.inputs.map((_, i) => {
      const known = node.input(i);
      if (known?.contents === undefined || !isStatic(known.shape)) return undefined;
      const index = operandIndex(shape, known.shape);
      return (element: number): Dim => known.contents![index(element)];
    });
    if (operands.includes(undefined)) return undefined;
    return Array.from({ length: sizeOf(shape) }, (_, i) => compute(...operands.map((operand) => operand!(i))));
  };

/** An operation on numbers alone; anything with a name in it is not known. */
const numeric =
  (compute: (...elements: number[]) => number): ((...elements: Dim[]) => Dim) =>
  (...elements) =>
    isNumeric(elements) ? compute(...elements) : undefined;

const compare = (compute: (a: number, b: number) => boolean): ContentsRule =>
  elementwise(numeric((a, b) => Number(compute(a, b))));

const multiply = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  return a === 1 ? b : b === 1 ? a : undefined;
};

/** Names stand for lengths: two names may be equal or not, but none is below zero. */
const equal = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return Number(a === b);
  if (a !== undefined && a === b) return 1;
  const isNegative = (dim: Dim): boolean => typeof dim === 'number' && dim < 0;
  return (typeof a === 'string' && isNegative(b)) || (typeof b === 'string' && isNegative(a)) ? 0 : undefined;
};

const same: ContentsRule = (node) => node.input(0)?.contents;

const divide: ContentsRule = (node, result) =>
  elementwise((a, b) => {
    if (b === 1) return a;
    if (typeof a !== 'number' || typeof b !== 'number' || (b === 0 && !isFloat(result.type))) return undefined;
    return isFloat(result.type) ? a / b : Math.trunc(a / b);
  })(node, result);

const gather: ContentsRule = (node) => {
  const [data, indices] = [node.input(0), node.input(1)?.contents];
  if (data?.contents === undefined || data.shape?.length !== 1 || !isNumeric(indices)) return undefined;
  return indices.map((index) => data.contents![fromStart(index, data.contents!.length)]);
};

const slice: ContentsRule = (node) => {
  const contents = node.input(0)?.contents;
  const [starts, ends, steps] = [node.list('', 1), node.list('', 2), node.list('', 4)];
  if (contents === undefined || node.input(0)?.shape?.length !== 1) return undefined;
  if (!Array.isArray(starts) || !Array.isArray(ends) || steps === 'unknown') return undefined;
  if (steps !== 'absent' && steps[0] !== 1) return undefined;
  return contents.slice(starts[0], ends[0]);
};

const concat: ContentsRule = (node) => {
  const parts = node.node.inputs.map((_, i) => node.input(i));
  if (parts.some((part) => part?.contents === undefined || part.shape?.length !== 1)) return undefined;
  return parts.flatMap((part) => part!.contents!);
};

const range: ContentsRule = (node) => {
  const [start, limit, step] = [0, 1, 2].map((i) => node.input(i)?.contents?.[0]);
  if (typeof start !== 'number' || typeof limit !== 'number' || typeof step !== 'number') return undefined;
  const length = Math.max(0, Math.ceil((limit - start) / step));
  return length > contentsLimit ? undefined : Array.from({ length }, (_, i) => start + i * step);
};

const total =
  (add: (a: Dim, b: Dim) => Dim): ContentsRule =>
  (node, { shape }) => {
    const contents = node.input(0)?.contents;
    const isWhole = isStatic(shape) && sizeOf(shape) === 1;
    return isWhole && contents !== undefined && contents.length > 0 ? [contents.reduce(add)] : undefined;
  };

const cast: ContentsRule = (node, { type }) =>
  node.input(0)?.contents?.map((element) => {
    if (typeof element !== 'number') return type === 'bool' ? undefined : element;
    if (type === 'float32') return Math.fround(element);
    if (type === 'bool') return Number(element !== 0);
    return isFloat(type) ? element : Math.trunc(element);
  });

const filled: ContentsRule = (node, { shape }) => {
  const value = node.tensor('value');
  const element = value === undefined ? 0 : contentsOf(value)?.[0];
  if (!isStatic(shape) || element === undefined) return undefined;
  return Array.from({ length: sizeOf(shape) }, () => element);
};

const constant: ContentsRule = (node) => {
  const value = constantOf(node.node);
  return value && contentsOf(value);
};

const subtract = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a !== undefined && a === b) return 0;
  return b === 0 ? a : undefined;
};

const rules: Readonly<Record<string, ContentsRule>> = {
  Abs: elementwise(numeric(Math.abs)),
  Add: elementwise(addDims),
  And: elementwise((a, b) => (a === 0 || b === 0 ? 0 : numeric((x, y) => x * y)(a, b))),
  Cast: cast,
  Ceil: elementwise(numeric(Math.ceil)),
  Concat: concat,
  Constant: constant,
  ConstantOfShape: filled,
  Div: divide,
  Equal: elementwise(equal),
  Expand: (node, result) => {
    const { shape, contents } = node.input(0) ?? {};
    if (contents === undefined || !isStatic(shape) || !isStatic(result.shape)) return undefined;
    const index = operandIndex(result.shape, shape);
    return Array.from({ length: sizeOf(result.shape) }, (_, i) => contents[index(i)]);
  },
  Floor: elementwise(numeric(Math.floor)),
  Gather: gather,
  Greater: compare((a, b) => a > b),
  GreaterOrEqual: compare((a, b) => a >= b),
  Identity: same,
  Less: compare((a, b) => a < b),
  LessOrEqual: compare((a, b) => a <= b),
  Max: elementwise(numeric(Math.max)),
  Min: elementwise(numeric(Math.min)),
  Mod: elementwise(numeric((a, b) => a - b * Math.floor(a / b))),
  Mul: elementwise(multiply),
  Neg: elementwise(numeric((a) => -a)),
  Not: elementwise(numeric((a) => 1 - a)),
  Or: elementwise((a, b) => (a === 1 || b === 1 ? 1 : numeric((x, y) => Math.max(x, y))(a, b))),
  Range: range,
  ReduceMax: total(numeric(Math.max)),
  ReduceMin: total(numeric(Math.min)),
  ReduceProd: total(multiply),
  ReduceSum: total(addDims),
  Reshape: same,
  Shape: (node) => node.input(0)?.shape?.slice(node.int('start', 0), node.int('end', Number.MAX_SAFE_INTEGER)),
  Size: (node) => {
    const shape = node.input(0)?.shape;
    return shape && [shape.reduce<Dim>(multiply, 1)];
  },
  Slice: slice,
  Squeeze: same,
  Sub: elementwise(subtract),
  Unsqueeze: same,
  Where: elementwise((condition, a, b) => {
    if (a !== undefined && a === b) return a;
    return condition === undefined ? undefined : condition === 0 ? b : a;
  }),
};

/**
 * The elements of a value that shape arithmetic makes, as far as they are known; `undefined` when none is. A value with
 * more than `contentsLimit` elements is left to the runtime.
 */
export const contentsAfter = (node: Reader, result: Known): Contents => {
  const rule = node.node.domain === '' ? rules[node.node.op] : undefined;
  if (rule === undefined || (isStatic(result.shape) && sizeOf(result.shape) > contentsLimit)) return undefined;
  const contents = rule(node, result);
  if (contents === undefined || contents.length > contentsLimit) return undefined;
  const isRounded = result.type === 'float32' && isNumeric(contents);
  return isRounded ? contents.map((element) => Math.fround(element)) : contents;
};
