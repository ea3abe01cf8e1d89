import type { Attribute, DataType, Graph, Model, Node, Shape, Tensor, ValueInfo } from './model.ts';

/** A value of the graph that is being built, by its name. */
export type Value = string;

export type AttributeValue = number | string | readonly number[] | Attribute;

export type OpOptions = {
  /** Whole numbers become `int`; where a whole float is meant, or an empty list, write `{ kind: 'float', value: 1 }`. */
  attributes?: Readonly<Record<string, AttributeValue>>;
  /** Names of the outputs; one is made up where none is given. */
  outputs?: readonly Value[];
  domain?: string;
  name?: string;
};

/**
 * Builds a graph node by node, in an order in which it can run.
 *
 * @example
 * const g = createBuilder({ opset: 17 });
 * const x = g.input('x', 'float32', ['batch', 4]);
 * g.output('y', g.op('MatMul', [x, g.initializer('w', float32([4, 2], weights))]));
 * const model = g.build();
 */
export type Builder = {
  input: (name: string, type: DataType, shape: Shape) => Value;
  /** A named weight. */
  initializer: (name: string, tensor: Tensor) => Value;
  /** The same constant twice is one initializer. */
  constant: (tensor: Tensor) => Value;
  /** One node with one output. */
  op: (op: string, inputs: readonly Value[], options?: OpOptions) => Value;
  /** One node with several outputs. */
  ops: (op: string, inputs: readonly Value[], options: OpOptions & { outputs: readonly Value[] }) => readonly Value[];
  output: (name: string, value: Value, type?: DataType, shape?: Shape) => void;
  /** A name that nothing has yet. */
  fresh: (hint: string) => Value;
  build: () => Model;
};

export type BuilderOptions = {
  opset: number;
  name?: string;
  irVersion?: number;
  /** What the new graph begins with; its outputs stay. */
  from?: Graph;
};

/** @throws Error when a name is given twice. */
export const createBuilder = ({ opset, name = 'graph', irVersion = 8, from }: BuilderOptions): Builder => {
  const inputs: ValueInfo[] = [...(from?.inputs ?? [])];
  const outputs: ValueInfo[] = [...(from?.outputs ?? [])];
  const nodes: Node[] = [...(from?.nodes ?? [])];
  const initializers = new Map(from?.initializers);
  const values = new Map(from?.values);
  const domains = new Map([['', opset]]);
  const names = new Set([
    ...inputs.map((input) => input.name),
    ...initializers.keys(),
    ...nodes.flatMap((node) => node.outputs),
  ]);
  const constants = new Map<string, Value>();
  const counts = new Map<string, number>();

  const take = (value: Value): Value => {
    if (names.has(value)) throw new Error(`The graph has two values named ${value}`);
    names.add(value);
    return value;
  };
  const fresh = (hint: string): Value => {
    for (let count = counts.get(hint) ?? 0; ; count++) {
      const value = count === 0 ? hint : `${hint}_${count}`;
      counts.set(hint, count + 1);
      if (!names.has(value)) return value;
    }
  };
  const ops: Builder['ops'] = (op, given, { attributes = {}, outputs: made, domain = '', name: own }) => {
    if (!domains.has(domain)) domains.set(domain, 1);
    nodes.push({
      name: own ?? made[0] ?? op,
      op,
      domain,
      inputs: [...given],
      outputs: made.map((output) => (output === '' ? output : take(output))),
      attributes: new Map(Object.entries(attributes).map(([key, value]) => [key, asAttribute(value)])),
    });
    return made;
  };
  const initializer: Builder['initializer'] = (value, tensor) => {
    initializers.set(take(value), tensor);
    return value;
  };
  return {
    input: (value, type, shape) => {
      inputs.push({ name: take(value), type, shape });
      return value;
    },
    initializer,
    constant: (tensor) => {
      const isSmall = tensor.data.byteLength <= 256;
      const key = isSmall ? `${tensor.type}[${tensor.dims}] ${Buffer.from(tensor.data).toString('hex')}` : undefined;
      const known = key === undefined ? undefined : constants.get(key);
      if (known !== undefined) return known;
      const value = initializer(fresh('constant'), tensor);
      if (key !== undefined) constants.set(key, value);
      return value;
    },
    op: (op, given, options = {}) => ops(op, given, { ...options, outputs: options.outputs ?? [fresh(op)] })[0]!,
    ops,
    output: (output, value, type = 'float32', shape) => {
      // An output has the name of its value; a value that has another one is passed through.
      if (output !== value) ops('Identity', [value], { outputs: [output] });
      outputs.push({ name: output, type, shape });
    },
    fresh,
    build: () => ({
      irVersion,
      opsets: new Map(domains),
      producer: 'openledger',
      metadata: new Map(),
      graph: { name, inputs: [...inputs], outputs: [...outputs], nodes: [...nodes], initializers, values },
    }),
  };
};

const asAttribute = (value: AttributeValue): Attribute => {
  if (typeof value === 'string') return { kind: 'string', value };
  if (typeof value === 'number') return { kind: Number.isInteger(value) ? 'int' : 'float', value };
  if (!isList(value)) return value;
  return { kind: value.every(Number.isInteger) ? 'ints' : 'floats', value };
};

const isList = (value: readonly number[] | Attribute): value is readonly number[] => Array.isArray(value);
