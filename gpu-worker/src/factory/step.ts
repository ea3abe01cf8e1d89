import type { Tensor } from 'onnxruntime-node';
import { differentiate } from '../autodiff/index.ts';
import { addOutputs, type Model, prune, specialise } from '../onnx/index.ts';
import { gradientsEarly } from './execution.ts';
import { createFeeds } from './feeds.ts';
import { lengthsOf } from './lengths.ts';
import { logitsGradient, lossNames, withLoss } from './loss.ts';
import type { Parameter } from './parameter.ts';
import type { Rows } from './rows.ts';
import { openSession, ort, type SessionOptions } from './session.ts';

export type StepShape = { readonly batch: number; readonly sequence: number; readonly logits?: string };

/** The graph that a step runs: the model's loss and its gradient for each parameter, for batches of one size. */
export const stepGraph = (
  model: Model,
  names: readonly string[],
  { batch, sequence, logits = 'logits' }: StepShape,
): Model => {
  const lossy = withLoss(model, { logits });
  // An output as long as the graph is made leaner, or it would be taken for something that nobody needs.
  const slopes = { name: logitsGradient(logits), type: 'float32', shape: undefined } as const;
  const withSlopes = { ...lossy, graph: addOutputs(lossy.graph, [slopes]) };
  const fixed = specialise(withSlopes, lengthsOf(model, { batch, sequence }));
  const whole = differentiate(fixed, {
    loss: lossNames.loss,
    wrt: names,
    given: { [logits]: logitsGradient(logits) },
  });
  // Outputs that nobody fetches would keep their memory all the same.
  const outputs = [lossNames.loss, ...names.map((name) => `${name}_grad`)];
  return { ...whole, graph: gradientsEarly(prune(whole.graph, outputs)) };
};

/** Runs batches of rows: their summed loss, and the gradients into arrays that stay the same. */
export type Runner = {
  run: (indices: readonly number[], gradients: readonly Float32Array[]) => Promise<number>;
  close: () => Promise<void>;
};

export type RunnerOptions = SessionOptions & { readonly rows: Rows; readonly batch: number };

/** @param graph as {@link stepGraph} makes it. The parameters' arrays are read at each run. */
export const openRunner = async (
  graph: Model,
  parameters: readonly Parameter[],
  { rows, batch, ...options }: RunnerOptions,
): Promise<Runner> => {
  const session = await openSession(graph, options);
  const feeds = createFeeds(graph, parameters, { batch, sequence: rows.sequence });
  const loss = new Float32Array(1);
  const fetches = new Map<readonly Float32Array[], Record<string, Tensor>>();
  const fetched = (gradients: readonly Float32Array[]): Record<string, Tensor> => {
    const known = fetches.get(gradients);
    if (known) return known;
    const made: Record<string, Tensor> = { [lossNames.loss]: new ort.Tensor('float32', loss, []) };
    for (const [index, { name, dims }] of parameters.entries()) {
      made[`${name}_grad`] = new ort.Tensor('float32', gradients[index]!, dims);
    }
    fetches.set(gradients, made);
    return made;
  };
  return {
    run: async (indices, gradients) => {
      feeds.fill(rows, indices);
      // onnxruntime writes into the arrays that it is given: nothing is allocated, however long training goes on.
      await session.run(feeds.tensors, fetched(gradients));
      return loss[0]!;
    },
    close: () => session.release(),
  };
};
