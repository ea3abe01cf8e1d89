import type { Receipt } from '@openledger/protocol';
import type { Evidence } from '@openledger/protocol/attribution';
import type { EvidenceOptions } from './evidenceScores.ts';
import { hexOf, normOf, queryOf } from './query.ts';
import { receiptOf } from './receiptOf.ts';

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
  const { receipt, evidence, version, spans, algorithm } = options;
  const { chainId, escrow, requestId, worker, promptHash, outputHash, signature: _, ...said } = receipt;
  const request = { chainId: BigInt(chainId), escrow, requestId, worker, promptHash, outputHash };
  const differences: Difference[] = [];
  if (evidence.requestId !== requestId) {
    differences.push({ field: 'requestId of the evidence', said: evidence.requestId, found: requestId });
  }
  if (evidence.influence) {
    const { norm } = evidence.influence;
    const found = hexOf(normOf(queryOf(evidence.influence), version.whitening));
    if (norm !== found) differences.push({ field: 'norm of the evidence', said: norm, found });
  }
  const { seed } = receipt;
  for (const line of spans.differencesOf(evidence.spans, { algorithm, seed, answerTokens: evidence.answerTokens })) {
    differences.push({ field: 'spans of the evidence', said: 'otherwise', found: line });
  }
  const {
    chainId: _c,
    escrow: _e,
    requestId: _r,
    worker: _w,
    promptHash: _p,
    outputHash: _o,
    ...found
  } = await receiptOf({
    ...options,
    request,
  });
  return [...differences, ...differencesIn(said, found)];
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
