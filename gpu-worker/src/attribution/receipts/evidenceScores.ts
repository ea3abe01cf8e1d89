import type { Algorithm, Evidence } from '@openledger/protocol/attribution';
import { scoreRows } from '../influence/index.ts';
import { cosinesOf, influenceScores, type KindScores, retrievalScores, type Scores } from '../shares/index.ts';
import type { Attributable, Score, SpanJudge } from './attributable.ts';
import { floatOf, queryOf } from './query.ts';

export type EvidenceOptions = {
  readonly version: Attributable;
  readonly spans: SpanJudge;
  readonly algorithm: Algorithm;
  /** What scores the store's rows; a plain loop when left out. */
  readonly score?: Score;
};

/**
 * What evidence says of contributions, by kind: of a whole answer, or of one of its sentences. An answer has the kinds that could
 * be computed: influence, when there is a query; spans, when there is one; retrieval, when the model was given passages.
 */
export const evidenceScores = async (
  { influence, spans: found, retrieval }: Evidence,
  options: EvidenceOptions,
): Promise<KindScores> => ({
  ...(influence && { influence: await influenceOf(influence, options) }),
  ...(found.length > 0 && { spans: options.spans.scoresOf(found, options.algorithm) }),
  ...(retrieval && { retrieval: retrievalScores(retrieval, options.algorithm) }),
});

const influenceOf = async (
  influence: NonNullable<Evidence['influence']>,
  { version, algorithm, score }: EvidenceOptions,
): Promise<Scores> => {
  const { store, norms, clusters } = version;
  const query = queryOf(influence);
  const products = await (score ? score(query) : scoreRows(store, query));
  const rows = { count: store.count, contributionOf: store.contributionOf, norms, clusters };
  return influenceScores(cosinesOf(products, norms, floatOf(influence.norm)), rows, algorithm);
};
