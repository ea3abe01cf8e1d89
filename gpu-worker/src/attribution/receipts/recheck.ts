import type { Receipt } from '@openledger/protocol';
import type { Evidence } from '@openledger/protocol/attribution';
import { recheckRetrieval } from '../retrieval/index.ts';
import { recheckSpans } from '../spans/index.ts';
import type { EvidenceOptions } from './evidenceScores.ts';
import { hexOf, normOf, queryOf } from './query.ts';
import { receiptOf, seedOf } from './receiptOf.ts';

/** Something that a receipt, or its evidence, says otherwise than what is computed from public data. */
export type Difference = {
  /** Where: `shares.2.ppm`, `evidence.influence.top`, … */
  readonly field: string;
  readonly said: string;
  readonly found: string;
};

export type RecheckOptions = EvidenceOptions & { readonly receipt: Receipt; readonly evidence: Evidence };

/**
 * Computes a receipt anew and names each field that differs; none when all is as it says. What is the request's alone (its id,
 * worker, hashes of prompt and output) is taken from the receipt: whoever asks compares that with the chain, and the signature.
 */
export const recheck = async (options: RecheckOptions): Promise<readonly Difference[]> => {
  const { receipt, evidence, version, algorithm } = options;
  const { signature: _, ...said } = receipt;
  const differences: Difference[] = [];
  if (evidence.requestId !== said.requestId) {
    differences.push({ field: 'evidence: requestId', said: evidence.requestId, found: said.requestId });
  }
  if (evidence.influence) {
    const { norm } = evidence.influence;
    const found = hexOf(normOf(queryOf(evidence.influence), version.whitening));
    if (norm !== found) differences.push({ field: 'evidence: influence.norm', said: norm, found });
  }
  const { spans, answerTokens } = evidence;
  const settings = algorithm.spans;
  for (const found of recheckSpans(version.spans, spans, { seed: seedOf(said.requestId), settings, answerTokens })) {
    differences.push({ field: 'evidence: spans', said: 'this span', found });
  }
  const { retrieval } = evidence;
  for (const found of retrieval ? recheckRetrieval(retrieval, version.contributions) : []) {
    differences.push({ field: 'evidence: retrieval', said: 'this passage', found });
  }
  const { chainId, ...request } = said;
  const anew = await receiptOf({ ...options, request: { ...request, chainId: BigInt(chainId) } });
  return [...differences, ...differencesIn(said, anew)];
};

/** Fields that two values differ in, by their path. */
export const differencesIn = (said: unknown, found: unknown, path: readonly string[] = []): readonly Difference[] => {
  if (isObject(said) && isObject(found)) {
    const fields = new Set([...Object.keys(said), ...Object.keys(found)]);
    return [...fields].flatMap((field) => differencesIn(said[field], found[field], [...path, field]));
  }
  if (said === found) return [];
  return [{ field: path.join('.'), said: textOf(said), found: textOf(found) }];
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
