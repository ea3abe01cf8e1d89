import {
  createFeeds,
  type Example,
  lengthsOf,
  lossNames,
  openSession,
  ort,
  padExamples,
  parametersOf,
  rowCount,
  type SessionOptions,
  withLoss,
} from '../../factory/index.ts';
import { type Adapter, arraysOf, graft, modulesOf, sharedOptions } from '../../lora/index.ts';
import { type Model, prune, specialise } from '../../onnx/index.ts';

export type Likelihood = {
  /** Of each example, the natural logarithm of the probability of what follows its prompt. */
  logarithmsOf: (examples: readonly Example[]) => Promise<Float64Array>;
  close: () => Promise<void>;
};

export type LikelihoodOptions = SessionOptions & {
  readonly adapter: Adapter;
  /** Tokens of the longest example. */
  readonly sequence: number;
  readonly logits?: string;
};

/**
 * How likely a model with an adapter finds texts, each token given all before it. One text after another, so that what else
 * is asked changes nothing.
 *
 * @param base a causal model without an adapter, `input_ids` in, logits out.
 * @throws LoraError for an adapter of another base; FactoryError for a graph with inputs that nobody knows.
 */
export const openLikelihood = async (base: Model, options: LikelihoodOptions): Promise<Likelihood> => {
  const { adapter, sequence, logits = 'logits', ...session } = options;
  const grafted = graft(base, sharedOptions(adapter.config, modulesOf(base)));
  const lossy = withLoss(grafted.model, { logits });
  const pruned = { ...lossy, graph: prune(lossy.graph, [lossNames.rows]) };
  const graph = specialise(pruned, lengthsOf(grafted.model, { batch: 1, sequence }));
  const feeds = createFeeds(graph, parametersOf(arraysOf(grafted, adapter)), { batch: 1, sequence });
  const running = await openSession(graph, session);
  const found = new Float32Array(1);
  const fetches = { [lossNames.rows]: new ort.Tensor('float32', found, [1]) };
  return {
    logarithmsOf: async (examples) => {
      const rows = padExamples(examples, { sequence, separator: 0 });
      const logarithms = new Float64Array(rowCount(rows));
      for (let row = 0; row < logarithms.length; row++) {
        feeds.fill(rows, [row]);
        await running.run(feeds.tensors, fetches);
        logarithms[row] = -found[0]!;
      }
      return logarithms;
    },
    close: () => running.release(),
  };
};
