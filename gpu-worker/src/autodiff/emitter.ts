import {
  type AttributeValue,
  type Builder,
  type DataType,
  isFloat,
  isStatic,
  type Known,
  type Node,
  type Shape,
  tensorOf,
  typeCodes,
  type Value,
} from '../onnx/index.ts';
import { AutodiffError } from './errors.ts';

type Attributes = Readonly<Record<string, AttributeValue>>;

/**
 * Writes the nodes that gradients are made of behind the nodes of a graph. The same operation on the same inputs is
 * written once, and what cancels out (a transposition of a transposition, a factor of 1) is not written at all.
 */
export type Emitter = ReturnType<typeof createEmitter>;

export type EmitterOptions = {
  builder: Builder;
  nodes: readonly Node[];
  known: ReadonlyMap<string, Known>;
  opset: number;
};

const swapped = (rank: number): number[] => [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];

export const createEmitter = ({ builder, nodes, known, opset }: EmitterOptions) => {
  const producers = new Map<Value, { op: string; inputs: readonly Value[]; attributes: Attributes }>();
  for (const { op, inputs, outputs, attributes } of nodes) {
    const order = attributes.get('perm');
    const perm = order?.kind === 'ints' ? order.value : undefined;
    if (op === 'Sigmoid') producers.set(outputs[0]!, { op, inputs, attributes: {} });
    if (op === 'Transpose' && perm !== undefined) producers.set(outputs[0]!, { op, inputs, attributes: { perm } });
  }
  const written = new Map<string, Value>();
  /** Constants of one number that were made here. */
  const numbers = new Map<Value, number>();
  const numberTypes = new Map<Value, DataType>();

  const op = (name: string, inputs: readonly Value[], attributes: Attributes = {}): Value => {
    const key = JSON.stringify([name, inputs, attributes]);
    const before = written.get(key);
    if (before !== undefined) return before;
    const value = builder.op(name, inputs, { attributes, outputs: [builder.fresh(`grad/${name}`)] });
    written.set(key, value);
    producers.set(value, { op: name, inputs, attributes });
    return value;
  };

  const scalar = (type: DataType, number: number): Value => {
    const value = builder.constant(tensorOf(type, [], [number]));
    numbers.set(value, number);
    numberTypes.set(value, type);
    return value;
  };
  const integers = (values: readonly number[]): Value => builder.constant(tensorOf('int64', [values.length], values));

  const typeOf = (value: Value): DataType => known.get(value)?.type ?? 'float32';
  const shapeOf = (value: Value): Shape | undefined => known.get(value)?.shape;
  const rankOf = (value: Value): number => {
    const rank = shapeOf(value)?.length;
    if (rank === undefined) throw new AutodiffError(`The rank of ${value} must be known for its gradient`);
    return rank;
  };
  /** The shape of a value of the graph, as a value. */
  const runtimeShape = (value: Value): Value => {
    const shape = shapeOf(value);
    return isStatic(shape) ? integers(shape) : op('Shape', [value]);
  };
  /** Length of one axis as a list of one. */
  const runtimeLength = (value: Value, axis: number): Value => {
    const dim = shapeOf(value)?.[axis];
    return typeof dim === 'number' ? integers([dim]) : op('Shape', [value], { start: axis, end: axis + 1 });
  };

  const mul = (a: Value, b: Value): Value => {
    const [x, y] = [numbers.get(a), numbers.get(b)];
    if (x !== undefined && y !== undefined) return scalar(numberTypes.get(a)!, x * y);
    if (x === 1) return b;
    if (y === 1) return a;
    return op('Mul', [a, b]);
  };
  const add = (a: Value, b: Value): Value => op('Add', [a, b]);
  const sub = (a: Value, b: Value): Value => op('Sub', [a, b]);
  const div = (a: Value, b: Value): Value => op('Div', [a, b]);
  const neg = (a: Value): Value => {
    const number = numbers.get(a);
    return number === undefined ? op('Neg', [a]) : scalar(numberTypes.get(a)!, -number);
  };

  const sum = (value: Value, axes: readonly number[], keepdims: 0 | 1): Value =>
    axes.length === 0 ? value : op('ReduceSum', [value, integers(axes)], { keepdims });
  const mean = (value: Value, axes: readonly number[]): Value =>
    opset < 18 ? op('ReduceMean', [value], { axes: [...axes] }) : op('ReduceMean', [value, integers(axes)]);

  /** With the shape of a value of the graph that has as many elements. */
  const reshapeLike = (value: Value, like: Value): Value => {
    const shape = shapeOf(like);
    const open = shape?.filter((dim) => typeof dim !== 'number').length;
    if (shape !== undefined && open !== undefined && open <= 1 && !(open > 0 && shape.includes(0))) {
      const dims = shape.map((dim) => (typeof dim === 'number' ? dim : -1));
      return dims.includes(0)
        ? op('Reshape', [value, integers(dims)], { allowzero: 1 })
        : op('Reshape', [value, integers(dims)]);
    }
    return op('Reshape', [value, runtimeShape(like)], { allowzero: 1 });
  };
  const expandLike = (value: Value, like: Value): Value => op('Expand', [value, runtimeShape(like)]);
  const zerosLike = (like: Value): Value => expandLike(scalar(typeOf(like), 0), like);

  /** Sums a gradient of the shape `wide` over the axes along which `to` was broadcast to it. */
  const sumTo = (gradient: Value, wide: Shape | undefined, to: Value): Value => {
    const narrow = shapeOf(to);
    if (wide === undefined || narrow === undefined) return sumToAtRuntime(gradient, to);
    const lead = wide.length - narrow.length;
    const isClear = narrow.every((dim, i) => typeof dim === 'number' || (dim !== undefined && dim === wide[lead + i]));
    if (!isClear) return sumToAtRuntime(gradient, to);
    const axes = [...wide.keys()].filter((i) => i < lead || (narrow[i - lead] === 1 && wide[i] !== 1));
    if (axes.every((axis) => axis < lead)) return sum(gradient, axes, 0);
    const summed = sum(gradient, axes, 1);
    return lead === 0 ? summed : reshapeLike(summed, to);
  };
  const sumToAtRuntime = (gradient: Value, to: Value): Value => {
    const target = runtimeShape(to);
    const missing = sub(op('Shape', [op('Shape', [gradient])]), op('Shape', [target]));
    const padded = op('Concat', [op('Expand', [integers([1]), missing]), target], { axis: 0 });
    const axes = op('Reshape', [op('NonZero', [op('Equal', [padded, integers([1])])]), integers([-1])]);
    const summed = op('ReduceSum', [gradient, axes], { keepdims: 1, noop_with_empty_axes: 1 });
    return op('Reshape', [summed, target], { allowzero: 1 });
  };

  const transpose = (value: Value, perm: readonly number[]): Value => {
    if (perm.every((axis, i) => axis === i)) return value;
    const made = producers.get(value);
    const before = made?.attributes.perm;
    if (made?.op === 'Transpose' && Array.isArray(before)) {
      return transpose(
        made.inputs[0]!,
        perm.map((axis) => before[axis]),
      );
    }
    const isSwap = perm.length > 1 && swapped(perm.length).every((axis, i) => axis === perm[i]);
    if (made?.op === 'MatMul' && isSwap) {
      const [a, b] = made.inputs.map((input) => transpose(input, perm));
      return matmul(b!, a!);
    }
    if (made?.op === 'Gemm' && isSwap && made.inputs.length === 2) {
      const [a, b] = made.inputs;
      const { transA, transB, alpha } = made.attributes;
      return gemm(b!, a!, { transA: transB !== 1, transB: transA !== 1, ...(alpha === undefined ? {} : { alpha }) });
    }
    return op('Transpose', [value], { perm: [...perm] });
  };
  /** Both operands of the same rank, which is at least 2. */
  const matmul = (a: Value, b: Value): Value => op('MatMul', [a, b]);
  /** The last two axes exchanged. */
  const turn = (value: Value, rank: number): Value => transpose(value, swapped(rank));

  type GemmOptions = { transA?: boolean; transB?: boolean; alpha?: AttributeValue };
  /** A product of two matrices; one that was only turned around before is taken as it was. */
  const gemm = (a: Value, b: Value, { transA = false, transB = false, alpha }: GemmOptions): Value => {
    const unturned = (value: Value, isTurned: boolean): [Value, boolean] => {
      const made = producers.get(value);
      return made?.op === 'Transpose' ? [made.inputs[0]!, !isTurned] : [value, isTurned];
    };
    const [left, turnLeft] = unturned(a, transA);
    const [right, turnRight] = unturned(b, transB);
    return op('Gemm', [left, right], {
      ...(turnLeft ? { transA: 1 } : {}),
      ...(turnRight ? { transB: 1 } : {}),
      ...(alpha === undefined ? {} : { alpha }),
    });
  };
  /** All axes but the last as one; `length` is that of the last. */
  const flat = (value: Value, rank: number, length: number | undefined, like: Value): Value => {
    if (rank === 2) return value;
    if (length !== undefined) return op('Reshape', [value, integers([-1, length])]);
    const last = runtimeLength(like, rank - 1);
    return op('Reshape', [value, op('Concat', [integers([-1]), last], { axis: 0 })]);
  };

  return {
    op,
    scalar,
    integers,
    typeOf,
    shapeOf,
    rankOf,
    runtimeShape,
    runtimeLength,
    isFloat: (v: Value) => isFloat(typeOf(v)),
    mul,
    add,
    sub,
    div,
    neg,
    sum,
    mean,
    reshapeLike,
    expandLike,
    zerosLike,
    sumTo,
    transpose,
    matmul,
    turn,
    gemm,
    flat,
    opset,
    castLike: (value: Value, like: Value): Value => op('Cast', [value], { to: typeCodes[typeOf(like)] }),
    /** Whether one value is the sigmoid of another. */
    isSigmoidOf: (value: Value, of: Value): boolean =>
      producers.get(value)?.op === 'Sigmoid' && producers.get(value)?.inputs[0] === of,
    numberOf: (value: Value): number | undefined => numbers.get(value),
    /** One node with several outputs. */
    ops: (name: string, inputs: readonly Value[], count: number, attributes: Attributes): readonly Value[] =>
      builder.ops(name, inputs, {
        attributes,
        outputs: Array.from({ length: count }, (_, i) => builder.fresh(`grad/${name}/${i}`)),
      }),
  };
};
