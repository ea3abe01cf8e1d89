import { OnnxError } from './errors.ts';
import type { Graph, ValueInfo } from './model.ts';
import { definedIn, needsOf } from './scope.ts';

/** What is known of a value, wherever the graph says it. */
export const infoOf = (graph: Graph, name: string): ValueInfo | undefined => {
  const initializer = graph.initializers.get(name);
  if (initializer !== undefined) return { name, type: initializer.type, shape: initializer.dims };
  const isIt = (value: ValueInfo) => value.name === name;
  return graph.values.get(name) ?? graph.inputs.find(isIt) ?? graph.outputs.find(isIt);
};

/**
 * The graph with these outputs, and only what they need: nodes, initializers, inputs, notes. An output is given by its name,
 * or by what is known of it where the graph itself does not say.
 *
 * @throws OnnxError for an output that is not in the graph or of a type that is not known.
 */
export const prune = (graph: Graph, outputs: readonly (string | ValueInfo)[]): Graph => {
  const defined = definedIn(graph);
  const kept = outputs.map((output): ValueInfo => {
    const name = typeof output === 'string' ? output : output.name;
    if (!defined.has(name)) throw new OnnxError(`graph: there is no value ${name} to be an output`);
    const info = typeof output === 'string' ? infoOf(graph, output) : output;
    if (info === undefined) {
      throw new OnnxError(`graph: the type of the value ${name} is not known; say it to make it an output`);
    }
    return info;
  });
  const needed = new Set(kept.map(({ name }) => name));
  // From the last to the first: what needs a node stands after it.
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const name of needsOf(node)) needed.add(name);
    return true;
  });
  const present = new Set([...needed, ...nodes.flatMap((node) => node.outputs)]);
  return {
    ...graph,
    outputs: kept,
    nodes: nodes.toReversed(),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
    values: new Map([...graph.values].filter(([name]) => present.has(name))),
  };
};

/** The graph with more outputs; those that it has already stay as they are. @throws OnnxError as {@link prune}. */
export const addOutputs = (graph: Graph, outputs: readonly (string | ValueInfo)[]): Graph => {
  const names = new Set(graph.outputs.map(({ name }) => name));
  const added = outputs.filter((output) => !names.has(typeof output === 'string' ? output : output.name));
  const { outputs: all } = prune(graph, [...graph.outputs, ...added]);
  return { ...graph, outputs: all };
};
