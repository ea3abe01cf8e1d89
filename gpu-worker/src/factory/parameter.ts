import { feedInitializers, fixInputs, type Model, tensors } from '../onnx/index.ts';
import { FactoryError } from './errors.ts';

/** What training changes: an input of the graph, float32, with these values to begin with. */
export type Parameter = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
  /** Whether weight decay pulls it to zero: matrices yes, norms and biases no. */
  readonly decays: boolean;
};

/** Parameters from arrays by their names, as a graft's initial A and B are. */
export const parametersOf = (
  arrays: Iterable<readonly [string, { readonly dims: readonly number[]; readonly values: Float32Array }]>,
): Parameter[] => [...arrays].map(([name, { dims, values }]) => ({ name, dims, values, decays: dims.length > 1 }));

/**
 * A model whose weights of these names are inputs, and the weights.
 *
 * @throws FactoryError for a weight that is not float32, OnnxError for a name that is no weight of the graph.
 */
export const asInputs = (model: Model, names: readonly string[]): { model: Model; parameters: Parameter[] } => {
  const graph = feedInitializers(model.graph, names);
  const parameters = names.map((name): Parameter => {
    const weight = model.graph.initializers.get(name)!;
    if (weight.type !== 'float32') {
      throw new FactoryError(`${name} cannot be trained: its weights are ${weight.type}; float32 is needed`);
    }
    const values = tensors.floats(weight).slice();
    return { name, dims: weight.dims, values, decays: weight.dims.length > 1 };
  });
  return { model: { ...model, graph }, parameters };
};

/** The model with these inputs as weights again, as they are after training. */
export const asWeights = (model: Model, parameters: readonly Parameter[]): Model => {
  const weights = parameters.map(({ name, dims, values }) => [name, tensors.float32(dims, values)] as const);
  return { ...model, graph: fixInputs(model.graph, new Map(weights)) };
};

export const elements = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, { values }) => sum + values.length, 0);
