import { type Model, prune, specialise } from '../onnx/index.ts';
import { createFeeds } from './feeds.ts';
import { lengthsOf } from './lengths.ts';
import { lossNames, withLoss } from './loss.ts';
import type { Parameter } from './parameter.ts';
import { learnedTokens, type Rows, rowCount } from './rows.ts';
import { openSession, ort, type SessionOptions } from './session.ts';
import type { StepShape } from './step.ts';

export type Evaluation = {
  /** Sum over the tokens, nats. */
  readonly loss: number;
  readonly tokens: number;
  readonly perToken: number;
};

export type EvaluateOptions = SessionOptions & {
  readonly rows: Rows;
  readonly batch: number;
  readonly parameters?: readonly Parameter[];
  readonly logits?: string;
};

/** What a model makes of rows of text. @throws FactoryError when it has inputs that nobody knows. */
export const evaluate = async (model: Model, options: EvaluateOptions): Promise<Evaluation> => {
  const evaluator = await createEvaluator(model, { parameters: [], ...options });
  try {
    return (await evaluator.run())!;
  } finally {
    await evaluator.close();
  }
};

/** Bits for each byte of the text that the rows were made of: what a compressor with this model would need. */
export const bitsPerByte = ({ loss }: Pick<Evaluation, 'loss'>, bytes: number): number => loss / Math.LN2 / bytes;

export type Evaluator = {
  /** `undefined` when the signal came before the end. */
  run: (signal?: AbortSignal) => Promise<Evaluation | undefined>;
  close: () => Promise<void>;
};

/** The graph that an evaluation runs: the model's loss, for batches of one size. */
export const evaluationGraph = (model: Model, { batch, sequence, logits = 'logits' }: StepShape): Model => {
  const lossy = withLoss(model, { logits });
  const pruned = { ...lossy, graph: prune(lossy.graph, [lossNames.loss]) };
  return specialise(pruned, lengthsOf(model, { batch, sequence }));
};

/** A session that stays, for the same rows again and again while the parameters change. */
export const createEvaluator = async (
  model: Model,
  { rows, batch, parameters = [], logits = 'logits', ...options }: EvaluateOptions,
): Promise<Evaluator> => {
  const graph = evaluationGraph(model, { batch, sequence: rows.sequence, logits });
  const session = await openSession(graph, options);
  const feeds = createFeeds(graph, parameters, { batch, sequence: rows.sequence });
  const tokens = learnedTokens(rows);
  const found = new Float32Array(1);
  const fetches = { [lossNames.loss]: new ort.Tensor('float32', found, []) };
  return {
    run: async (signal) => {
      let loss = 0;
      for (let first = 0; first < rowCount(rows); first += batch) {
        if (signal?.aborted) return undefined;
        feeds.fill(
          rows,
          Array.from({ length: Math.min(batch, rowCount(rows) - first) }, (_, at) => first + at),
        );
        await session.run(feeds.tensors, fetches);
        loss += found[0]!;
      }
      return { loss, tokens, perToken: loss / tokens };
    },
    close: () => session.release(),
  };
};
