import { canonicalJson, type Hex, type UnsignedReceipt } from '@openledger/protocol';
import { algorithmId, type Evidence } from '@openledger/protocol/attribution';
import { concat, keccak256, toUtf8Bytes } from 'ethers';
import { compare, type KindScores, type Scores, sharesOf, sumOf } from '../shares/index.ts';
import { type EvidenceOptions, evidenceScores } from './evidenceScores.ts';

/** Whose answer it was, and to what. */
export type AnsweredRequest = {
  readonly chainId: bigint;
  /** Lower-case, as all addresses here. */
  readonly escrow: Hex;
  readonly requestId: Hex;
  readonly worker: Hex;
  readonly promptHash: Hex;
  readonly outputHash: Hex;
};

export type ReceiptOptions = EvidenceOptions & { readonly request: AnsweredRequest; readonly evidence: Evidence };

/** The contributions that a receipt names for each kind of evidence, at most. */
const mostTop = 256;

/** What draws for a request are derived from: keccak256 of the text `openledger.seed/1` and the request's id. */
export const seedOf = (requestId: Hex): Hex => keccak256(concat([toUtf8Bytes('openledger.seed/1'), requestId])) as Hex;

/** keccak256 of the evidence's canonical JSON. */
export const evidenceHash = (evidence: Evidence): Hex => keccak256(toUtf8Bytes(canonicalJson(evidence))) as Hex;

/**
 * The receipt of an answer, before its worker signs it: a pure function of public data, so that whoever has version, algorithm,
 * evidence and the request's hashes comes to the same bytes.
 *
 * @throws InfluenceError for a query of another size. @throws SharesError for a contribution that is not of the version's data.
 */
export const receiptOf = async (options: ReceiptOptions): Promise<UnsignedReceipt> => {
  const { version, algorithm, request, evidence } = options;
  const { record, card } = version;
  const scores = await evidenceScores(evidence, options);
  const { contributions } = version;
  const { answerTokens } = evidence;
  const { shares, unattributedPpm } = sharesOf(scores, { algorithm, answerTokens, contributions });
  return {
    schema: 'openledger.receipt/1',
    chainId: `${request.chainId}`,
    escrow: request.escrow,
    requestId: request.requestId,
    worker: request.worker,
    modelId: `${version.modelId}`,
    modelVersion: version.version,
    modelHash: record.modelHash,
    adapterHash: record.adapterHash,
    tokenizerHash: record.tokenizerHash,
    runtimeHash: record.runtimeHash,
    manifestHash: version.manifestHash,
    cardHash: version.cardHash,
    datasetRoot: record.datasetRoot,
    gradientStoreRoot: record.gradientStoreRoot,
    suffixArrayRoot: record.suffixArrayRoot,
    promptHash: request.promptHash,
    outputHash: request.outputHash,
    seed: seedOf(request.requestId),
    damping: card.damping,
    method: algorithm.influence.method,
    algorithmId: algorithmId(algorithm),
    evidenceHash: evidenceHash(evidence),
    evidence: foundOf(scores),
    shares: shares.map(({ contributionId, ppm }) => ({ contributionId: `${contributionId}`, ppm })),
    unattributedPpm,
  };
};

const foundOf = ({ influence, spans, retrieval }: KindScores): UnsignedReceipt['evidence'] => ({
  ...(influence && { influence: found(influence) }),
  ...(spans && { spans: found(spans) }),
  ...(retrieval && { retrieval: found(retrieval) }),
});

const found = (scores: Scores) => {
  const best = [...scores].sort(([a, one], [b, other]) => compare(other, one) || compare(a, b));
  const top = best.slice(0, mostTop).map(([contributionId, score]) => ({
    contributionId: `${contributionId}`,
    score: `${score}`,
  }));
  return { top, kthScore: top.at(-1)?.score ?? '0', scoreSum: `${sumOf(scores)}` };
};
