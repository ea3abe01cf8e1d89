import {
  type Builder,
  contentsOf,
  createBuilder,
  createReader,
  type Graph,
  inferShapes,
  isFloat,
  type Known,
  knowledgeOf,
  type Model,
  type Node,
  needsOf,
  type Value,
} from '../onnx/index.ts';
import { createEmitter, type Emitter } from './emitter.ts';
import { AutodiffError, UnknownOpError } from './errors.ts';
import { type Gradient, spreadOf, wholeOf } from './gradient.ts';
import type { Context } from './rule.ts';
import { rules, steps } from './rules/index.ts';

export type DifferentiateOptions = {
  /** The value whose gradients are wanted; of one with several elements, those of their sum. */
  loss: Value;
  /** Inputs, initializers or values between the nodes. */
  wrt: readonly Value[];
  /**
   * Gradients of the loss that the graph computes itself, by the values that they belong to: what lies between such a
   * value and the loss is not differentiated.
   */
  given?: Readonly<Record<Value, Value>>;
};

/**
 * The model with an output `${value}_grad` for each value of `wrt`: the gradient of the loss, with the value's shape and
 * type. What the model gave before it still gives. Only nodes on a way from `wrt` to the loss are differentiated.
 *
 * Shapes that are known make leaner gradients: `specialise` a model before where its lengths are fixed.
 *
 * @throws UnknownOpError for an operator on such a way without a rule.
 * @throws AutodiffError when a value of `wrt` does not exist, is not of floating point, or has no way to the loss.
 * @example
 * const step = differentiate(model, { loss: 'loss', wrt: ['lora_A', 'lora_B'] });
 * // outputs: …, lora_A_grad, lora_B_grad
 */
export const differentiate = (model: Model, { loss, wrt, given = {} }: DifferentiateOptions): Model => {
  const own = model.opsets.get('') ?? 0;
  if (own < 13 || own > 22) throw new AutodiffError(`Operator sets 13 to 22 can be differentiated, not ${own}`);
  // Gradients need ScatterND as it is since 16; from 13 to 17 no operator changed what it does.
  const opset = Math.max(own, 17);
  const known = knowledgeOf(model);
  const wanted = [...new Set(wrt)];
  const givenOnes = new Map(Object.entries(given));
  check(model.graph, known, loss, [...wanted, ...givenOnes.keys(), ...givenOnes.values()]);

  const builder = createBuilder({ opset, irVersion: model.irVersion, name: model.graph.name, from: model.graph });
  const g = createEmitter({ builder, nodes: model.graph.nodes, known, opset });
  const active = activeValues(model.graph, known, wanted, givenOnes);
  const shares = new Map<Value, Gradient[]>([[loss, [{ spread: g.scalar(known.get(loss)!.type, 1) }]]]);
  for (const [value, gradient] of givenOnes) shares.set(value, [gradient]);
  const completed = new Map<Node, Node>();
  for (const node of nodesBefore(model.graph, loss).filter(({ outputs }) => outputs.some((y) => active.has(y)))) {
    if (!node.outputs.some((output) => shares.has(output))) continue;
    const rule = node.domain === '' ? rules[node.op] : undefined;
    if (rule === undefined) throw new UnknownOpError(node);
    if (node.op !== 'Split' && node.outputs.slice(1).some((output) => shares.has(output))) {
      throw new AutodiffError(`${node.op} ${node.name}: only its first output has a gradient`);
    }
    const gradients = rule(contextOf({ model, node, known, active, g, builder, shares, completed }));
    for (const [i, input] of node.inputs.entries()) {
      if (!active.has(input) || givenOnes.has(input)) continue;
      const make = gradients[i];
      if (make === undefined)
        throw new AutodiffError(`${node.op} ${node.name} has no gradient for input ${i}, ${input}`);
      shares.set(input, [...(shares.get(input) ?? []), make()]);
    }
  }
  for (const value of wanted) {
    const own = shares.get(value);
    if (own === undefined) throw new AutodiffError(`${loss} does not depend on ${value}: it has no gradient`);
    builder.output(`${value}_grad`, wholeOf(g, value, own), g.typeOf(value), g.shapeOf(value));
  }
  return finish({ ...model, opsets: new Map([...model.opsets, ['', opset]]) }, builder.build().graph, completed);
};

const check = (graph: Graph, known: ReadonlyMap<Value, Known>, loss: Value, wrt: readonly Value[]): void => {
  const made = new Set(graph.nodes.flatMap((node) => node.outputs));
  const values = new Set([...made, ...graph.inputs.map((input) => input.name), ...graph.initializers.keys()]);
  if (!made.has(loss)) throw new AutodiffError(`No node makes the loss ${loss}`);
  for (const value of [loss, ...wrt]) {
    if (!values.has(value)) throw new AutodiffError(`The graph has no value named ${value}`);
    const type = known.get(value)?.type;
    if (type === undefined) throw new AutodiffError(`The type of ${value} must be known for its gradient`);
    if (!isFloat(type)) throw new AutodiffError(`${value} is ${type}: only floating point has gradients`);
  }
};

/** Values that depend on one of `wrt` by floating point all the way, and not only by one whose gradient is given. */
const activeValues = (
  graph: Graph,
  known: ReadonlyMap<Value, Known>,
  wrt: readonly Value[],
  given: ReadonlyMap<Value, Value>,
): ReadonlySet<Value> => {
  const active = new Set(wrt);
  for (const node of graph.nodes) {
    // What the graphs within a node take from around it counts, too: If on the way is an error, not a gap.
    if (
      (node.domain === '' && steps.has(node.op)) ||
      !needsOf(node).some((value) => active.has(value) && !given.has(value))
    )
      continue;
    for (const output of node.outputs) {
      const type = known.get(output)?.type;
      if (output !== '' && (type === undefined || isFloat(type))) active.add(output);
    }
  }
  return active;
};

/** The nodes that a value depends on, last first. */
const nodesBefore = (graph: Graph, value: Value): Node[] => {
  const needed = new Set([value]);
  return graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const input of needsOf(node)) needed.add(input);
    return true;
  });
};

type Walk = {
  model: Model;
  node: Node;
  known: ReadonlyMap<Value, Known>;
  active: ReadonlySet<Value>;
  g: Emitter;
  builder: Builder;
  shares: ReadonlyMap<Value, readonly Gradient[]>;
  /** Nodes of which optional outputs were asked for. */
  completed: Map<Node, Node>;
};

const contextOf = ({ model, node, known, active, g, builder, shares, completed }: Walk): Context => {
  const y = node.outputs[0]!;
  const sharesOf = (output: number): readonly Gradient[] => shares.get(node.outputs[output] ?? '') ?? [];
  return {
    g,
    node: createReader(node, g.opset, (value) => known.get(value)),
    x: node.inputs,
    y,
    get dy() {
      return wholeOf(g, y, sharesOf(0));
    },
    get spread() {
      return spreadOf(g, y, sharesOf(0));
    },
    shares: sharesOf,
    whole: (output) => wholeOf(g, node.outputs[output]!, sharesOf(output)),
    output: (index) => {
      const now = completed.get(node) ?? node;
      const given = now.outputs[index];
      if (given !== undefined && given !== '') return given;
      const outputs = Array.from({ length: Math.max(index + 1, now.outputs.length) }, (_, i) => now.outputs[i] ?? '');
      outputs[index] = builder.fresh(`${y}/${index}`);
      completed.set(node, { ...now, outputs });
      return outputs[index];
    },
    number: (input) =>
      active.has(node.inputs[input] ?? '') ? undefined : numberOf(model.graph, node.inputs[input] ?? ''),
    scalar: (number) => g.scalar(g.typeOf(y), number),
  };
};

const numberOf = (graph: Graph, value: Value): number | undefined => {
  const maker = graph.nodes.find((node) => node.op === 'Constant' && node.outputs[0] === value);
  const attribute = maker?.attributes.get('value');
  const tensor = attribute?.kind === 'tensor' ? attribute.value : graph.initializers.get(value);
  const contents = tensor && contentsOf(tensor);
  return contents?.length === 1 ? contents[0] : undefined;
};

const finish = (model: Model, graph: Graph, completed: ReadonlyMap<Node, Node>): Model => {
  const nodes = graph.nodes.map((node) => completed.get(node) ?? node);
  return inferShapes({ ...model, irVersion: Math.max(model.irVersion, 8), graph: { ...graph, nodes } });
};
