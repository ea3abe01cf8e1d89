import { receiptTree } from '@openledger/protocol';
import { id } from 'ethers';
import type { Cast } from './cast.ts';
import type { Submitted } from './contributions.ts';
import type { Answer, Answers } from './inference.ts';
import type { Reviewed } from './reviews.ts';
import type { Session } from './session.ts';

export const algorithmId = id('influence/1');
export const retiredAlgorithmId = id('influence/0');

/** Attribution batches of Wren's answers, by what becomes of them. */
export type Batches = {
  /** Nobody objects: they pay. */
  readonly sound: readonly bigint[];
  /** Gives everything to Sybil's copy: it will be disputed. */
  readonly biased: bigint;
  /** The answers of the biased batch, to be attributed again. */
  readonly disputedAnswers: readonly Answer[];
};

/** Frank posts what Wren's answers drew on; one batch favours a friend. */
export async function postBatches(
  session: Session,
  cast: Cast,
  answers: Answers,
  reviewed: Reviewed,
): Promise<Batches> {
  const all = [...reviewed.accepted, ...reviewed.curated];
  const sound = [
    await post(session, cast, answers.single, reviewed.accepted.slice(0, 1)),
    await post(session, cast, answers.ten, reviewed.accepted.slice(0, 3)),
    await post(session, cast, answers.twentyFive, all),
  ];
  const biased = await post(session, cast, answers.twoPayers, [reviewed.copied]);
  return { sound, biased, disputedAnswers: answers.twoPayers };
}

/** Frank posts the answers of a revoked batch once more, fairly. */
export async function postAgain(
  session: Session,
  cast: Cast,
  { disputedAnswers }: Batches,
  reviewed: Reviewed,
): Promise<bigint> {
  return post(session, cast, disputedAnswers, reviewed.accepted.slice(0, 3));
}

/** Waits out the challenge window of batches, then makes them final and pays them. */
export async function finalizeBatches(session: Session, { alice }: Cast, batchIds: readonly bigint[]): Promise<void> {
  for (const batchId of batchIds) {
    const { challengeDeadline } = await session.view('AttributionLedger', 'batch', [batchId]);
    await session.travelTo(challengeDeadline);
    await session.send(alice, 'AttributionLedger', 'finalizeBatch', [batchId]);
  }
}

async function post(
  session: Session,
  { frank, wren }: Cast,
  answers: readonly Answer[],
  contributions: readonly Submitted[],
): Promise<bigint> {
  const attributions = answers.map((answer) => attribute(answer, contributions));
  const { root } = receiptTree(answers.map(({ requestId }) => id(`receipt of ${requestId}`)));
  const uri = `ipfs://batch/${root}`;
  const args = [wren.address, algorithmId, root, id(`evidence of ${root}`), uri, attributions];
  const sent = await session.send(frank, 'AttributionLedger', 'postBatch', args, {
    when: `${many(answers.length, 'answer')}, ${many(contributions.length, 'contribution')} each`,
    items: answers.length,
  });
  return sent.event('AttributionBatchPosted').batchId;
}

/** Gives each contribution half of what is left; what remains in the end no evidence supports. */
function attribute({ requestId, contributorsPart }: Answer, contributions: readonly Submitted[]) {
  let unattributed = contributorsPart;
  const ascending = contributions.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1));
  const amounts = ascending.map(() => {
    const amount = unattributed / 2n;
    unattributed -= amount;
    return amount;
  });
  return { requestId, contributionIds: ascending, amounts, unattributed };
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
