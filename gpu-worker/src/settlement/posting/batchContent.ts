import { canonicalJson, type Hex, receiptHash, receiptTree } from '@openledger/protocol';
import { type Batch, batchSchema } from '@openledger/protocol/attribution';
import { keccak256, toUtf8Bytes } from 'ethers';
import type { Attributable } from './receipt.ts';

/** What a batch's `uri` leads to, as bytes, and what the chain says of it. */
export type BatchContent = {
  readonly body: Uint8Array;
  /** keccak256 of the body. */
  readonly evidenceHash: Hex;
  readonly uri: string;
  /** Merkle root over the receipts' hashes. */
  readonly root: Hex;
};

/** Writes receipts with their evidence as one document, in the order in which they are given. */
export const batchContentOf = (
  { chainId, ledger, worker, algorithmId }: { chainId: bigint; ledger: Hex; worker: Hex; algorithmId: Hex },
  entries: readonly Pick<Attributable, 'receipt' | 'evidence'>[],
): BatchContent => {
  const batch: Batch = batchSchema.parse({
    schema: 'openledger.batch/1',
    ...{ chainId: `${chainId}`, ledger, worker, algorithmId },
    entries: entries.map(({ receipt, evidence }) => ({ receipt, evidence })),
  });
  const body = toUtf8Bytes(canonicalJson(batch));
  const evidenceHash = keccak256(body) as Hex;
  const { root } = receiptTree(entries.map(({ receipt }) => receiptHash(receipt)));
  return { body, evidenceHash, uri: `openledger:content/${evidenceHash}`, root };
};
