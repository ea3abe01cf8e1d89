import {
  createBuilder,
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
import { contextOf } from './context.ts';
import { createEmitter } from './emitter.ts';
import { AutodiffError } from './errors.ts';
import { type Gradient, wholeOf } from './gradient.ts';
import { activeValues, wayTo } from './way.ts';

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

  const active = activeValues(model.graph, known, wanted, givenOnes);
  const way = wayTo(model.graph, [loss, ...givenOnes.keys()], active, givenOnes);
  const builder = createBuilder({ opset, irVersion: model.irVersion, name: model.graph.name, from: model.graph });
  const g = createEmitter({ builder, nodes: model.graph.nodes, known, opset });
  const shares = new Map<Value, Gradient[]>([[loss, [{ spread: g.scalar(known.get(loss)!.type, 1) }]]]);
  for (const [value, gradient] of givenOnes) shares.set(value, [gradient]);
  const completed = new Map<Node, Node>();
  for (const { node, rule } of way) {
    if (!node.outputs.some((output) => shares.has(output))) continue;
    if (node.op !== 'Split' && node.outputs.slice(1).some((output) => shares.has(output))) {
      throw new AutodiffError(`${node.op} ${node.name}: only its first output has a gradient`);
    }
    const gradients = rule(contextOf({ model, node, known, active, wanted, g, builder, shares, completed }));
    for (const [i, input] of node.inputs.entries()) {
      if (!active.has(input) || givenOnes.has(input)) continue;
      const make = gradients[i];
      if (make === undefined)
        throw new AutodiffError(`${node.op} ${node.name} has no gradient for input ${i}, ${input}`);
      const share = make();
      if (share !== undefined) shares.set(input, [...(shares.get(input) ?? []), share]);
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

/** What was written and then not needed is left out again; what was there before stays. */
const finish = (model: Model, graph: Graph, completed: ReadonlyMap<Node, Node>): Model => {
  const own = new Set(model.graph.nodes);
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!own.has(node) && !node.outputs.some((output) => needed.has(output))) return false;
    for (const value of needsOf(node)) needed.add(value);
    return true;
  });
  const initializers = [...graph.initializers].filter(
    ([name]) => model.graph.initializers.has(name) || needed.has(name),
  );
  return inferShapes({
    ...model,
    irVersion: Math.max(model.irVersion, 8),
    graph: {
      ...graph,
      nodes: nodes.reverse().map((node) => completed.get(node) ?? node),
      initializers: new Map(initializers),
    },
  });
};
