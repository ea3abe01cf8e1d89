import type { Hex } from '@openledger/protocol';
import type { Evidence } from '@openledger/protocol/attribution';
import type { SessionOptions } from '../../factory/index.ts';
import type { Adapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import { openLikelihood } from './likelihood.ts';
import { type Mask, passageValues } from './passageValues.ts';

/** A passage that the model was given: a row of a contribution's content. */
export type GivenPassage = {
  readonly contributionId: bigint;
  readonly contentHash: Hex;
  readonly row: number;
};

export type RetrievalOptions = SessionOptions & {
  readonly base: Model;
  readonly adapter: Adapter;
  readonly passages: readonly GivenPassage[];
  /** The generated tokens of each answer to the question. */
  readonly answers: readonly (readonly number[])[];
  /** The prompt in tokens, with just those passages that are kept. */
  readonly promptOf: (kept: Mask) => readonly number[];
  /** The receipt's. */
  readonly seed: Hex;
};

/**
 * What an answer's passages are worth, as evidence: how much likelier each made the very answer that was given. Where they
 * say the same, they share it.
 *
 * @throws as `openLikelihood`.
 */
export const retrievalEvidence = async (options: RetrievalOptions): Promise<NonNullable<Evidence['retrieval']>> => {
  const { base, adapter, passages, answers, promptOf, seed, ...session } = options;
  const { values, ...found } = await passageValues(passages.length, seed, async (masks) => {
    const texts = masks.flatMap((mask) => {
      const prompt = promptOf(mask);
      return answers.map((answer) => ({ ids: [...prompt, ...answer], prompt: prompt.length }));
    });
    const sequence = Math.max(2, ...texts.map(({ ids }) => ids.length));
    const likelihood = await openLikelihood(base, { adapter, sequence, ...session });
    try {
      const logarithms = await likelihood.logarithmsOf(texts);
      return masks.map((_, mask) =>
        logarithms
          .subarray(mask * answers.length, (mask + 1) * answers.length)
          .reduce((sum, logarithm) => sum + logarithm, 0),
      );
    } finally {
      await likelihood.close();
    }
  });
  return {
    ...found,
    passages: passages.map(({ contributionId, contentHash, row }, at) => ({
      contributionId: `${contributionId}`,
      contentHash,
      row,
      value: `${values[at]}`,
    })),
  };
};
