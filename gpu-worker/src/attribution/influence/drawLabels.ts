import {
  createFeeds,
  createRandom,
  ignored,
  lengthsOf,
  openSession,
  parametersOf,
  type Random,
  type Rows,
  rowCount,
} from '../../factory/index.ts';
import { type Adapter, arraysOf, graft, modulesOf, type SharedGraft, sharedOptions } from '../../lora/index.ts';
import { type Model, specialise } from '../../onnx/index.ts';

export type DrawOptions = {
  readonly adapter: Adapter;
  readonly rows: Rows;
  /** How often labels are drawn for each row. */
  readonly draws: number;
  readonly seed: number;
  readonly threads: number;
  readonly logits?: string;
};

/**
 * Rows as often as there are draws, the first draw of all of them first: the same tokens, but labels that the model itself draws after
 * each token. The second moment of their gradients is the Fisher information, which is the curvature of the loss; that of
 * the rows' own labels only is so for a model that fits them (Kunstner et al. 2019, arXiv:1905.12558).
 *
 * @throws LoraError for an adapter that does not fit the base.
 */
export const drawLabels = async (base: Model, options: DrawOptions): Promise<Rows> => {
  const { adapter, rows, draws, seed, threads, logits = 'logits' } = options;
  const { sequence } = rows;
  const count = rowCount(rows);
  const grafted = graft(base, sharedOptions(adapter.config, modulesOf(base))) as SharedGraft;
  const parameters = parametersOf(arraysOf(grafted, adapter));
  const graph = specialise(grafted.model, lengthsOf(base, { batch: 1, sequence }));
  const session = await openSession(graph, { threads });
  const drawn = {
    sequence,
    ids: new Int32Array(draws * count * sequence),
    labels: new Int32Array(draws * count * sequence),
  };
  try {
    const feeds = createFeeds(graph, parameters, { batch: 1, sequence });
    const random = createRandom(seed);
    for (let row = 0; row < count; row++) {
      feeds.fill(rows, [row]);
      const found = (await session.run(feeds.tensors, [logits]))[logits]!;
      const vocabulary = found.dims.at(-1)!;
      const own = rows.labels.subarray(row * sequence, (row + 1) * sequence);
      for (let draw = 0; draw < draws; draw++) {
        const labels = own.slice();
        for (let at = 1; at < sequence; at++) {
          if (labels[at] === ignored) continue;
          const from = (at - 1) * vocabulary;
          labels[at] = drawFrom((found.data as Float32Array).subarray(from, from + vocabulary), random);
        }
        drawn.labels.set(labels, (draw * count + row) * sequence);
        drawn.ids.set(rows.ids.subarray(row * sequence, (row + 1) * sequence), (draw * count + row) * sequence);
      }
    }
  } finally {
    await session.release();
  }
  return drawn;
};

/** One of these, as likely as the exponential of its number says. */
const drawFrom = (logits: Float32Array, random: Random): number => {
  const highest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const weights = Float64Array.from(logits, (logit) => Math.exp(logit - highest));
  let rest = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  let token = 0;
  while (token < weights.length - 1 && rest >= weights[token]!) rest -= weights[token++]!;
  return token;
};
