import fc from 'fast-check';
import {
  type Attribute,
  type Attributes,
  type DataType,
  type Dim,
  elementBytes,
  type Graph,
  type Model,
  type Node,
  sizeOf,
  type Tensor,
  type ValueInfo,
} from '../../src/onnx/model.ts';

// Any model that `checkModel` takes: names are used after they are made, whatever the ops are said to be.

const types = Object.keys(elementBytes) as DataType[];
const integerTypes = types.filter((type) => !/float/.test(type));

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });

const tensor: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...types), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }))
  .chain(([type, dims]) => {
    const length = sizeOf(dims) * elementBytes[type];
    // Bytes at random are NaN now and then: floats are numbers below 2.
    const max = integerTypes.includes(type) ? 255 : 0x3f;
    return fc
      .array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length })
      .map((bytes) => ({ type, dims, data: Uint8Array.from(bytes) }));
  });

const dim: fc.Arbitrary<Dim> = fc.oneof(fc.nat(), name, fc.constant(undefined));

const info = (value: string): fc.Arbitrary<ValueInfo> =>
  fc.record({
    name: fc.constant(value),
    type: fc.constantFrom(...types),
    shape: fc.option(fc.array(dim, { maxLength: 4 }), { nil: undefined }),
  });

const scalarAttribute: fc.Arbitrary<Attribute> = fc.oneof(
  fc.record({ kind: fc.constant('int' as const), value: fc.maxSafeInteger() }),
  fc.record({ kind: fc.constant('float' as const), value: fc.float() }),
  fc.record({ kind: fc.constant('string' as const), value: fc.string({ unit: 'grapheme' }) }),
  fc.record({ kind: fc.constant('tensor' as const), value: tensor }),
  fc.record({ kind: fc.constant('ints' as const), value: fc.array(fc.maxSafeInteger()) }),
  fc.record({ kind: fc.constant('floats' as const), value: fc.array(fc.float()) }),
  fc.record({ kind: fc.constant('strings' as const), value: fc.array(fc.string({ unit: 'grapheme' })) }),
);

const attributes = (depth: number, outer: readonly string[]): fc.Arbitrary<Attributes> => {
  const scalars = fc.array(fc.tuple(name, scalarAttribute), { maxLength: 3 });
  if (depth === 0) return scalars.map((entries) => new Map(entries));
  const graphs = fc.array(
    graph(depth - 1, outer).map((value): Attribute => ({ kind: 'graph', value })),
    { maxLength: 1 },
  );
  return fc
    .tuple(scalars, graphs)
    .map(([entries, inside]) => new Map([...entries, ...inside.map((value): [string, Attribute] => ['body', value])]));
};

/** Names are numbered by graph, so that no value hides another. */
let graphs = 0;

const graph = (depth: number, outer: readonly string[]): fc.Arbitrary<Graph> =>
  fc
    .record({ inputs: fc.nat(3), weights: fc.array(tensor, { maxLength: 3 }), nodes: fc.nat(4), title: name })
    .chain(({ inputs, weights, nodes, title }) => {
      const prefix = `g${graphs++}`;
      const inputNames = Array.from({ length: inputs }, (_, i) => `${prefix}.input.${i}`);
      const initializers = new Map(weights.map((weight, i) => [`${prefix}.weight.${i}`, weight]));
      const made = Array.from({ length: nodes }, (_, i) => `${prefix}.value.${i}`);
      const before = (i: number) => [...outer, ...inputNames, ...initializers.keys(), ...made.slice(0, i)];
      const all = before(nodes);
      return fc.record({
        name: fc.constant(title),
        inputs: fc.tuple(...inputNames.map(info)),
        outputs: all.length === 0 ? fc.constant([]) : fc.subarray(all).chain((some) => fc.tuple(...some.map(info))),
        nodes: fc.tuple(...made.map((value, i) => node(value, before(i), depth))),
        initializers: fc.constant(initializers),
        values: fc
          .subarray(made)
          .chain((some) => fc.tuple(...some.map(info)).map((infos) => new Map(infos.map((one) => [one.name, one])))),
      });
    });

const metadata = fc
  .array(fc.tuple(name, fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 2 })
  .map((entries) => new Map(entries));

const node = (output: string, usable: readonly string[], depth: number): fc.Arbitrary<Node> =>
  fc.record(
    {
      metadata,
      name: fc.oneof(fc.constant(''), name),
      op: fc.constantFrom('Add', 'If', 'Loop', 'Something'),
      domain: fc.constantFrom('', 'com.example'),
      inputs: fc.array(fc.constantFrom('', ...usable), { maxLength: 3 }),
      outputs: fc.constantFrom([output], [output, ''], ['', output]),
      attributes: attributes(depth, usable),
    },
    { requiredKeys: ['name', 'op', 'domain', 'inputs', 'outputs', 'attributes'] },
  );

export const arbitraryModel: fc.Arbitrary<Model> = fc.record({
  irVersion: fc.integer({ min: 4, max: 10 }),
  opsets: fc.integer({ min: 7, max: 22 }).map(
    (version) =>
      new Map([
        ['', version],
        ['com.example', 1],
      ]),
  ),
  producer: fc.string({ unit: 'grapheme' }),
  metadata: fc.array(fc.tuple(fc.string(), fc.string()), { maxLength: 2 }).map((entries) => new Map(entries)),
  graph: graph(2, []),
});
