import type { DataType } from '../../src/onnx/index.ts';
import type { Case } from './finiteDifferences.ts';
import type { Random } from './random.ts';
import type { Numbers } from './run.ts';

// For each rule of the table a generator of random cases.

const size = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

const tensor = (
  random: Random,
  dims: readonly number[],
  [low, high]: readonly [number, number] = [-1.5, 1.5],
  type: DataType = 'float64',
): Numbers => ({ type, dims, values: Array.from({ length: size(dims) }, () => random.between(low, high)) });

const integers = (values: readonly number[], dims: readonly number[] = [values.length]): Numbers => ({
  type: 'int64',
  dims,
  values,
});

/** Far from where a function bends: a distance that no step crosses. */
const awayFrom = (numbers: Numbers, points: readonly number[], gap = 0.1): Numbers => ({
  ...numbers,
  values: numbers.values.map((value) => {
    const near = points.find((point) => Math.abs(value - point) < gap);
    return near === undefined ? value : near + (value < near ? -gap : gap);
  }),
});

const shape = (random: Random, rank = random.whole(1, 3)): number[] =>
  Array.from({ length: rank }, () => random.whole(1, 3));

/** The same shape with some axes of 1 and some leading ones left out. */
const narrowed = (random: Random, dims: readonly number[]): number[] =>
  dims.slice(random.whole(0, dims.length)).map((dim) => random.pick([dim, dim, 1]));

/** Two shapes that are broadcast to one, either of them the smaller one. */
const pair = (random: Random): [number[], number[]] => {
  const dims = shape(random);
  const other = narrowed(random, dims);
  return random.pick<[number[], number[]]>([
    [dims, other],
    [other, dims],
    [dims.map((dim, i) => (i % 2 === 0 ? dim : 1)), dims.map((dim, i) => (i % 2 === 0 ? 1 : dim))],
  ]);
};

type Generator = (random: Random) => Case;

const unary =
  (op: string, range: readonly [number, number] = [-1.5, 1.5], type: DataType = 'float64'): Generator =>
  (random) => ({ op, inputs: [tensor(random, shape(random), range, type)] });

const binary =
  (
    op: string,
    second: readonly [number, number] = [-1.5, 1.5],
    first: readonly [number, number] = [-1.5, 1.5],
  ): Generator =>
  (random) => {
    const [a, b] = pair(random);
    return { op, inputs: [tensor(random, a, first), tensor(random, b, second)], isDynamic: random.pick([true, false]) };
  };

const bent =
  (op: string, attributes: Case['attributes'] = {}): Generator =>
  (random) => ({ op, inputs: [awayFrom(tensor(random, shape(random)), [0])], attributes });

/** Values that stand apart, so that the largest stays the largest. */
const apart = (random: Random, dims: readonly number[], offset = 0): Numbers => {
  const values = Array.from({ length: size(dims) }, (_, i) => i * 0.2 - 1 + offset);
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return { type: 'float64', dims, values };
};

const extreme =
  (op: string): Generator =>
  (random) => {
    const dims = shape(random);
    const count = random.whole(1, 3);
    const inputs = Array.from({ length: count }, (_, i) =>
      apart(random, i === 0 ? dims : narrowed(random, dims), i * 0.07),
    );
    return { op, inputs };
  };

/** A reduction, with its axes as an attribute or as an input. */
const reduction =
  (op: string, { axesInput = 18, range = [-1.5, 1.5] as readonly [number, number], isApart = false } = {}): Generator =>
  (random) => {
    const dims = shape(random, random.whole(1, 3));
    const axes = [...dims.keys()]
      .filter(() => random.pick([true, false]))
      .map((axis) => axis - random.pick([0, dims.length]));
    const opset = random.pick([17, 18, 20]);
    const keepdims = random.pick([0, 1]);
    const x = isApart ? apart(random, dims) : tensor(random, dims, range);
    const isInput = opset >= axesInput;
    const isGiven = axes.length > 0;
    return {
      op,
      opset,
      inputs: [x, ...(isInput && isGiven ? [integers(axes)] : [])],
      attributes: { keepdims, ...(isInput || !isGiven ? {} : { axes }) },
      isDynamic: random.pick([true, false]),
    };
  };

const matmul: Generator = (random) => {
  const [m, k, n] = [random.whole(1, 3), random.whole(1, 4), random.whole(1, 3)];
  const batch = shape(random, random.whole(1, 2));
  const [a, b] = random.pick<[number[], number[]]>([
    [
      [m, k],
      [k, n],
    ],
    [
      [...batch, m, k],
      [k, n],
    ],
    [
      [m, k],
      [...batch, k, n],
    ],
    [
      [...batch, m, k],
      [...batch, k, n],
    ],
    [
      [...narrowed(random, batch), m, k],
      [...batch, k, n],
    ],
    [
      [...batch, m, k],
      [...narrowed(random, batch), k, n],
    ],
    [[k], [k, n]],
    [[...batch, m, k], [k]],
    [[k], [...batch, k, n]],
    [[k], [k]],
  ]);
  return { op: 'MatMul', inputs: [tensor(random, a), tensor(random, b)], isDynamic: random.pick([true, false]) };
};

const gemm: Generator = (random) => {
  const [m, k, n] = [random.whole(1, 4), random.whole(1, 4), random.whole(1, 4)];
  const [transA, transB] = [random.whole(0, 1), random.whole(0, 1)];
  const c = random.pick<number[] | undefined>([undefined, [n], [1, n], [m, 1], [m, n], [], [1]]);
  return {
    op: 'Gemm',
    inputs: [
      tensor(random, transA === 1 ? [k, m] : [m, k]),
      tensor(random, transB === 1 ? [n, k] : [k, n]),
      ...(c === undefined ? [] : [tensor(random, c)]),
    ],
    attributes: { transA, transB, ...random.pick([{}, { alpha: 0.5, beta: { kind: 'float', value: 2 } as const }]) },
  };
};

const gather: Generator = (random) => {
  const dims = shape(random, random.whole(1, 3));
  const axis = random.whole(0, dims.length - 1);
  const at = random.pick([[], [3], [2, 2]]);
  const indices = Array.from({ length: size(at) }, () => random.whole(-dims[axis]!, dims[axis]! - 1));
  return {
    op: 'Gather',
    inputs: [tensor(random, dims), { ...integers(indices, at), type: random.pick<DataType>(['int64', 'int32']) }],
    attributes: { axis: axis - random.pick([0, dims.length]) },
    isDynamic: random.pick([true, false]),
  };
};

const gatherElements: Generator = (random) => {
  const dims = shape(random, random.whole(1, 3));
  const axis = random.whole(0, dims.length - 1);
  const at = dims.map((dim, i) => (i === axis ? random.whole(1, 4) : dim));
  const indices = Array.from({ length: size(at) }, () => random.whole(-dims[axis]!, dims[axis]! - 1));
  return {
    op: 'GatherElements',
    inputs: [tensor(random, dims), integers(indices, at)],
    attributes: { axis: axis - random.pick([0, dims.length]) },
  };
};

const gatherND: Generator = (random) => {
  const dims = shape(random, 3);
  const depth = random.whole(1, 3);
  const rows = Array.from({ length: 3 }, () => dims.slice(0, depth).map((dim) => random.whole(-dim, dim - 1)));
  return { op: 'GatherND', inputs: [tensor(random, dims), integers(rows.flat(), [3, depth])] };
};

const slice: Generator = (random) => {
  const dims = Array.from({ length: random.whole(1, 3) }, () => random.whole(2, 5));
  const axes = [...dims.keys()].filter((axis) => axis === 0 || random.pick([true, false]));
  const starts = axes.map((axis) => random.pick([0, 1, -dims[axis]! + 1, -1]));
  const ends = axes.map((axis) => random.pick([Number.MAX_SAFE_INTEGER, dims[axis]!, dims[axis]! + 3]));
  const isStepped = axes.length === 1 && random.pick([true, false]);
  const steps = isStepped ? [integers([random.pick([1, 2])])] : [];
  return {
    op: 'Slice',
    inputs: [tensor(random, dims), integers(starts), integers(ends), integers(axes), ...steps],
    isDynamic: random.pick([true, false]),
  };
};

const split: Generator = (random) => {
  const dims = shape(random, random.whole(1, 3));
  const axis = random.whole(0, dims.length - 1);
  const lengths = Array.from({ length: random.whole(1, 3) }, () => random.whole(1, 3));
  dims[axis] = lengths.reduce((a, b) => a + b, 0);
  return {
    op: 'Split',
    outputs: lengths.length,
    inputs: [tensor(random, dims), integers(lengths)],
    attributes: { axis: axis - random.pick([0, dims.length]) },
  };
};

const concat: Generator = (random) => {
  const dims = shape(random);
  const axis = random.whole(0, dims.length - 1);
  const inputs = Array.from({ length: random.whole(1, 3) }, () => tensor(random, dims.with(axis, random.whole(1, 3))));
  return {
    op: 'Concat',
    inputs,
    attributes: { axis: axis - random.pick([0, dims.length]) },
    isDynamic: random.pick([true, false]),
  };
};

const normalisation =
  (op: string, isCentred: boolean): Generator =>
  (random) => {
    const dims = [...shape(random, random.whole(1, 2)), random.whole(2, 5)];
    const axis = isCentred ? random.whole(0, dims.length - 1) : dims.length - 1;
    const own = dims.slice(axis);
    return {
      op,
      inputs: [
        tensor(random, dims, [-1.5, 1.5], 'float32'),
        tensor(random, own, [-1.5, 1.5], 'float32'),
        ...(isCentred && random.pick([true, false]) ? [tensor(random, own, [-1.5, 1.5], 'float32')] : []),
      ],
      attributes: { axis: axis - random.pick([0, dims.length]), epsilon: 0.3 },
      isDynamic: random.pick([true, false]),
    };
  };

/** Another shape with as many elements. */
const reshape: Generator = (random) => {
  const dims = shape(random, 3);
  const target = random.pick([[-1], [dims[0]! * dims[1]!, dims[2]!], [0, -1], [dims[2]!, dims[1]!, dims[0]!]]);
  return { op: 'Reshape', inputs: [tensor(random, dims), integers(target)], isDynamic: random.pick([true, false]) };
};

const rows =
  (op: string): Generator =>
  (random) => {
    const dims = shape(random);
    return { op, inputs: [tensor(random, dims)], attributes: { axis: random.whole(-dims.length, dims.length - 1) } };
  };

const where: Generator = (random) => {
  const [a, b] = pair(random);
  const at = narrowed(random, random.pick([a, b]));
  const condition: Numbers = {
    type: 'bool',
    dims: at,
    values: Array.from({ length: size(at) }, () => random.whole(0, 1)),
  };
  return {
    op: 'Where',
    inputs: [condition, tensor(random, a), tensor(random, b)],
    isDynamic: random.pick([true, false]),
  };
};

const cases: Readonly<Record<string, Generator>> = {
  Abs: bent('Abs'),
  Add: binary('Add'),
  Cast: (random) => ({ op: 'Cast', inputs: [tensor(random, shape(random))], attributes: { to: 11 } }),
  CastLike: (random) => ({ op: 'CastLike', inputs: [tensor(random, shape(random)), tensor(random, [1])], wrt: [0] }),
  Clip: (random) => ({
    op: 'Clip',
    inputs: [
      awayFrom(tensor(random, shape(random)), [-0.5, 0.5]),
      random.pick([undefined, tensor(random, [], [-0.5, -0.5])]),
      tensor(random, [], [0.5, 0.5]),
    ],
    wrt: [0],
  }),
  Concat: concat,
  Cos: unary('Cos', [-3, 3], 'float32'),
  Div: binary('Div', [0.7, 2]),
  Dropout: unary('Dropout'),
  Erf: unary('Erf', [-1.5, 1.5], 'float32'),
  Exp: unary('Exp'),
  Expand: (random) => {
    const dims = shape(random);
    return {
      op: 'Expand',
      inputs: [tensor(random, narrowed(random, dims)), integers(dims)],
      isDynamic: random.pick([true, false]),
    };
  },
  Flatten: (random) => ({
    op: 'Flatten',
    inputs: [tensor(random, shape(random, 3))],
    attributes: { axis: random.whole(-2, 3) },
  }),
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Gelu: (random) => ({
    op: 'Gelu',
    opset: 20,
    inputs: [tensor(random, shape(random), [-2, 2], 'float32')],
    attributes: { approximate: random.pick(['none', 'tanh']) },
  }),
  Gemm: gemm,
  Identity: unary('Identity'),
  LayerNormalization: normalisation('LayerNormalization', true),
  Log: unary('Log', [0.5, 2]),
  LogSoftmax: rows('LogSoftmax'),
  MatMul: matmul,
  Max: extreme('Max'),
  Min: extreme('Min'),
  Mul: binary('Mul'),
  Neg: unary('Neg'),
  Pad: (random) => {
    const dims = shape(random);
    return { op: 'Pad', inputs: [tensor(random, dims), integers([...dims, ...dims].map(() => random.whole(0, 2)))] };
  },
  Pow: binary('Pow', [-1.5, 2.5], [0.6, 2]),
  ReduceL2: reduction('ReduceL2', { range: [0.5, 1.5] }),
  ReduceLogSumExp: reduction('ReduceLogSumExp'),
  ReduceMax: reduction('ReduceMax', { isApart: true }),
  ReduceMean: reduction('ReduceMean'),
  ReduceMin: reduction('ReduceMin', { isApart: true }),
  ReduceSum: reduction('ReduceSum', { axesInput: 13 }),
  ReduceSumSquare: reduction('ReduceSumSquare'),
  Reciprocal: unary('Reciprocal', [0.5, 2]),
  Relu: bent('Relu'),
  Reshape: reshape,
  Sigmoid: unary('Sigmoid'),
  SimplifiedLayerNormalization: normalisation('SimplifiedLayerNormalization', false),
  Sin: unary('Sin'),
  Slice: slice,
  Softmax: rows('Softmax'),
  Softplus: unary('Softplus', [-1.5, 1.5], 'float32'),
  Split: split,
  Sqrt: unary('Sqrt', [0.5, 2]),
  Squeeze: (random) => ({
    op: 'Squeeze',
    inputs: [tensor(random, [random.whole(1, 3), 1, random.whole(2, 3)]), integers([random.pick([1, -2])])],
  }),
  Sub: binary('Sub'),
  Sum: (random) => {
    const dims = shape(random);
    return {
      op: 'Sum',
      inputs: Array.from({ length: random.whole(1, 3) }, (_, i) =>
        tensor(random, i === 0 ? dims : narrowed(random, dims)),
      ),
    };
  },
  Tanh: unary('Tanh'),
  Transpose: (random) => {
    const dims = shape(random, 3);
    return {
      op: 'Transpose',
      inputs: [tensor(random, dims)],
      attributes: random.pick<Record<string, number[]>>([
        {},
        { perm: [0, 2, 1] },
        { perm: [1, 2, 0] },
        { perm: [2, 0, 1] },
      ]),
    };
  },
  Trilu: (random) => ({
    op: 'Trilu',
    inputs: [
      tensor(random, shape(random, random.whole(2, 3))),
      ...random.pick([[], [integers([random.whole(-2, 2)], [])]]),
    ],
    attributes: { upper: random.whole(0, 1) },
  }),
  Unsqueeze: (random) => ({
    op: 'Unsqueeze',
    inputs: [tensor(random, shape(random, 2)), integers(random.pick([[0], [-1], [0, 3], [1, 2]]))],
  }),
  Where: where,
};

export const generators = cases;
