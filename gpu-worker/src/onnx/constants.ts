import type { Graph, Node, Tensor } from './model.ts';
import { mapSubgraphs } from './scope.ts';
import { float32, int64 } from './tensor.ts';

/** The tensor that a `Constant` node makes; `undefined` for other nodes and for strings. */
export const constantOf = ({ op, domain, attributes }: Node): Tensor | undefined => {
  if (op !== 'Constant' || domain !== '') return undefined;
  const [[name, attribute] = []] = attributes;
  if (name === 'value' && attribute?.kind === 'tensor') return attribute.value;
  if (name === 'value_float' && attribute?.kind === 'float') return float32([], [attribute.value]);
  if (name === 'value_floats' && attribute?.kind === 'floats')
    return float32([attribute.value.length], attribute.value);
  if (name === 'value_int' && attribute?.kind === 'int') return int64([], [attribute.value]);
  if (name === 'value_ints' && attribute?.kind === 'ints') return int64([attribute.value.length], attribute.value);
  return undefined;
};

/** `Constant` nodes become initializers of the same names, in the graphs inside nodes too. Outputs stay made by nodes. */
export const foldConstants = (graph: Graph): Graph => {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.flatMap((node) => {
    const tensor = constantOf(node);
    const output = node.outputs[0];
    if (tensor === undefined || output === undefined || outputs.has(output)) return [mapSubgraphs(node, foldConstants)];
    initializers.set(output, tensor);
    return [];
  });
  return { ...graph, nodes, initializers };
};
