import { headInputOf } from '../../../lora/index.ts';
import {
  createBuilder,
  type Graph,
  inferShapes,
  type Model,
  type Node,
  tensors,
  type ValueInfo,
} from '../../../onnx/index.ts';

/**
 * The model with logits of the last position alone, `[batch, 1, vocabulary]`: only what stands last goes into the head, or where
 * that cannot be, comes out of it.
 */
export const lastPosition = (model: Model, logits: ValueInfo): Model => {
  const { graph } = model;
  const hidden = headInputOf(graph);
  const isCutBefore = hidden !== undefined && graph.values.get(hidden)?.shape?.length === 3;
  const whole = isCutBefore ? hidden : logits.name;
  const g = createBuilder({ opset: model.opsets.get('') ?? 17, from: graph });
  const fresh = g.fresh(`${whole}.${isCutBefore ? 'last' : 'all'}`);
  const [from, to] = isCutBefore ? [whole, fresh] : [fresh, whole];
  const one = (value: number) => g.constant(tensors.int64([1], [value]));
  const inputs = [from, one(-1), one(2 ** 31 - 1), one(1)];
  const slice: Node = { name: to, op: 'Slice', domain: '', inputs, outputs: [to], attributes: new Map() };
  const rename = (names: readonly string[]) => names.map((name) => (name === whole ? fresh : name));
  const readers = isCutBefore ? readersOf(graph, whole, logits.name) : new Set<Node>();
  const nodes = graph.nodes.flatMap((node) => {
    if (!isCutBefore) return [{ ...node, inputs: rename(node.inputs), outputs: rename(node.outputs) }];
    const read = readers.has(node) ? { ...node, inputs: rename(node.inputs) } : node;
    return node.outputs.includes(whole) ? [read, slice] : [read];
  });
  if (!isCutBefore) nodes.push(slice);
  const shape = logits.shape?.length === 3 ? [logits.shape[0], 1, logits.shape[2]] : undefined;
  const outputs = graph.outputs.map((output) => (output.name === logits.name ? { ...output, shape } : output));
  const { initializers } = g.build().graph;
  return inferShapes({
    ...model,
    graph: { ...graph, initializers, nodes, outputs, values: unaffected(nodes, graph, to) },
  });
};

/** The nodes that take the hidden states on their way to the logits. */
const readersOf = (graph: Graph, hidden: string, logits: string): ReadonlySet<Node> => {
  const needed = new Set([logits]);
  const readers = new Set<Node>();
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.includes(hidden) || !node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    if (node.inputs.includes(hidden)) readers.add(node);
  }
  return readers;
};

/** What is known of values that do not come from this one. */
const unaffected = (nodes: readonly Node[], { values }: Graph, changed: string): Graph['values'] => {
  const left = new Map(values);
  const affected = new Set([changed]);
  for (const { inputs, outputs } of nodes) {
    if (!outputs.includes(changed) && !inputs.some((input) => affected.has(input))) continue;
    for (const output of outputs) {
      affected.add(output);
      left.delete(output);
    }
  }
  return left;
};
