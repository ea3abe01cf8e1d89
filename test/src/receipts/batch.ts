import { type Hex, type MerkleError, type Receipt, receiptHash, receiptTree } from '@openledger/protocol';
import { batchSchema, type Evidence } from '@openledger/protocol/attribution';
import type { BatchRow } from './chainRows.ts';
import { DocumentError, uriOf } from './documents.ts';
import { createFindings } from './findings.ts';
import type { Sources } from './sources.ts';
import type { Difference } from './verdict.ts';

export type BatchEntry = { readonly receipt: Receipt; readonly evidence: Evidence };

/** A batch as the chain and its document have it, and what is wrong with it as a whole: that is wrong of each of its receipts. */
export type CheckedBatch = {
  readonly row: BatchRow;
  /** By request; none when the document is missing or unreadable. */
  readonly entries: ReadonlyMap<Hex, BatchEntry>;
  readonly differences: readonly Difference[];
};

/** Reads a batch's document, and holds it against what was posted. */
export const checkBatch = async (sources: Sources, batchId: bigint): Promise<CheckedBatch> => {
  const { rows, documents, manifest } = sources;
  const row = await rows.batch(batchId);
  if (row === undefined) throw new DocumentError(`Batch ${batchId} is not in the index`);
  const findings = createFindings(`batch ${batchId}`);
  const { same, wrong } = findings;
  const end = (entries: ReadonlyMap<Hex, BatchEntry>): CheckedBatch => ({
    row,
    entries,
    differences: findings.verdict().differences,
  });
  same('batch.uri', row.uri, uriOf(row.evidenceHash));
  const read = documents.json(row.evidenceHash, batchSchema, `the document of batch ${batchId}`);
  const batch = await read.catch((error: unknown) => {
    if (!(error instanceof DocumentError)) throw error;
    wrong('batch.document', error.message, 'what evidenceHash names');
  });
  if (batch === undefined) return end(new Map());
  same('batch.chainId', batch.chainId, manifest.chainId);
  same('batch.ledger', batch.ledger, manifest.contracts.AttributionLedger.toLowerCase());
  same('batch.worker', batch.worker, row.worker);
  same('batch.algorithmId', batch.algorithmId, row.algorithmId);

  const inDocument = batch.entries.map(({ receipt }) => receipt.requestId);
  const onChain = (await rows.requestsOf(batchId)).map(({ requestId }) => requestId);
  same('batch.requests', row.requests, onChain.length);
  for (const id of new Set(onChain).difference(new Set(inDocument))) {
    wrong('batch.entries', `without a receipt of ${id}`, 'one: the batch attributes it on chain');
  }
  for (const id of new Set(inDocument).difference(new Set(onChain))) {
    wrong('batch.entries', `with a receipt of ${id}`, 'none: the batch does not attribute it on chain');
  }
  const hashes = batch.entries.map(({ receipt }) => receiptHash(receipt));
  try {
    same('batch.root', row.root, receiptTree(hashes).root);
  } catch (error) {
    wrong('batch.entries', (error as MerkleError).message, 'each receipt once');
  }
  return end(new Map(batch.entries.map((entry) => [entry.receipt.requestId, entry])));
};
