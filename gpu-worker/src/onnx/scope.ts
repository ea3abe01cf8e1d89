import type { Graph, Node } from './model.ts';

// Graphs stand inside attributes (the branches of `If`, the body of `Loop`) and use the values around them by name.

export const subgraphsOf = (node: Node): readonly Graph[] =>
  [...node.attributes.values()].flatMap((attribute) => (attribute.kind === 'graph' ? [attribute.value] : []));

/** The node with its graphs replaced; the same node when nothing is. */
export const mapSubgraphs = (node: Node, map: (graph: Graph, attribute: string) => Graph): Node => {
  const attributes = new Map(node.attributes);
  let isSame = true;
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind !== 'graph') continue;
    const value = map(attribute.value, name);
    isSame &&= value === attribute.value;
    attributes.set(name, { kind: 'graph', value });
  }
  return isSame ? node : { ...node, attributes };
};

/** Names that a graph itself gives to values. */
export const definedIn = ({ inputs, initializers, nodes }: Graph): Set<string> => {
  const names = new Set([...inputs.map(({ name }) => name), ...initializers.keys()]);
  for (const { outputs } of nodes) for (const output of outputs) names.add(output);
  names.delete('');
  return names;
};

const freeNames = new WeakMap<Graph, ReadonlySet<string>>();

/** Names that a graph takes from around it. */
export const capturedBy = (graph: Graph): ReadonlySet<string> => {
  const known = freeNames.get(graph);
  if (known !== undefined) return known;
  const defined = definedIn(graph);
  const used = [...graph.nodes.flatMap((node) => [...needsOf(node)]), ...graph.outputs.map(({ name }) => name)];
  const free = new Set(used.filter((name) => !defined.has(name)));
  freeNames.set(graph, free);
  return free;
};

/** Names of all values that must be there before the node can run. */
export const needsOf = (node: Node): readonly string[] => {
  const inputs = node.inputs.filter((input) => input !== '');
  return [...inputs, ...subgraphsOf(node).flatMap((graph) => [...capturedBy(graph)])];
};

/** The name of a node for a person: nodes often have none of their own. */
export const describeNode = ({ name, op, outputs }: Node): string => {
  const own = name || outputs.find((output) => output !== '') || 'without a name';
  return `${op || 'without an op'} ${own}`;
};
