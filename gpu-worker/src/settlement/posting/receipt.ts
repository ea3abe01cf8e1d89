import type { Hex, Receipt } from '@openledger/protocol';
import { receiptHash, receiptSchema, verifyReceiptSignature } from '@openledger/protocol';
import { type Evidence, evidenceSchema } from '@openledger/protocol/attribution';
import { keccak256, toUtf8Bytes } from 'ethers';
import type { Unposted } from './unposted.ts';

/** A settled answer with its receipt and what that is recomputed from. */
export type Attributable = {
  readonly receipt: Receipt;
  readonly evidence: Evidence;
  /** Wei of OPEN that wait for the contributors. */
  readonly contributorsPart: bigint;
};

/**
 * Reads a kept receipt, and holds it against the chain: what is posted can be challenged by anybody, so nothing that is wrong
 * on its face ever is.
 *
 * @returns why it cannot be posted, where it cannot: `receipt_damaged`, `evidence_damaged`, `receipt_contradicts_chain`
 */
export const readReceipt = (
  row: Unposted,
  { chainId, worker }: { chainId: bigint; worker: Hex },
): Attributable | { readonly unusable: string } => {
  const receipt = receiptSchema.safeParse(parse(row.body));
  if (!receipt.success || receiptHash(receipt.data) !== row.hash) return { unusable: 'receipt_damaged' };
  const said = receipt.data;
  const evidence = evidenceSchema.safeParse(parse(row.evidence));
  const isItsEvidence = keccak256(toUtf8Bytes(row.evidence)) === said.evidenceHash;
  if (!evidence.success || !isItsEvidence || evidence.data.requestId !== row.requestId) {
    return { unusable: 'evidence_damaged' };
  }
  const agrees =
    said.chainId === `${chainId}` &&
    said.requestId === row.requestId &&
    said.worker === worker &&
    said.modelId === `${row.modelId}` &&
    said.modelVersion === row.version &&
    said.outputHash === row.outputHash &&
    verifyReceiptSignature(said);
  if (!agrees) return { unusable: 'receipt_contradicts_chain' };
  return { receipt: said, evidence: evidence.data, contributorsPart: row.contributorsPart };
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
