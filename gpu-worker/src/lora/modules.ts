import type { DataType, Graph, Model, Node, Tensor } from '../onnx/index.ts';
import { headEntries, moduleOf, scopesKey } from './names.ts';

/** A linear module of a graph that an adapter can adapt. */
export type LoraModule = {
  /** As PEFT names it: `model.layers.0.self_attn.q_proj`. */
  readonly name: string;
  readonly in: number;
  readonly out: number;
};

/** A module with the nodes that compute it: several, where the module is used several times. */
export type ModuleSites = LoraModule & {
  readonly nodes: readonly Node[];
  readonly type: DataType;
  /** Whether all inputs are known to be [batch, sequence, in]. */
  readonly hasRows: boolean;
};

/**
 * The linear modules of a graph, in the order in which they run: GPT-2-, Llama-, Qwen- and BERT-style graphs of torch's
 * exporters and Optimum, and those built here with Hugging Face's names.
 *
 * @example modulesOf(model).map(({ name }) => name) // ['model.layers.0.self_attn.q_proj', …]
 */
export const modulesOf = (model: Model): readonly LoraModule[] =>
  [...findModules(model.graph).values()].map(({ name, in: inputs, out }) => ({ name, in: inputs, out }));

/** The values that enter a module, of each node that computes it; none where the graph has no such module. */
export const inputsOf = (graph: Graph, module: string): readonly string[] => [
  ...new Set(
    findModules(graph)
      .get(module)
      ?.nodes.map(({ inputs }) => inputs[0]!),
  ),
];

/** Where the last hidden states enter the first module of a head that the graph has; `undefined` where it has none. */
export const headInputOf = (graph: Graph): string | undefined =>
  headEntries.flatMap((module) => inputsOf(graph, module)).at(0);

/** By name. Weights of other types than float32 and float16 are left out. */
export const findModules = (graph: Graph): ReadonlyMap<string, ModuleSites> => {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const ranks = new Map([...graph.inputs, ...graph.values.values()].map(({ name, shape }) => [name, shape?.length]));
  const modules = new Map<string, ModuleSites>();
  for (const node of graph.nodes) {
    if (node.domain !== '' || (node.op !== 'MatMul' && node.op !== 'Gemm')) continue;
    const weight = weightOf(node, graph, makers);
    if (weight === undefined) continue;
    const name = moduleOf({ name: node.name, scopes: node.metadata?.get(scopesKey), weight: weight.name });
    if (name === undefined) continue;
    const known = modules.get(name);
    // A weight of another size under the same name is another thing; the first keeps the name.
    if (known !== undefined && (known.in !== weight.in || known.out !== weight.out)) continue;
    const { in: inputs, out, type } = weight;
    const hasRows = ranks.get(node.inputs[0]!) === 3 && known?.hasRows !== false;
    modules.set(name, { name, in: inputs, out, type, hasRows, nodes: [...(known?.nodes ?? []), node] });
  }
  return modules;
};

type Weight = { readonly name: string; readonly in: number; readonly out: number; readonly type: DataType };

const isOn = (node: Node, name: string): boolean => {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' && attribute.value !== 0;
};

const weightOf = (node: Node, graph: Graph, makers: ReadonlyMap<string, Node>): Weight | undefined => {
  const isGemm = node.op === 'Gemm';
  if (isGemm && isOn(node, 'transA')) return undefined;
  const found = trace(node.inputs[1]!, graph, makers, 0);
  if (found?.dims.length !== 2 || (found.type !== 'float32' && found.type !== 'float16')) return undefined;
  const dims = found.dims as [number, number];
  const [inputs, out] = isGemm && isOn(node, 'transB') ? [dims[1], dims[0]] : dims;
  return { name: found.name, in: inputs, out, type: found.type };
};

type Traced = { readonly name: string; readonly dims: readonly number[]; readonly type: DataType };

/** The initializer behind a value, with the dims and type that the value has. */
const trace = (value: string, graph: Graph, makers: ReadonlyMap<string, Node>, depth: number): Traced | undefined => {
  const initializer = graph.initializers.get(value);
  if (initializer !== undefined) return { name: value, dims: initializer.dims, type: initializer.type };
  const node = makers.get(value);
  if (node === undefined || depth > 4) return undefined;
  if (node.op === 'Constant') {
    const tensor: Tensor | undefined = tensorAttribute(node);
    return tensor && { name: value, dims: tensor.dims, type: tensor.type };
  }
  const from = node.inputs[0] === undefined ? undefined : trace(node.inputs[0], graph, makers, depth + 1);
  if (from === undefined) return undefined;
  switch (node.op) {
    case 'Identity':
      return from;
    case 'Cast': {
      const type = castTypes.get(intOf(node, 'to') ?? 0);
      return type && { ...from, type };
    }
    case 'Transpose': {
      const perm = node.attributes.get('perm');
      const isSwap = perm === undefined || (perm.kind === 'ints' && perm.value[0] === 1 && perm.value[1] === 0);
      return isSwap && from.dims.length === 2 ? { ...from, dims: [from.dims[1]!, from.dims[0]!] } : undefined;
    }
    case 'DequantizeLinear':
      return { ...from, type: 'float32' };
    default:
      return undefined;
  }
};

const tensorAttribute = (node: Node): Tensor | undefined => {
  const attribute = node.attributes.get('value');
  return attribute?.kind === 'tensor' ? attribute.value : undefined;
};

const intOf = (node: Node, name: string): number | undefined => {
  const attribute = node.attributes.get(name);
  return attribute?.kind === 'int' ? attribute.value : undefined;
};

/** TensorProto.DataType of ONNX. */
const castTypes = new Map<number, DataType>([
  [1, 'float32'],
  [10, 'float16'],
]);
