import type { Receipt } from '@openledger/protocol';
import { paymentOf } from '@openledger/protocol/attribution';
import type { AnswerRow, BatchRow } from './chainRows.ts';
import type { Findings } from './findings.ts';
import type { Sources } from './sources.ts';

/**
 * Holds what a batch pays for an answer against its receipt's shares. A contribution that was rejected or revoked before the batch
 * was posted gets nothing; one that was in the very same second may be on either side.
 */
export const checkPayment = async (
  { rows }: Sources,
  findings: Findings,
  { answer, batch, receipt }: { answer: AnswerRow; batch: BatchRow; receipt: Receipt },
): Promise<void> => {
  const begin = findings.wrongs();
  const [paid, requests, known] = await Promise.all([
    rows.amountsOf(batch.id, answer.requestId),
    rows.requestsOf(batch.id),
    rows.contributions(receipt.shares.map(({ contributionId }) => BigInt(contributionId))),
  ]);
  const onChain = new Map(paid.map(({ contributionId, amount }) => [contributionId, amount]));
  const contributions = new Map(known.map((one) => [one.id, one]));
  const isAccepted = (id: bigint): boolean => {
    const one = contributions.get(id);
    if (one === undefined) return false;
    const isStanding = one.status === 'accepted' || (one.decidedAt ?? 0n) > batch.createdAt;
    return isStanding || (one.decidedAt === batch.createdAt && onChain.has(id));
  };
  const due = paymentOf(answer.contributorsFee, receipt, isAccepted);
  const amounts = new Map(due.contributionIds.map((id, at) => [id, due.amounts[at]!]));
  for (const id of new Set([...onChain.keys(), ...amounts.keys()])) {
    findings.same(`payment.${id}`, onChain.get(id) ?? 0n, amounts.get(id) ?? 0n);
  }
  const request = requests.find(({ requestId }) => requestId === answer.requestId);
  findings.same('payment.unattributed', request?.unattributed ?? 'missing', due.unattributed);
  findings.right(`${due.amounts.length} payments to the wei`, begin);
};
