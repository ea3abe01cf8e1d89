import type { Hex } from '@openledger/protocol';
import { type Extractor, openExtractor, type ProjectionOptions } from '../../attribution/influence/index.ts';
import { padExamples } from '../../factory/index.ts';
import { readAdapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import { createKept } from './kept.ts';

/** Computes gradients of answers, with sessions for texts of several lengths that are kept for the next answer. */
export type Extractors = {
  /**
   * φ of an answer: the gradient of the loss of these tokens, given all before them.
   *
   * @param row the tokens up to the last that counts; `from`: the first that counts.
   * @throws LoraError when the folder has no such adapter.
   */
  readonly gradientOf: (of: Differentiated, row: { ids: readonly number[]; from: number }) => Promise<Float32Array>;
  readonly close: () => Promise<void>;
};

/** An adapter, and how its gradients are projected. */
export type Differentiated = {
  readonly adapterHash: Hex;
  readonly adapterFolder: string;
  readonly projection: ProjectionOptions;
};

/** Rows of these lengths have a graph each: the shortest that holds a text is used. */
const shortest = 64;

export const createExtractors = (options: {
  readonly base: Model;
  /** Tokens of a row at most. */
  readonly capacity: number;
  readonly separator: number;
  /** Sessions that are kept; each has the base's weights in memory. */
  readonly most: number;
}): Extractors => {
  const { base, capacity, separator, most } = options;
  const sessions = createKept<Extractor>({ most, close: (extractor) => extractor.close() });
  return {
    gradientOf: async ({ adapterHash, adapterFolder, projection }, { ids, from }) => {
      // Of a text that is too long the beginning is left out.
      const cut = Math.max(0, ids.length - capacity);
      const length = ids.length - cut;
      const sequence = Math.min(capacity, shortest * 2 ** Math.max(0, Math.ceil(Math.log2(length / shortest))));
      const { dimensions, seed } = projection;
      const extractor = await sessions.get(`${adapterHash} ${dimensions} ${seed} ${sequence}`, async () => {
        const adapter = await readAdapter(adapterFolder, { expectedHash: adapterHash });
        return openExtractor(base, { adapter, dimensions, seed, sequence, batch: 1, threads: 1 });
      });
      const example = { ids: ids.slice(cut), prompt: Math.max(0, from - cut) };
      const rows = padExamples([example], { sequence, separator });
      const [gradient] = await extractor.gradientsOf(rows, [0]);
      return gradient!;
    },
    close: sessions.clear,
  };
};
