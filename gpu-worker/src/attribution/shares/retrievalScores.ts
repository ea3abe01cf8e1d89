import type { Algorithm, Evidence } from '@openledger/protocol/attribution';
import { type Scores, summed } from './scores.ts';

type Retrieval = NonNullable<Evidence['retrieval']>;

/** What passages that the model was given say of contributions. Values of a regression that explains too little say nothing. */
export const retrievalScores = (
  { method, fit = 0, passages }: Retrieval,
  { retrieval }: Pick<Algorithm, 'retrieval'>,
): Scores =>
  method === 'regression' && fit < retrieval.leastFit
    ? new Map()
    : summed(passages.map(({ contributionId, value }) => [BigInt(contributionId), BigInt(value)]));
