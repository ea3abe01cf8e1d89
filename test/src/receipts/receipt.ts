import { type Hex, verifyReceiptSignature } from '@openledger/protocol';
import { algorithmId, algorithmSchema } from '@openledger/protocol/attribution';
import type { BatchEntry, CheckedBatch } from './batch.ts';
import type { AnswerRow } from './chainRows.ts';
import { DocumentError } from './documents.ts';
import { createFindings, type Findings } from './findings.ts';
import type { Sources } from './sources.ts';
import type { Verdict } from './verdict.ts';

export type ReceiptSources = Sources & { readonly batchOf: (batchId: bigint) => Promise<CheckedBatch> };

/** Recomputes the receipt of a settled answer from its batch's document, and holds it against the chain. */
export const verifyReceipt = async (sources: ReceiptSources, requestId: Hex): Promise<Verdict> => {
  const findings = createFindings(`receipt ${requestId}`);
  const answer = await sources.rows.answer(requestId);
  if (answer === undefined) findings.wrong('request', requestId, 'one that is settled on chain: this is none');
  else if (answer.batchId === null)
    findings.wrong('batch', 'none', 'one that stands: the answer is not attributed on chain yet');
  else await verifyPosted(sources, findings, answer, await sources.batchOf(answer.batchId));
  return findings.verdict();
};

const verifyPosted = async (
  sources: ReceiptSources,
  findings: Findings,
  answer: AnswerRow,
  { row, entries, differences }: CheckedBatch,
): Promise<void> => {
  for (const { field, said, found } of differences) findings.wrong(field, said, found);
  const entry = entries.get(answer.requestId);
  if (entry === undefined) return;
  findings.right(`its place in batch ${row.id}`, 0);
  checkRequest(sources, findings, answer, entry);
  await checkAlgorithm(sources, findings, row.algorithmId, entry);
};

/** What the receipt says of its request, and who signed it. */
const checkRequest = ({ manifest }: Sources, findings: Findings, answer: AnswerRow, { receipt }: BatchEntry): void => {
  const begin = findings.wrongs();
  const { same } = findings;
  same('receipt.chainId', receipt.chainId, manifest.chainId);
  same('receipt.escrow', receipt.escrow, manifest.contracts.InferenceEscrow.toLowerCase());
  same('receipt.worker', receipt.worker, answer.worker);
  same('receipt.modelId', receipt.modelId, answer.modelId);
  same('receipt.modelVersion', receipt.modelVersion, answer.version);
  same('receipt.outputHash', receipt.outputHash, answer.outputHash);
  findings.right('its request', begin);
  if (verifyReceiptSignature(receipt)) findings.right('its signature');
  else findings.wrong('receipt.signature', receipt.signature, `one of ${receipt.worker} over what the receipt says`);
};

const checkAlgorithm = async (
  { rows, documents }: Sources,
  { same, wrong }: Findings,
  id: Hex,
  { receipt }: BatchEntry,
) => {
  same('receipt.algorithmId', receipt.algorithmId, id);
  if (!(await rows.isAlgorithm(id))) wrong('batch.algorithmId', id, 'one that governance allowed');
  try {
    const algorithm = await documents.json(id, algorithmSchema, 'the algorithm');
    same('algorithm', id, algorithmId(algorithm));
    return algorithm;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    wrong('algorithm', error.message, 'the document that algorithmId names');
  }
};
