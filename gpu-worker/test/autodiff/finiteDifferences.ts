import { differentiate } from '../../src/autodiff/index.ts';
import { type AttributeValue, createBuilder, type DataType, type Model, tensorOf } from '../../src/onnx/index.ts';
import type { Random } from './random.ts';
import { createRunner, type Numbers } from './run.ts';

/** One operator on random inputs: which of them have gradients, and what it is asked to do. */
export type Case = {
  op: string;
  inputs: readonly (Numbers | undefined)[];
  attributes?: Readonly<Record<string, AttributeValue>>;
  outputs?: number;
  opset?: number;
  /** Places of the inputs that gradients are wanted of; those of floating point where nothing is said. */
  wrt?: readonly number[];
  /** Inputs whose shapes are not known before the graph runs. */
  isDynamic?: boolean;
};

/** Float64 where the runtime has a kernel for it; float32 else, with steps that its rounding allows. */
export const isDouble = (type: DataType): boolean => type === 'float64';

const isFloating = (numbers: Numbers | undefined): boolean =>
  numbers?.type === 'float64' || numbers?.type === 'float32';

/** The operator, and as the loss a weighted sum of its outputs in float64, so that each element counts differently. */
export const modelOf = (given: Case, random: Random): Model => {
  const { op, inputs, attributes = {}, outputs = 1, opset = 17, isDynamic = false } = given;
  const g = createBuilder({ opset });
  const names = inputs.map((numbers, i) => {
    if (numbers === undefined) return '';
    // Indices, shapes and axes are constants, as exporters write them.
    if (!isFloating(numbers)) return g.initializer(`x${i}`, tensorOf(numbers.type, numbers.dims, numbers.values));
    return g.input(`x${i}`, numbers.type, isDynamic ? numbers.dims.map((_, axis) => `x${i}_${axis}`) : numbers.dims);
  });
  const made = g.ops(op, names, { attributes, outputs: Array.from({ length: outputs }, (_, i) => `y${i}`) });
  const terms = made.map((value) => {
    const wide = g.op('Cast', [value], { attributes: { to: 11 } });
    const flat = g.op('Reshape', [wide, g.constant(tensorOf('int64', [1], [-1]))]);
    const count = g.op('Range', [
      g.constant(tensorOf('int64', [], [0])),
      g.op('Size', [value]),
      g.constant(tensorOf('int64', [], [1])),
    ]);
    // cos(phase + i): as good as random, for any number of elements.
    const phase = g.constant(tensorOf('float64', [], [random.between(0, 6)]));
    const at = g.op('Add', [g.op('Cast', [count], { attributes: { to: 11 } }), phase]);
    const narrow = g.op('Cos', [g.op('Cast', [at], { attributes: { to: 1 } })]);
    const weights = g.op('Cast', [narrow], { attributes: { to: 11 } });
    return g.op('ReduceSum', [g.op('Mul', [flat, weights])], { attributes: { keepdims: 0 } });
  });
  g.output('loss', terms.length === 1 ? terms[0]! : g.op('Sum', terms), 'float64', []);
  return g.build();
};

/**
 * The largest difference between the gradients of a case and those by central differences of fourth order, relative to
 * the largest element.
 */
export const errorOf = async (given: Case, random: Random): Promise<number> => {
  const model = modelOf(given, random);
  const { inputs } = given;
  const wrt = given.wrt ?? [...inputs.keys()].filter((i) => isFloating(inputs[i]));
  const run = await createRunner(differentiate(model, { loss: 'loss', wrt: wrt.map((i) => `x${i}`) }));
  const forward = await createRunner(model);
  const feeds = Object.fromEntries(
    inputs.flatMap((numbers, i) => (isFloating(numbers) ? [[`x${i}`, numbers!] as const] : [])),
  );
  const results = await run(feeds);
  let worst = 0;
  for (const i of wrt) {
    const name = `x${i}`;
    const numbers = inputs[i]!;
    const step = isDouble(numbers.type) ? 1e-3 : 2e-2;
    const lossAt = async (element: number, offset: number): Promise<number> => {
      const values = numbers.values.with(element, numbers.values[element]! + offset);
      return (await forward({ ...feeds, [name]: { ...numbers, values } })).loss!.values[0]!;
    };
    const gradient = results[`${name}_grad`]!;
    if (gradient.dims.join() !== numbers.dims.join()) {
      throw new Error(`The gradient of ${name} is [${gradient.dims}] rather than [${numbers.dims}]`);
    }
    const expected: number[] = [];
    for (let element = 0; element < numbers.values.length; element++) {
      const near = (await lossAt(element, step)) - (await lossAt(element, -step));
      const far = (await lossAt(element, 2 * step)) - (await lossAt(element, -2 * step));
      expected.push((8 * near - far) / (12 * step));
    }
    const scale = Math.max(...expected.map(Math.abs), 1e-3);
    for (const [element, value] of expected.entries()) {
      const error = Math.abs(value - gradient.values[element]!) / scale;
      // A NaN must not pass.
      if (!(error <= worst)) worst = error;
    }
  }
  return worst;
};
