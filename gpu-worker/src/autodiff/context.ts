import {
  type Builder,
  constantOf,
  contentsOf,
  createReader,
  type Graph,
  type Known,
  type Model,
  type Node,
  type Value,
} from '../onnx/index.ts';
import type { Emitter } from './emitter.ts';
import { type Gradient, isSpread, spreadOf, wholeOf } from './gradient.ts';
import type { Context } from './rule.ts';

export type Walk = {
  model: Model;
  node: Node;
  known: ReadonlyMap<Value, Known>;
  active: ReadonlySet<Value>;
  wanted: readonly Value[];
  g: Emitter;
  builder: Builder;
  shares: ReadonlyMap<Value, readonly Gradient[]>;
  /** Nodes of which optional outputs were asked for. */
  completed: Map<Node, Node>;
};

/** What a rule sees of a node, at the point of the walk where all nodes that use its outputs gave their shares. */
export const contextOf = ({ model, node, known, active, wanted, g, builder, shares, completed }: Walk): Context => {
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
    isSpread: isSpread(sharesOf(0)),
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
    isWanted: (input) => wanted.includes(node.inputs[input] ?? ''),
    scalar: (number) => g.scalar(g.typeOf(y), number),
  };
};

/** The number that a constant of one element is. */
const numberOf = (graph: Graph, value: Value): number | undefined => {
  const maker = graph.nodes.find((node) => node.op === 'Constant' && node.outputs[0] === value);
  const tensor = maker === undefined ? graph.initializers.get(value) : constantOf(maker);
  const contents = tensor && contentsOf(tensor);
  return contents?.length === 1 ? contents[0] : undefined;
};
