import { createBuilder, type Model, type Node, replaceUses, type ValueInfo } from '../../onnx/index.ts';

/** `TensorProto.DataType` of ONNX. */
const codes = { float32: 1, float16: 10 } as const;

/**
 * The model with float32 in place of float16 where it is fed and gives out, and computing in between as it did:
 * onnxruntime-node takes a Float16Array, which newer versions of Node.js have, for an empty array.
 *
 * @returns the model, and from the names of outputs to those that they have now.
 */
export const wideEnds = (model: Model): { readonly model: Model; readonly outputs: ReadonlyMap<string, string> } => {
  const { graph } = model;
  const isHalf = ({ type }: ValueInfo) => type === 'float16';
  const g = createBuilder({ opset: model.opsets.get('') ?? 17, from: graph });
  const cast = (from: string, to: string, type: keyof typeof codes): Node => ({
    ...{ name: to, op: 'Cast', domain: '', inputs: [from], outputs: [to] },
    attributes: new Map([['to', { kind: 'int', value: codes[type] }]]),
  });
  const fed = new Map(graph.inputs.filter(isHalf).map(({ name }) => [name, g.fresh(`${name}.float16`)]));
  const given = new Map(
    graph.outputs.map((output) => [output.name, isHalf(output) ? g.fresh(`${output.name}.float32`) : output.name]),
  );
  const wide = (value: ValueInfo, name: string): ValueInfo =>
    isHalf(value) ? { ...value, name, type: 'float32' } : value;
  const nodes = [
    ...[...fed].map(([from, to]) => cast(from, to, 'float16')),
    ...replaceUses(graph, fed).nodes,
    ...[...given].flatMap(([from, to]) => (from === to ? [] : [cast(from, to, 'float32')])),
  ];
  return {
    outputs: given,
    model: {
      ...model,
      graph: {
        ...graph,
        nodes,
        inputs: graph.inputs.map((input) => wide(input, input.name)),
        outputs: graph.outputs.map((output) => wide(output, given.get(output.name)!)),
      },
    },
  };
};
