import { OnnxError } from './errors.ts';
import { findNonFinite } from './finite.ts';
import type { Graph, Model, Node, Tensor, ValueInfo } from './model.ts';
import { byteLength } from './readTensor.ts';
import { definedIn, describeNode, mapSubgraphs } from './scope.ts';
import { sortNodes } from './sort.ts';
import { checkVersions } from './versions.ts';

export type CheckOptions = {
  /** NaN and infinite weights make every answer NaN, so they are refused. Masks of 0 and −∞ are none. */
  readonly nonFinite?: 'refuse' | 'allow';
};

/**
 * Whether a model is one: every name stands for one value, every value that is needed is made by something before it, every
 * tensor has the bytes that its dims say, weights are numbers. Gives the model back, its nodes sorted where they were not.
 *
 * @throws OnnxError that says which node and value, and what would be right.
 */
export const checkModel = (model: Model, { nonFinite = 'refuse' }: CheckOptions = {}): Model => {
  checkVersions(model);
  const check = { opsets: model.opsets, isFiniteOnly: nonFinite === 'refuse' };
  const graph = checkGraph(model.graph, check, { has: () => false }, 'graph');
  return graph === model.graph ? model : { ...model, graph };
};

type Check = { readonly opsets: Model['opsets']; readonly isFiniteOnly: boolean };

/** The names that can be used at some place; asked level by level, for copies would grow with the square of a hostile file. */
type Scope = { readonly has: (name: string) => boolean };

const checkGraph = (given: Graph, check: Check, outer: Scope, where: string): Graph => {
  checkNames(given, outer, where);
  for (const value of [...given.inputs, ...given.outputs, ...given.values.values()]) checkValue(value, where);
  for (const [name, tensor] of given.initializers) checkTensor(tensor, check, `${where}, initializer ${name}`);
  const defined = definedIn(given);
  const visible: Scope = { has: (name) => defined.has(name) || outer.has(name) };
  for (const node of given.nodes) checkNode(node, check, visible, defined, where);
  for (const { name } of given.outputs) {
    if (!visible.has(name)) {
      throw new OnnxError(
        `${where}: the output ${name} is made by no node, and is no input and no initializer${nearest(name, defined)}`,
      );
    }
  }
  const sorted = sortNodes(given);
  const nodes = sorted.nodes.map((node) => {
    const own = new Set(node.outputs);
    const around: Scope = { has: (name) => visible.has(name) && !own.has(name) };
    return mapSubgraphs(node, (graph, name) =>
      checkGraph(graph, check, around, `${where}, ${describeNode(node)}, ${name}`),
    );
  });
  return nodes.every((node, i) => node === sorted.nodes[i]) ? sorted : { ...sorted, nodes };
};

const checkNames = ({ inputs, outputs, initializers, nodes }: Graph, outer: Scope, where: string): void => {
  const makers = new Map<string, string>();
  const make = (name: string, maker: string): void => {
    if (name === '') throw new OnnxError(`${where}: ${maker} has no name, and nothing can use it`);
    const first = makers.get(name) ?? (outer.has(name) ? 'the graph around it' : undefined);
    if (first !== undefined) {
      throw new OnnxError(
        `${where}: ${name} is made twice, by ${first} and by ${maker}; each value has a name of its own`,
      );
    }
    makers.set(name, maker);
  };
  let count = 0;
  for (const { name } of inputs) make(name, `input ${count++}`);
  count = 0;
  for (const name of initializers.keys()) make(name, `initializer ${count++}`);
  for (const node of nodes) for (const output of node.outputs) if (output !== '') make(output, describeNode(node));
  const seen = new Set<string>();
  for (const { name } of outputs) {
    if (seen.has(name)) throw new OnnxError(`${where}: two outputs are named ${name}`);
    seen.add(name);
  }
};

const checkNode = (node: Node, check: Check, visible: Scope, defined: ReadonlySet<string>, where: string): void => {
  const { opsets } = check;
  const at = `${where}, ${describeNode(node)}`;
  if (node.op === '') throw new OnnxError(`${at}: it does not say which op it is`);
  if (!opsets.has(node.domain)) {
    throw new OnnxError(
      `${at}: the model imports no operator set '${node.domain}'; it imports ${[...opsets.keys()].map((domain) => `'${domain}'`).join(', ')}`,
    );
  }
  for (const input of node.inputs) {
    if (input !== '' && !visible.has(input)) {
      throw new OnnxError(
        `${at}: its input ${input} is made by no node, and is no input and no initializer${nearest(input, defined)}`,
      );
    }
  }
  for (const [name, attribute] of node.attributes) {
    if (name === '') throw new OnnxError(`${at}: an attribute has no name`);
    if (attribute.kind === 'tensor') checkTensor(attribute.value, check, `${at}, attribute ${name}`);
  }
};

const checkValue = ({ name, shape }: ValueInfo, where: string): void => {
  for (const dim of shape ?? []) {
    if (typeof dim === 'number' && !(Number.isSafeInteger(dim) && dim >= 0)) {
      throw new OnnxError(`${where}: value ${name} has the dim ${dim}; 0 or more, a name, or nothing belongs there`);
    }
  }
};

const checkTensor = ({ type, dims, data }: Tensor, { isFiniteOnly }: Check, where: string): void => {
  const bytes = byteLength(type, dims, where);
  if (data.length !== bytes) {
    throw new OnnxError(`${where}: ${type}[${dims}] takes ${bytes} bytes; it has ${data.length}`);
  }
  const found = isFiniteOnly ? findNonFinite(type, data) : undefined;
  if (found !== undefined) {
    throw new OnnxError(`${where}: element ${found.index} is ${found.value}; a weight is a finite number`);
  }
};

/** The name that a person may have meant. */
const nearest = (wanted: string, names: ReadonlySet<string>): string => {
  const lower = wanted.toLowerCase();
  for (const name of names) {
    if (name.toLowerCase() === lower || (lower.length > 3 && name.endsWith(wanted))) return `; did you mean ${name}?`;
  }
  return '';
};
