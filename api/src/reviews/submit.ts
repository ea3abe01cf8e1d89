import { contentHash } from '@openledger/db';
import { relay, review } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { newSalt, scoreCommitment } from '@openledger/protocol';
import { and, eq, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { enqueue, relayKey } from '../relay/index.ts';
import { requireRelayer } from '../relayers/authorised.ts';
import { checkMayCommit, latestReveal } from './on-chain.ts';
import { type Place, type Secret, seal } from './seal.ts';

const ONE = 10n ** 18n;
const NOTES_LENGTH = 10_000;
const place = 'submitReview';

export type ReviewInput = { readonly contributionId: bigint; readonly score: bigint; readonly notes: string };

/** What the evidence of a score is: the validator's notes, as they are stored once the score is revealed. */
export function evidenceOf({ contributionId, validator }: Place, { score, notes }: Secret): Uint8Array {
  const document = { contributionId: contributionId.toString(), validator, score: score.toString(), notes };
  return new TextEncoder().encode(JSON.stringify(document));
}

/** The action that puts a review's commitment on chain. */
export const commitRequest = ({ genesisHash, contributionId, validator }: Place, commitment: Hex) =>
  ({
    action: 'commitScoreFor',
    payload: { validator, contributionId, commitment },
    genesisHash,
    account: validator,
  }) as const;

/**
 * Takes a validator's review: makes the commitment, seals score, salt and notes, and hands the commitment to the relayer,
 * in one transaction. Nobody sees any of it before the scores are revealed.
 * @throws FORBIDDEN, CONFLICT, NOT_FOUND, BAD_USER_INPUT, NOT_CONFIGURED without API_SECRET, CHAIN_UNAVAILABLE
 */
export async function submitReview(context: ApiContext, validator: Hex, input: ReviewInput): Promise<void> {
  const { app, genesisHash, protocol, keyFor } = context;
  const { contributionId, score, notes } = input;
  if (score > ONE) throw badInput(`${place}: score is ${score}: expected 0 to ${ONE}, which is a full score.`);
  if (notes.length > NOTES_LENGTH) {
    throw badInput(`${place}: notes has ${notes.length} characters: expected ${NOTES_LENGTH} at most.`);
  }
  const earlier = await failedEarlier(context, validator, contributionId);
  const found = await checkMayCommit(context, validator, contributionId, place);
  await requireRelayer(context, validator, place, latestReveal(found));

  const row: Place = { genesisHash, contributionId, validator };
  const secret: Secret = { score, salt: newSalt(), notes };
  const evidenceHash = contentHash(evidenceOf(row, secret));
  const registry = protocol.addressOf('DatanetRegistry');
  const { chainId } = protocol;
  const commitment = scoreCommitment({
    chainId,
    registry,
    contributionId,
    validator,
    score,
    evidenceHash,
    salt: secret.salt,
  });
  const windowEndsAt = new Date(Number(found.submittedAt + found.reviewWindow) * 1000);
  const kept = { commitment, sealed: seal(keyFor, row, secret), windowEndsAt, createdAt: new Date() };
  await app.db.transaction(async (tx) => {
    const [written] = await tx
      .insert(review)
      .values({ ...row, ...kept })
      .onConflictDoUpdate({
        target: [review.genesisHash, review.contributionId, review.validator],
        set: kept,
        // One that was revealed, or was written by another request since it was looked at, stays.
        setWhere: sql`${review.revealedAt} is null and ${review.commitment} = ${earlier ?? ''}`,
      })
      .returning({ commitment: review.commitment });
    if (written === undefined) throw alreadyReviewed(contributionId);
    await enqueue(tx, commitRequest(row, commitment));
  });
}

const alreadyReviewed = (contributionId: bigint) =>
  userError(
    'CONFLICT',
    `${place}: you have reviewed contribution ${contributionId} already; a review cannot be changed.`,
  );

/**
 * Only a review whose commitment the chain refused may be given again.
 * @returns that commitment; undefined when there is no earlier review
 */
async function failedEarlier(context: ApiContext, validator: Hex, contributionId: bigint): Promise<Hex | undefined> {
  const { app, genesisHash } = context;
  const [earlier] = await app.db
    .select({ commitment: review.commitment })
    .from(review)
    .where(
      and(
        eq(review.genesisHash, genesisHash),
        eq(review.contributionId, contributionId),
        eq(review.validator, validator),
      ),
    );
  if (earlier === undefined) return undefined;
  const key = relayKey(commitRequest({ genesisHash, contributionId, validator }, earlier.commitment));
  const [sent] = await app.db.select({ state: relay.state }).from(relay).where(eq(relay.idempotencyKey, key));
  if (sent?.state !== 'failed') throw alreadyReviewed(contributionId);
  return earlier.commitment;
}
