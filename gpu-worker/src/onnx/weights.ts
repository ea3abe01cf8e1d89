import { OnnxError } from './errors.ts';
import type { Graph, Tensor } from './model.ts';

/** Weights become inputs that are fed at each run. @throws OnnxError when one is not there. */
export const feedInitializers = (graph: Graph, names: readonly string[]): Graph => {
  const fed = names.map((name) => {
    const tensor = graph.initializers.get(name);
    if (tensor === undefined) throw new OnnxError(`graph: there is no initializer ${name} to be fed`);
    return { name, type: tensor.type, shape: tensor.dims };
  });
  const chosen = new Set(names);
  return {
    ...graph,
    inputs: [...graph.inputs, ...fed],
    initializers: new Map([...graph.initializers].filter(([name]) => !chosen.has(name))),
  };
};

/** Inputs become weights. @throws OnnxError when there is no such input, or it is of another type or shape. */
export const fixInputs = (graph: Graph, tensors: ReadonlyMap<string, Tensor>): Graph => {
  for (const [name, { type, dims }] of tensors) {
    const input = graph.inputs.find((candidate) => candidate.name === name);
    if (input === undefined) throw new OnnxError(`graph: there is no input ${name} to be fixed`);
    const isSame =
      input.type === type &&
      (input.shape === undefined ||
        (input.shape.length === dims.length &&
          input.shape.every((dim, i) => typeof dim !== 'number' || dim === dims[i])));
    if (!isSame) {
      throw new OnnxError(
        `graph: the input ${name} is ${input.type}[${input.shape ?? '…'}]; ${type}[${dims}] was given`,
      );
    }
  }
  return {
    ...graph,
    inputs: graph.inputs.filter(({ name }) => !tensors.has(name)),
    initializers: new Map([...graph.initializers, ...tensors]),
  };
};
