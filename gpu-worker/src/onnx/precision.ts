import { OnnxError } from './errors.ts';
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from './float16.ts';
import type { Graph, Node, Tensor } from './model.ts';
import { replaceUses } from './rename.ts';
import { definedIn, needsOf } from './scope.ts';
import { float32, floats } from './tensor.ts';

/** `TensorProto.DataType` of float32, as `Cast` has it. */
const toFloat32 = 1;

const isCastToFloat32 = ({ op, domain, attributes }: Node): boolean => {
  const to = attributes.get('to');
  return op === 'Cast' && domain === '' && to?.kind === 'int' && to.value === toFloat32;
};

const widen = ({ type, dims, data }: Tensor): Tensor | undefined => {
  if (type === 'float16') return float32(dims, float16ToFloat32(data));
  if (type === 'bfloat16') return float32(dims, bfloat16ToFloat32(data));
  return undefined;
};

/**
 * Weights stored in 16 bits and cast to float32 before use become float32 weights; the casts are gone. A weight keeps its own
 * name where only casts used it, which is so in models that {@link storeFloat16} made.
 */
export const restoreFloat32 = (graph: Graph): Graph => {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const isCastOfWeight = (node: Node): boolean => {
    const type = graph.initializers.get(node.inputs[0] ?? '')?.type;
    return isCastToFloat32(node) && (type === 'float16' || type === 'bfloat16') && !outputs.has(node.outputs[0] ?? '');
  };
  const casts = graph.nodes.filter(isCastOfWeight);
  if (casts.length === 0) return graph;
  const others = graph.nodes.filter((node) => !isCastOfWeight(node));
  const usedOtherwise = new Set([...outputs, ...others.flatMap((node) => [...needsOf(node)])]);

  const initializers = new Map<string, Tensor>();
  const cast = new Set(casts.map((node) => node.inputs[0]!));
  for (const [name, tensor] of graph.initializers) {
    initializers.set(name, cast.has(name) && !usedOtherwise.has(name) ? widen(tensor)! : tensor);
  }
  const renamed = new Map<string, string>();
  const values = new Map(graph.values);
  for (const {
    inputs,
    outputs: [output],
  } of casts) {
    const weight = inputs[0]!;
    if (usedOtherwise.has(weight)) initializers.set(output!, widen(graph.initializers.get(weight)!)!);
    else {
      renamed.set(output!, weight);
      values.delete(output!);
      values.delete(weight);
    }
  }
  return replaceUses({ ...graph, nodes: others, initializers, values }, renamed);
};

/**
 * Float32 weights stored as float16 and cast back before use: half the bytes, and each weight rounded to 11 bits. The stored
 * weight keeps its name; what is computed with is called `<name>.float32`.
 *
 * @throws OnnxError for a name that is no float32 weight, and for weights beyond 65,504, which would become infinite.
 */
export const storeFloat16 = (graph: Graph, names: readonly string[]): Graph => {
  const defined = definedIn(graph);
  const initializers = new Map(graph.initializers);
  const casts: Node[] = [];
  const renamed = new Map<string, string>();
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  for (const name of names) {
    const tensor = graph.initializers.get(name);
    if (tensor?.type !== 'float32')
      throw new OnnxError(`graph: ${name} is no float32 initializer to be stored as float16`);
    if (outputs.has(name)) throw new OnnxError(`graph: ${name} is an output; it cannot be stored as float16`);
    const output = `${name}.float32`;
    if (defined.has(output))
      throw new OnnxError(`graph: there is a value ${output} already; ${name} cannot be stored as float16`);
    const values = floats(tensor);
    const beyond = values.findIndex((value) => Math.abs(value) >= 65_520);
    if (beyond >= 0) {
      throw new OnnxError(`graph: element ${beyond} of ${name} is ${values[beyond]}; float16 ends at 65504`);
    }
    initializers.set(name, { type: 'float16', dims: tensor.dims, data: float32ToFloat16(values) });
    renamed.set(name, output);
    casts.push({
      name: output,
      op: 'Cast',
      domain: '',
      inputs: [name],
      outputs: [output],
      attributes: new Map([['to', { kind: 'int', value: toFloat32 }]]),
    });
  }
  const values = new Map([...graph.values].filter(([name]) => !renamed.has(name)));
  const replaced = replaceUses({ ...graph, initializers, values }, renamed);
  return { ...replaced, nodes: [...casts, ...replaced.nodes] };
};
