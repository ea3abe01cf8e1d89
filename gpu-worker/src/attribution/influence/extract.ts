import {
  createFeeds,
  lengthsOf,
  lossNames,
  openSession,
  ort,
  parametersOf,
  type Rows,
  rowCount,
  type SessionOptions,
  withLoss,
} from '../../factory/index.ts';
import { type Adapter, packBank } from '../../lora/index.ts';
import { type Model, specialise } from '../../onnx/index.ts';
import { InfluenceError } from './errors.ts';
import { projected, projectedGradients } from './projectedGradients.ts';
import type { Projection, ProjectionOptions } from './projection.ts';
import { openStore, type StoreSettings } from './store.ts';

export type Extractor = {
  /** Numbers of φ. */
  readonly size: number;
  readonly projection: Projection;
  /** φ [size] of each of these rows. */
  gradientsOf: (rows: Rows, indices: readonly number[]) => Promise<readonly Float32Array[]>;
  close: () => Promise<void>;
};

export type ExtractorOptions = ProjectionOptions &
  SessionOptions & {
    readonly adapter: Adapter;
    readonly sequence: number;
    /** Rows at once; 1 is the reference that a store's root stands for. */
    readonly batch: number;
    readonly logits?: string;
  };

/**
 * A session that gives rows' projected gradients: of training rows, and of an answer as a row whose prompt has no labels.
 *
 * @param base a causal model without an adapter, `input_ids` in, logits out.
 * @throws as `projectedGradients`; FactoryError for a graph with inputs that nobody knows.
 */
export const openExtractor = async (base: Model, options: ExtractorOptions): Promise<Extractor> => {
  const { adapter, sequence, batch, logits = 'logits', dimensions, seed, ...session } = options;
  const lossy = specialise(withLoss(base, { logits }), lengthsOf(base, { batch, sequence }));
  const names = { loss: lossNames.loss, rows: lossNames.rows };
  const step = projectedGradients(lossy, { ...names, adapter, dimensions, seed });
  const bank = parametersOf(
    [...packBank(step, [adapter]).feeds].map(([name, { data, dims }]) => [name, { values: data, dims }]),
  );
  const slots = { name: step.slot, type: 'int64', shape: [batch] } as const;
  const tokens = { ...step.model.graph, inputs: step.model.graph.inputs.filter(({ name }) => name !== slots.name) };
  const feeds = createFeeds({ ...step.model, graph: tokens }, bank, { batch, sequence });
  const slot = new ort.Tensor('int64', new BigInt64Array(batch).fill(1n), [batch]);
  const running = await openSession(step.model, session);
  const { size } = step.projection;
  return {
    size,
    projection: step.projection,
    gradientsOf: async (rows, indices) => {
      if (rows.sequence !== sequence) {
        throw new InfluenceError(`Rows have ${sequence} tokens here, not ${rows.sequence}`);
      }
      const found: Float32Array[] = [];
      for (let from = 0; from < indices.length; from += batch) {
        const some = indices.slice(from, from + batch);
        feeds.fill(rows, some);
        const results = await running.run({ ...feeds.tensors, [slots.name]: slot }, [projected]);
        const phi = results[projected]!.data as Float32Array;
        found.push(...some.map((_, row) => phi.slice(row * size, (row + 1) * size)));
      }
      return found;
    },
    close: () => running.release(),
  };
};

export type ExtractOptions = Omit<ExtractorOptions, 'sequence'> & {
  readonly file: string;
  readonly rows: Rows;
  /** The contribution of each row. */
  readonly contributions: readonly bigint[];
  /** Hashes of what the gradients are of, besides the projection's settings, which are added. */
  readonly settings: StoreSettings;
  readonly onProgress?: (progress: { readonly done: number; readonly rows: number }) => void;
  /** Ends it between two batches; the file goes on from there when it is extracted again. */
  readonly signal?: AbortSignal;
};

/**
 * Writes a store of all rows' gradients, or what a store that was begun lacks.
 *
 * @returns the rows in the file: all of them, unless the signal came before.
 * @throws InfluenceError as `openStore`, and when rows and contributions differ in number.
 */
export const extractGradients = async (base: Model, options: ExtractOptions): Promise<number> => {
  const { file, rows, contributions, settings, onProgress, signal, ...others } = options;
  const total = rowCount(rows);
  if (contributions.length !== total) {
    throw new InfluenceError(`${total} rows have ${contributions.length} contributions; each row belongs to one`);
  }
  const extractor = await openExtractor(base, { ...others, sequence: rows.sequence });
  try {
    const { dimensions, seed, batch } = options;
    const store = await openStore(file, {
      size: extractor.size,
      settings: { ...settings, dimensions, seed, batch, sequence: rows.sequence },
    });
    try {
      if (store.count > total) {
        throw new InfluenceError(`${file} has ${store.count} rows, more than the ${total} there are`);
      }
      while (store.count < total && !signal?.aborted) {
        const indices = Array.from({ length: Math.min(batch, total - store.count) }, (_, at) => store.count + at);
        const gradients = await extractor.gradientsOf(rows, indices);
        await store.append(
          gradients.map((gradient, at) => ({ contributionId: contributions[indices[at]!]!, gradient })),
        );
        onProgress?.({ done: store.count, rows: total });
      }
      return store.count;
    } finally {
      await store.close();
    }
  } finally {
    await extractor.close();
  }
};
