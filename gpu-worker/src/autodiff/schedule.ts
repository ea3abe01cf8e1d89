import { type Graph, type Node, needsOf, type Value } from '../onnx/index.ts';

/**
 * The graph with its last steps where the runtime takes them early. It runs backwards from the nodes that nothing
 * depends on, the last of them first. Gradients of weights are such nodes: in the order in which they are written, the
 * one of the first layer would come first, all others after it, and what they need of each layer would be kept to the
 * end. Turned around, each runs as soon as it can.
 *
 * @param own number of nodes that the graph had before gradients were added
 */
export const schedule = (graph: Graph, own: number): Graph => {
  const nodes = [...graph.nodes.slice(0, own), ...nameOutputs(graph, graph.nodes.slice(own))];
  const used = new Set(nodes.flatMap(needsOf));
  const isLast = (node: Node): boolean => !node.outputs.some((output) => used.has(output));
  return { ...graph, nodes: [...nodes.filter((node) => !isLast(node)), ...nodes.filter(isLast).reverse()] };
};

/** The gradients that are only passed on to an output get its name at once. */
const nameOutputs = (graph: Graph, made: readonly Node[]): readonly Node[] => {
  const isOutput = new Set(graph.outputs.map(({ name }) => name));
  const uses = new Map<Value, number>();
  for (const value of graph.nodes.flatMap(needsOf)) uses.set(value, (uses.get(value) ?? 0) + 1);
  const makers = new Set(made.flatMap((node) => node.outputs));
  const names = new Map<Value, Value>();
  const kept = made.filter(({ op, inputs: [from = ''], outputs: [to = ''] }) => {
    const isPassed = op === 'Identity' && isOutput.has(to) && !isOutput.has(from);
    if (!isPassed || !makers.has(from) || uses.get(from) !== 1) return true;
    names.set(from, to);
    return false;
  });
  return kept.map((node) => ({ ...node, outputs: node.outputs.map((output) => names.get(output) ?? output) }));
};
