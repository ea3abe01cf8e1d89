import type { Attribute, Graph, Node, Tensor } from '../onnx/index.ts';

/** Writes a graph's nodes anew, one after another, with new ones between them. */
export type Scribe = {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** A name that no value has yet. */
  fresh: (hint: string) => string;
  push: (node: Node) => void;
  /** A new standard node with one output, which it returns. */
  op: (hint: string, op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>) => string;
  /** A constant; the same hint and bytes give the same one. */
  constant: (hint: string, tensor: Tensor) => string;
};

export const createScribe = (graph: Graph): Scribe => {
  const nodes: Node[] = [];
  const initializers = new Map(graph.initializers);
  const constants = new Map<string, string>();
  const taken = new Set([
    ...graph.inputs.map((input) => input.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  const fresh = (hint: string) => {
    let name = hint;
    for (let count = 1; taken.has(name); count++) name = `${hint}_${count}`;
    taken.add(name);
    return name;
  };
  const push = (node: Node) => {
    nodes.push(node);
  };
  return {
    nodes,
    initializers,
    fresh,
    push,
    op: (hint, op, inputs, attributes = {}) => {
      const output = fresh(hint);
      push({
        name: output,
        op,
        domain: '',
        inputs,
        outputs: [output],
        attributes: new Map(Object.entries(attributes)),
      });
      return output;
    },
    constant: (hint, tensor) => {
      const key = `${hint} ${tensor.type} [${tensor.dims}] ${Buffer.from(tensor.data).toString('hex')}`;
      const known = constants.get(key);
      if (known !== undefined) return known;
      const name = fresh(hint);
      constants.set(key, name);
      initializers.set(name, tensor);
      return name;
    },
  };
};
