import { OnnxError } from './errors.ts';
import type { Graph, Node, ValueInfo } from './model.ts';
import { capturedBy, definedIn, mapSubgraphs } from './scope.ts';

export type Names = ReadonlyMap<string, string>;

/** Values under new names, everywhere. @throws OnnxError when a new name is taken. */
export const renameValues = (graph: Graph, names: Names): Graph => {
  const defined = definedIn(graph);
  const taken = new Set([...defined].filter((name) => !names.has(name)));
  for (const [from, to] of names) {
    if (!defined.has(from)) throw new OnnxError(`graph: there is no value ${from} to be named ${to}`);
    if (taken.has(to)) throw new OnnxError(`graph: ${from} cannot be named ${to}: another value has that name`);
    taken.add(to);
  }
  const rename = (name: string): string => names.get(name) ?? name;
  const renameInfo = (info: ValueInfo): ValueInfo => ({ ...info, name: rename(info.name) });
  return {
    ...graph,
    inputs: graph.inputs.map(renameInfo),
    outputs: graph.outputs.map(renameInfo),
    nodes: graph.nodes.map((node) => ({ ...useOthers(node, names), outputs: node.outputs.map(rename) })),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor])),
    values: new Map([...graph.values].map(([name, info]) => [rename(name), renameInfo(info)])),
  };
};

/**
 * The nodes, and the graphs inside them, use other values in place of some. What makes the values stays, and so do the graph's
 * own outputs: an output is the value of its name.
 */
export const replaceUses = (graph: Graph, names: Names): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => useOthers(node, names)),
});

/** The node with other values for its inputs; the same node when it uses none of them. */
const useOthers = (node: Node, names: Names): Node => {
  const isUsed = node.inputs.some((input) => names.has(input));
  const inputs = isUsed ? node.inputs.map((input) => names.get(input) ?? input) : node.inputs;
  const mapped = mapSubgraphs(node, (graph) => useOthersInside(graph, names));
  return isUsed ? { ...mapped, inputs } : mapped;
};

const useOthersInside = (graph: Graph, names: Names): Graph => {
  const captured = capturedBy(graph);
  const seen = new Map([...names].filter(([name]) => captured.has(name)));
  if (seen.size === 0) return graph;
  const defined = definedIn(graph);
  for (const to of seen.values()) {
    if (defined.has(to)) throw new OnnxError(`graph ${graph.name}: ${to} is the name of another value inside it`);
  }
  // A graph inside can give a value from around it as its output.
  const outputs = graph.outputs.map((output) => ({ ...output, name: seen.get(output.name) ?? output.name }));
  return { ...replaceUses(graph, seen), outputs };
};
