import type { Model, ValueInfo } from '../model.ts';
import { contentsAfter } from './contents.ts';
import { contentsOf, isFloat, isStatic, type Known } from './known.ts';
import { createReader } from './reader.ts';
import { shapeRules } from './rules.ts';

/** Operators of other domains whose outputs have the shapes of the standard ones of the same name. */
const rulesOf = (domain: string): typeof shapeRules => (domain === '' || domain === 'com.microsoft' ? shapeRules : {});

/**
 * What is known of every value of a model: inputs as declared, then node after node. What a model says of its own
 * values is believed where nothing is known otherwise.
 */
export const knowledgeOf = (model: Model): ReadonlyMap<string, Known> => {
  const { graph } = model;
  const known = new Map<string, Known>();
  for (const { name, type, shape } of graph.inputs) known.set(name, { type, shape });
  for (const [name, tensor] of graph.initializers) {
    // Weights are not shape arithmetic: a trainable scalar must never be taken for a constant.
    const contents = isFloat(tensor.type) ? undefined : contentsOf(tensor);
    known.set(name, { type: tensor.type, shape: tensor.dims, contents });
  }
  const declared = new Map<string, ValueInfo>(graph.values);
  for (const output of graph.outputs) declared.set(output.name, output);
  const opset = model.opsets.get('') ?? 1;
  for (const node of graph.nodes) {
    const reader = createReader(node, opset, (value) => known.get(value));
    const results = rulesOf(node.domain)[node.op]?.(reader) ?? [];
    for (const [i, value] of node.outputs.entries()) {
      if (value === '') continue;
      const result = merge(results[i], declared.get(value));
      if (result === undefined) continue;
      const contents = i === 0 ? contentsAfter(reader, result) : undefined;
      // A Range knows how long it is only from its elements.
      const isList = contents !== undefined && result.shape?.length === 1;
      known.set(value, isList ? { ...result, shape: [contents.length], contents } : { ...result, contents });
    }
  }
  return known;
};

/** What was found, and where that leaves something open what was declared. */
const merge = (found: Known | undefined, declared: ValueInfo | undefined): Known | undefined => {
  if (found === undefined || declared === undefined) return found ?? declared;
  if (found.shape === undefined || isStatic(found.shape)) return { ...found, shape: found.shape ?? declared.shape };
  if (declared.shape?.length !== found.shape.length) return found;
  return { ...found, shape: found.shape.map((dim, i) => dim ?? declared.shape![i]) };
};

/**
 * The model with types and shapes of all values between its nodes, as far as they follow from its inputs.
 *
 * @example
 * inferShapes(model).graph.values.get('logits')?.shape // ['batch', 'sequence', 4096]
 */
export const inferShapes = (model: Model): Model => {
  const known = knowledgeOf(model);
  const infoOf = (name: string, { type, shape }: Known): ValueInfo => ({ name, type, shape });
  const made = model.graph.nodes.flatMap((node) => node.outputs).filter((value) => known.has(value));
  const values = new Map(made.map((value) => [value, infoOf(value, known.get(value)!)]));
  const outputs = model.graph.outputs.map((output) => values.get(output.name) ?? output);
  return { ...model, graph: { ...model.graph, outputs, values } };
};
