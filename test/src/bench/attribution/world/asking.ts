import { openExtractor, openScorer } from '@openledger/gpu-worker/attribution/influence';
import type { VersionData } from '@openledger/gpu-worker/attribution/version';
import { type Base, trainingModel } from '@openledger/gpu-worker/base';
import { padExamples } from '@openledger/gpu-worker/factory';
import type { Adapter } from '@openledger/gpu-worker/lora';
import { type Attribution, attribute } from '@openledger/gpu-worker/serving/attributing';
import type { Hex } from '@openledger/protocol';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { id } from 'ethers';
import { projection } from './version.ts';

export type Asking = {
  /** What an answer to a prompt drew on, as the worker finds it after it has answered. */
  attribute: (prompt: readonly number[], ids: readonly number[]) => Promise<Attribution>;
  close: () => Promise<void>;
};

export type AskingOptions = {
  readonly base: Base;
  readonly adapter: Adapter;
  readonly version: VersionData;
  /** Tokens of prompt and answer, at most. */
  readonly capacity: number;
  readonly algorithm?: typeof startingAlgorithm;
};

/** One row at a time, on one thread, as the worker's attributor does it, but with a graph that is exactly as long as is said. */
export const openAsking = async (options: AskingOptions): Promise<Asking> => {
  const { base, adapter, version, capacity, algorithm = startingAlgorithm } = options;
  const { config, weights, tokenizer } = base;
  const extractor = await openExtractor(trainingModel(config, weights), {
    ...{ adapter, ...projection, sequence: capacity, batch: 1, threads: 1 },
  });
  const scorer = await openScorer(version.store);
  const separator = tokenizer.special.end!;
  const none = new Uint8Array();
  const zeros = `0x${'00'.repeat(20)}` as const;
  let asked = 0;
  return {
    attribute: (prompt, ids) =>
      attribute({
        request: {
          chainId: 1n,
          escrow: zeros,
          worker: zeros,
          requestId: id(`request ${asked++}`) as Hex,
          promptHash: id('prompt') as Hex,
          outputHash: id('output') as Hex,
        },
        answered: { answers: [{ prompt: [...prompt], ids: [...ids], text: tokenizer.decode(ids) }] },
        version,
        algorithm,
        tokenizer: { bytesOf: (token) => (token < config.vocab_size ? tokenizer.bytesOf(token) : none) },
        border: config.vocab_size,
        score: scorer.score,
        gradientOf: async (row) => {
          const rows = padExamples([{ ids: row.ids, prompt: row.from }], { sequence: capacity, separator });
          return (await extractor.gradientsOf(rows, [0]))[0]!;
        },
        worthsOf: async () => undefined,
        mostParts: 0,
      }),
    close: async () => {
      await scorer.close();
      await extractor.close();
    },
  };
};
