import {
  createFeeds,
  lengthsOf,
  lossNames,
  openSession,
  ort,
  type Parameter,
  type Rows,
  rowCount,
  withLoss,
} from '../../factory/index.ts';
import { type Model, prune, specialise } from '../../onnx/index.ts';

export type RowLosses = {
  /** Each row's loss with the parameters as they are now: nats, the sum over its tokens. */
  run: () => Promise<Float64Array>;
  close: () => Promise<void>;
};

export type RowLossesOptions = {
  readonly rows: Rows;
  readonly batch: number;
  readonly threads: number;
  readonly logits?: string;
  /** Inputs of the model; read at each run. */
  readonly parameters: readonly Parameter[];
};

/** A session that stays, for the losses of the same rows again and again while the parameters change. */
export const openRowLosses = async (model: Model, options: RowLossesOptions): Promise<RowLosses> => {
  const { rows, batch, threads, logits = 'logits', parameters } = options;
  const lossy = withLoss(model, { logits });
  const pruned = { ...lossy, graph: prune(lossy.graph, [lossNames.rows]) };
  const graph = specialise(pruned, lengthsOf(model, { batch, sequence: rows.sequence }));
  const session = await openSession(graph, { threads });
  const feeds = createFeeds(graph, parameters, { batch, sequence: rows.sequence });
  const found = new Float32Array(batch);
  const fetches = { [lossNames.rows]: new ort.Tensor('float32', found, [batch]) };
  return {
    run: async () => {
      const losses = new Float64Array(rowCount(rows));
      for (let first = 0; first < losses.length; first += batch) {
        const indices = Array.from({ length: Math.min(batch, losses.length - first) }, (_, at) => first + at);
        feeds.fill(rows, indices);
        await session.run(feeds.tensors, fetches);
        losses.set(found.subarray(0, indices.length), first);
      }
      return losses;
    },
    close: () => session.release(),
  };
};
