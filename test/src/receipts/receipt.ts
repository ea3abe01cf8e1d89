import { recheck, withRetrieved } from '@openledger/gpu-worker/attribution/receipts';
import { readContributions } from '@openledger/gpu-worker/attribution/version';
import { type Hex, verifyReceiptSignature } from '@openledger/protocol';
import { type Algorithm, algorithmId, algorithmSchema, startingAlgorithm } from '@openledger/protocol/attribution';
import type { BatchEntry, CheckedBatch } from './batch.ts';
import type { AnswerRow, BatchRow } from './chainRows.ts';
import { DocumentError } from './documents.ts';
import { createFindings, type Findings } from './findings.ts';
import { checkPayment } from './payment.ts';
import type { Sources } from './sources.ts';
import type { Verdict } from './verdict.ts';
import { isRefusal, type OpenedVersion } from './versions.ts';

export type ReceiptSources = Sources & {
  readonly batchOf: (batchId: bigint) => Promise<CheckedBatch>;
  readonly versionOf: (modelId: bigint, version: number, cardHash: Hex) => Promise<OpenedVersion>;
};

/** Recomputes the receipt of a settled answer from its batch's document, and holds it against the chain. */
export const verifyReceipt = async (sources: ReceiptSources, requestId: Hex): Promise<Verdict> => {
  const findings = createFindings(`receipt ${requestId}`);
  const answer = await sources.rows.answer(requestId);
  if (answer === undefined) findings.wrong('request', requestId, 'one that is settled on chain');
  else if (answer.batchId === null) findings.wrong('batch', 'none', 'one that stands: it is not attributed on chain');
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
  await checkPayment(sources, findings, { answer, batch: row, receipt: entry.receipt });
  const algorithm = await readAlgorithm(sources, findings, row, entry);
  if (algorithm !== undefined) await checkNumbers(sources, findings, entry, algorithm);
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

/** The rules that governance allowed and the batch names: their id is the hash of their document. */
const readAlgorithm = async (
  { rows, documents }: Sources,
  { same, wrong }: Findings,
  { algorithmId: id }: BatchRow,
  { receipt }: BatchEntry,
): Promise<Algorithm | undefined> => {
  same('receipt.algorithmId', receipt.algorithmId, id);
  if (!(await rows.isAlgorithm(id))) wrong('batch.algorithmId', id, 'one that governance allowed');
  if (id === algorithmId(startingAlgorithm)) return startingAlgorithm;
  try {
    return await documents.json(id, algorithmSchema, 'the algorithm');
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    wrong('algorithm', error.message, 'the document that governance allowed');
  }
};

/** Every number of the receipt, computed anew from the version's files and the evidence. */
const checkNumbers = async (
  { versionOf, connection }: ReceiptSources,
  findings: Findings,
  { receipt, evidence }: BatchEntry,
  algorithm: Algorithm,
): Promise<void> => {
  const begin = findings.wrongs();
  const opened = await versionOf(BigInt(receipt.modelId), receipt.modelVersion, receipt.cardHash);
  if ('refused' in opened) return findings.wrong('version', opened.refused, 'what the chain says of it');
  try {
    const passages = evidence.retrieval?.passages ?? [];
    const version = await withRetrieved(opened.data, passages, (ids) => readContributions(connection.sql, ids));
    for (const { field, said, found } of await recheck({ receipt, evidence, version, algorithm })) {
      findings.wrong(field.startsWith('evidence: ') ? field : `receipt.${field}`, said, found);
    }
  } catch (error) {
    if (!isRefusal(error) && (error as Error).name !== 'SharesError') throw error;
    findings.wrong('evidence', (error as Error).message, 'one that this version can be scored with');
  }
  const { rows, foreignRows } = opened.data.record;
  findings.right(
    `scores of ${rows - foreignRows} rows, ${evidence.spans.length} spans, ${receipt.shares.length} shares`,
    begin,
  );
};
