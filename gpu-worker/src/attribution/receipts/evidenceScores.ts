import type { Algorithm, Evidence } from '@openledger/protocol/attribution';
import { type QuantisedQuery, scoreRows } from '../influence/index.ts';
import {
  influenceScores,
  type KindScores,
  normalisedScores,
  retrievalScores,
  type Scores,
  summed,
} from '../shares/index.ts';
import { spanScores } from '../spans/index.ts';
import type { VersionData } from '../version/index.ts';
import { preparedOf } from './prepared.ts';
import { floatOf, queryOf } from './query.ts';

export type EvidenceOptions = {
  readonly version: VersionData;
  readonly algorithm: Algorithm;
  /** H⁻¹φ(q) · g of each row of the version's store: a scorer that finds the numbers of `scoreRows`, the default, faster. */
  readonly score?: (query: QuantisedQuery) => Float64Array | Promise<Float64Array>;
  /** Of the spans, only what these tokens of the answer are worth: a sentence's. */
  readonly within?: { readonly from: number; readonly to: number };
};

/**
 * What evidence says of contributions, by kind: of a whole answer, or of one of its sentences. An answer has the kinds that could
 * be computed: influence, when there is a query; spans, when there is one; retrieval, when the model was given passages.
 *
 * @throws InfluenceError for a query of another size.
 */
export const evidenceScores = async (
  { influence, answerTokens, spans, retrieval }: Pick<Evidence, 'influence' | 'answerTokens' | 'spans' | 'retrieval'>,
  options: EvidenceOptions,
): Promise<KindScores> => {
  const { version, algorithm, within } = options;
  const ofSpans = () => {
    const scores = spanScores(version.spans, spans, { answerTokens, ...(within && { within }) });
    return summed(scores.map(({ contributionId, score }) => [contributionId, score]));
  };
  return {
    ...(influence && { influence: await influenceOf(influence, options) }),
    ...(spans.length > 0 && { spans: ofSpans() }),
    ...(retrieval && { retrieval: retrievalScores(retrieval, algorithm) }),
  };
};

const influenceOf = async (
  influence: NonNullable<Evidence['influence']>,
  { version, algorithm, score }: EvidenceOptions,
): Promise<Scores> => {
  const { store, norms } = version;
  const query = queryOf(influence);
  const products = await (score ? score(query) : scoreRows(store, query));
  const { rows, leastNorm } = preparedOf(version, algorithm);
  const queryNorm = floatOf(influence.norm);
  return influenceScores(normalisedScores(products, { norms, leastNorm, queryNorm }), rows, algorithm);
};
