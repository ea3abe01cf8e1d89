import { constantOf } from '../constants.ts';
import type { Dim, Graph, Model, Node, Tensor, ValueInfo } from '../model.ts';
import { needsOf } from '../scope.ts';
import { knowledgeOf } from './infer.ts';
import { isNumeric, isStatic, type Known, tensorOf } from './known.ts';

/** A name, or a sum of names as exporters write it (`past + sequence`), with numbers for names; else as it is. */
const bind = (dim: Dim, lengths: Readonly<Record<string, number>>): Dim => {
  if (typeof dim !== 'string') return dim;
  const parts = dim.split(/\s*\+\s*/).map((part) => (/^\d+$/.test(part) ? Number(part) : lengths[part]));
  return parts.includes(undefined) ? dim : parts.reduce<number>((sum, part) => sum + part!, 0);
};

/**
 * The model for fixed lengths: names of dimensions become numbers, what then is constant shape arithmetic becomes
 * initializers, and what nothing needs any more is left out. Inputs stay, also those that are not needed now.
 *
 * @throws RangeError when a length is not a whole number, or when no input has a dimension of that name.
 * @example specialise(model, { batch: 8, sequence: 256 })
 */
export const specialise = (model: Model, lengths: Readonly<Record<string, number>>): Model => {
  check(model.graph, lengths);
  const bound = bindShapes(model, lengths);
  const known = knowledgeOf(bound);
  const { graph } = bound;
  const isOutput = new Set(graph.outputs.map((output) => output.name));
  const initializers = new Map(graph.initializers);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    const constant = output === undefined || isOutput.has(output) ? undefined : foldedOf(node, known.get(output));
    if (constant === undefined) {
      nodes.push(withoutEmptyParts(node, (value) => known.get(value)?.shape));
    } else {
      initializers.set(output!, constant);
    }
  }
  const infoOf = (value: string): ValueInfo | undefined => {
    const found = known.get(value);
    return found && { name: value, type: found.type, shape: found.shape };
  };
  return { ...bound, graph: trim({ ...graph, nodes, initializers }, infoOf) };
};

const check = (graph: Graph, lengths: Readonly<Record<string, number>>): void => {
  const dims = graph.inputs.flatMap((input) => [...(input.shape ?? [])]).filter((dim) => typeof dim === 'string');
  const names = new Set(dims.flatMap((dim) => [dim, ...dim.split(/\s*\+\s*/)]));
  for (const [name, length] of Object.entries(lengths)) {
    if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`${name} is to be ${length}: no length`);
    if (!names.has(name)) {
      throw new RangeError(`No input has a dimension named ${name}; there are: ${[...names].join(', ') || 'none'}`);
    }
  }
};

const bindShapes = (model: Model, lengths: Readonly<Record<string, number>>): Model => {
  const bindInfo = (info: ValueInfo): ValueInfo => ({ ...info, shape: info.shape?.map((dim) => bind(dim, lengths)) });
  const { graph } = model;
  const values = new Map([...graph.values].map(([name, info]) => [name, bindInfo(info)]));
  const inputs = graph.inputs.map(bindInfo);
  return { ...model, graph: { ...graph, inputs, outputs: graph.outputs.map(bindInfo), values } };
};

const foldedOf = (node: Node, known: Known | undefined): Tensor | undefined => {
  const value = constantOf(node);
  if (value !== undefined) return value;
  if (known === undefined || !isStatic(known.shape) || !isNumeric(known.contents)) return undefined;
  return tensorOf(known.type, known.shape, known.contents);
};

/** A cache of length 0 adds nothing to what it is joined with. */
const withoutEmptyParts = (node: Node, shapeOf: (value: string) => readonly Dim[] | undefined): Node => {
  if (node.op !== 'Concat' || node.domain !== '') return node;
  const inputs = node.inputs.filter((value) => !shapeOf(value)?.includes(0));
  return inputs.length === 0 || inputs.length === node.inputs.length ? node : { ...node, inputs };
};

/** Leaves out nodes and initializers that no output needs. */
const trim = (graph: Graph, infoOf: (value: string) => ValueInfo | undefined): Graph => {
  const needed = new Set(graph.outputs.map((output) => output.name));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of needsOf(node)) needed.add(input);
    return true;
  });
  const made = nodes.flatMap((node) => node.outputs).flatMap((value) => infoOf(value) ?? []);
  const values = new Map(made.map((info) => [info.name, info]));
  return {
    ...graph,
    nodes: nodes.toReversed(),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
    outputs: graph.outputs.map((output) => values.get(output.name) ?? output),
    values,
  };
};
