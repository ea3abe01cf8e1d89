import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { ContractRefusal, type ProtocolReader } from '../onchain/reader.ts';

/** What the registry says of a contribution under review. Times in Unix seconds. */
export type UnderReview = {
  readonly contributor: Hex;
  readonly relayer: Hex;
  readonly status: number;
  readonly quorum: number;
  readonly commits: number;
  readonly reveals: number;
  readonly submittedAt: bigint;
  readonly reviewWindow: bigint;
  /** When the quorum had committed; zero until then. */
  readonly revealFrom: bigint;
  readonly datanetId: bigint;
};

export const PENDING = 1;

/** From when scores can be revealed: once the quorum has committed, or else when the time to commit is over. */
export const revealsFrom = ({ revealFrom, submittedAt, reviewWindow }: UnderReview): bigint =>
  revealFrom !== 0n ? revealFrom : submittedAt + reviewWindow;

export const revealsUntil = (review: UnderReview): bigint => revealsFrom(review) + review.reviewWindow;

/** The last moment at which a score could be revealed, however late the quorum commits. */
export const latestReveal = ({ submittedAt, reviewWindow }: UnderReview): bigint => submittedAt + 2n * reviewWindow;

/** @throws NOT_FOUND for a contribution that is not there, CHAIN_UNAVAILABLE */
export async function contributionOnChain(
  protocol: ProtocolReader,
  contributionId: bigint,
  place: string,
): Promise<UnderReview> {
  try {
    const found = await protocol.view<UnderReview>('DatanetRegistry', 'contribution', [contributionId]);
    const lower = (address: Hex) => address.toLowerCase() as Hex;
    return { ...found, contributor: lower(found.contributor), relayer: lower(found.relayer) };
  } catch (error) {
    if (!(error instanceof ContractRefusal)) throw error;
    throw userError('NOT_FOUND', `${place}: there is no contribution ${contributionId}.`);
  }
}

/**
 * Makes sure that a validator may commit to a score of a contribution now, by the registry's own rules.
 * @throws CONFLICT, FORBIDDEN, NOT_FOUND, CHAIN_UNAVAILABLE
 */
export async function checkMayCommit(
  { protocol }: Pick<ApiContext, 'protocol'>,
  validator: Hex,
  contributionId: bigint,
  place: string,
): Promise<UnderReview> {
  const found = await contributionOnChain(protocol, contributionId, place);
  const [isValidator, commitment, now] = await Promise.all([
    protocol.view<boolean>('DatanetRegistry', 'isValidator', [found.datanetId, validator]),
    protocol.view<Hex>('DatanetRegistry', 'commitments', [contributionId, validator]),
    protocol.now(),
  ]);
  if (!isValidator) {
    throw userError(
      'FORBIDDEN',
      `${place}: ${validator} is no validator of datanet ${found.datanetId}; its owner appoints them.`,
    );
  }
  if (validator === found.contributor || validator === found.relayer) {
    throw userError('FORBIDDEN', `${place}: contribution ${contributionId} is your own, which others review.`);
  }
  if (BigInt(commitment) !== 0n) {
    throw userError(
      'CONFLICT',
      `${place}: ${validator} has reviewed contribution ${contributionId} already; a review cannot be changed.`,
    );
  }
  const closed =
    found.status !== PENDING
      ? 'it is decided'
      : found.quorum === 0
        ? 'its datanet’s owner decides alone'
        : found.revealFrom !== 0n
          ? 'its quorum is complete'
          : now >= found.submittedAt + found.reviewWindow
            ? 'its time is over'
            : null;
  if (closed !== null) {
    throw userError('CONFLICT', `${place}: contribution ${contributionId} takes no more reviews: ${closed}.`);
  }
  return found;
}
