import { relay, review } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, asc, desc, eq, gt, inArray, lt } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { relayKey } from '../relay/index.ts';
import type { RelayAction } from '../relayed/action.ts';
import { SealError, type Secret, unseal } from './seal.ts';
import { commitRequest } from './submit.ts';

/** A review of the account's own: only itself sees what is sealed in it. */
export type OwnReview = {
  readonly contributionId: bigint;
  readonly validator: Hex;
  readonly commitment: Hex;
  readonly windowEndsAt: Date;
  readonly createdAt: Date;
  readonly revealedAt: Date | null;
  readonly secret: Secret | null;
  /** The relayer's action that commits to it. */
  readonly commit: RelayAction | null;
};

/** The account's own reviews. */
export async function findReviews(
  { app, genesisHash, keyFor, log }: ApiContext,
  validator: Hex,
  {
    after,
    before,
    limit,
    descending,
  }: { after?: bigint | undefined; before?: bigint | undefined; limit: number; descending: boolean },
): Promise<OwnReview[]> {
  const rows = await app.db
    .select()
    .from(review)
    .where(
      and(
        eq(review.genesisHash, genesisHash),
        eq(review.validator, validator),
        after === undefined ? undefined : gt(review.contributionId, after),
        before === undefined ? undefined : lt(review.contributionId, before),
      ),
    )
    .orderBy(descending ? desc(review.contributionId) : asc(review.contributionId))
    .limit(limit);
  const keys = rows.map((row) => relayKey(commitRequest(row, row.commitment)));
  const actions = keys.length ? await app.db.select().from(relay).where(inArray(relay.idempotencyKey, keys)) : [];
  return rows.map(({ sealed, ...row }, index) => {
    let secret: Secret | null = null;
    try {
      secret = sealed === null ? null : unseal(keyFor, row, sealed);
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      log.error({ err: error }, 'a review does not open');
    }
    return { ...row, secret, commit: actions.find(({ idempotencyKey }) => idempotencyKey === keys[index]) ?? null };
  });
}
