import { createBuilder, type Graph, type Node, replaceUses, tensors } from '../onnx/index.ts';

/**
 * The graph with its nodes so placed that onnxruntime takes each gradient of a weight as soon as it can, rather than all of
 * them at the end, when every activation and every gradient between the layers would still have to be kept.
 *
 * onnxruntime does not run nodes as they stand: from the last node that nobody reads to the first, it goes back to what
 * each needs. Gradients of weights are such nodes: here they stand last, those of the last layer at the very end.
 */
export const gradientsEarly = (graph: Graph): Graph => {
  const direct = withProbes(withoutPassing(graph));
  const { ends, inner } = split(direct);
  return { ...direct, nodes: [...inner, ...ends.toReversed()] };
};

/**
 * A gradient that is added up from several values, as that of embeddings which are the head as well, waits for the last of
 * them and so would the others. An output that reads one element of each has it made as soon as it can be.
 */
const withProbes = (graph: Graph): Graph => {
  const ends = new Set(split(graph).ends);
  const awaited = new Set([...ends].flatMap(({ inputs }) => (inputs.length > 1 ? inputs : [])));
  const g = createBuilder({ opset: 17, from: { ...graph, nodes: [] } });
  const probed = (value: string): Node => {
    const probe = `${value}/probe`;
    const [from, to] = [g.constant(tensors.int64([2], [0, 0])), g.constant(tensors.int64([2], [1, 1]))];
    g.op('Slice', [value, from, to], { outputs: [probe] });
    g.output(probe, probe, graph.values.get(value)!.type, [1, 1]);
    return g.build().graph.nodes.at(-1)!;
  };
  const nodes = graph.nodes.flatMap((node) => {
    const [value] = node.outputs;
    const isAwaited = node.op === 'Gemm' && !ends.has(node) && awaited.has(value!) && graph.values.has(value!);
    return isAwaited ? [node, probed(value!)] : [node];
  });
  return { ...g.build().graph, nodes };
};

/** Outputs that another value is only passed to get their name from where it is made: onnxruntime would do it later. */
const withoutPassing = (graph: Graph): Graph => {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const names = new Map<string, string>();
  const isPassing = ({ op, inputs: [from], outputs: [to] }: Node): boolean =>
    op === 'Identity' && outputs.has(to!) && made.has(from!) && !outputs.has(from!) && !names.has(from!);
  const nodes = graph.nodes.filter((node) => {
    if (!isPassing(node)) return true;
    names.set(node.inputs[0]!, node.outputs[0]!);
    return false;
  });
  const renamed = nodes.map((node) => ({
    ...node,
    outputs: node.outputs.map((output) => names.get(output) ?? output),
  }));
  return replaceUses({ ...graph, nodes: renamed }, names);
};

/** The order in which onnxruntime runs a graph's nodes. Source: `Graph::ReverseDFSFrom` in its `core/graph/graph.cc`. */
export const executionOrder = (graph: Graph): Node[] => {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const places = new Map(graph.nodes.map((node, place) => [node, place]));
  const stack = split(graph).ends.map((node) => ({ node, isReady: false }));
  const seen = new Set<Node>();
  const order: Node[] = [];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    if (entry.isReady) {
      order.push(entry.node);
      continue;
    }
    if (seen.has(entry.node)) continue;
    seen.add(entry.node);
    stack.push({ node: entry.node, isReady: true });
    const needed = new Set(entry.node.inputs.flatMap((input) => makers.get(input) ?? []));
    const sorted = [...needed].sort((a, b) => places.get(a)! - places.get(b)!);
    for (const node of sorted) if (!seen.has(node)) stack.push({ node, isReady: false });
  }
  return order;
};

/** Nodes that no other reads, and the others. */
const split = ({ nodes }: Graph): { ends: Node[]; inner: Node[] } => {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const isRead = ({ outputs }: Node): boolean => outputs.some((output) => read.has(output));
  return { ends: nodes.filter((node) => !isRead(node)), inner: nodes.filter(isRead) };
};
