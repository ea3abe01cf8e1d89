import { OnnxError } from './errors.ts';
import type { Graph, Node } from './model.ts';
import { describeNode, needsOf } from './scope.ts';

/**
 * The graph with its nodes in an order in which they can run; those that already stand right keep their places. The same graph
 * when nothing is to be moved. Time grows with the number of nodes and edges.
 *
 * @throws OnnxError when nodes need each other.
 */
export const sortNodes = (graph: Graph): Graph => {
  const { nodes } = graph;
  const makers = new Map<string, number>();
  nodes.forEach((node, i) => {
    for (const output of node.outputs) if (output !== '') makers.set(output, i);
  });
  const needs = nodes.map((node, i) => {
    const before = needsOf(node).flatMap((name) => makers.get(name) ?? []);
    return { before, isSorted: before.every((maker) => maker < i) };
  });
  if (needs.every(({ isSorted }) => isSorted)) return graph;

  const sorted: Node[] = [];
  const state: ('new' | 'open' | 'done')[] = nodes.map(() => 'new');
  for (let start = 0; start < nodes.length; start++) {
    // Depth first without recursion: a chain of nodes may be as long as the file.
    const path: { index: number; next: number }[] = state[start] === 'new' ? [{ index: start, next: 0 }] : [];
    if (path.length > 0) state[start] = 'open';
    while (path.length > 0) {
      const top = path.at(-1)!;
      const before = needs[top.index]!.before[top.next++];
      if (before === undefined) {
        state[top.index] = 'done';
        sorted.push(nodes[top.index]!);
        path.pop();
      } else if (state[before] === 'open') {
        const cycle = path.slice(path.findIndex(({ index }) => index === before)).map(({ index }) => nodes[index]!);
        throw new OnnxError(`graph: nodes need each other in a circle: ${describeCycle(cycle)}`);
      } else if (state[before] === 'new') {
        state[before] = 'open';
        path.push({ index: before, next: 0 });
      }
    }
  }
  return { ...graph, nodes: sorted };
};

const describeCycle = (cycle: readonly Node[]): string => {
  const shown = cycle.length > 6 ? [...cycle.slice(0, 5).map(describeNode), '…'] : cycle.map(describeNode);
  return [...shown, describeNode(cycle[0]!)].join(' needs ');
};
