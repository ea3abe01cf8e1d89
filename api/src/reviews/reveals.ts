import { contentHash, type Database, putContents } from '@openledger/db';
import { relay, review } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, asc, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { KeyFor } from '../identity/secret.ts';
import type { ProtocolReader } from '../onchain/reader.ts';
import { enqueue, relayKey } from '../relay/index.ts';
import { contributionOnChain, PENDING, revealsFrom, revealsUntil, type UnderReview } from './on-chain.ts';
import { type Place, type Secret, unseal } from './seal.ts';
import { evidenceOf } from './submit.ts';

export type RevealsOptions = {
  readonly db: Database;
  readonly protocol: ProtocolReader;
  readonly genesisHash: Hex;
  readonly keyFor: KeyFor;
  readonly log: Logger;
};

type ReviewRow = typeof review.$inferSelect & { readonly sealed: Uint8Array };

/** Reviews looked at in one go. */
const AT_ONCE = 500;

/** The action that reveals a review's score. */
const revealRequest = (place: Place, secret: Secret) => {
  const { genesisHash, contributionId, validator } = place;
  const { score, salt } = secret;
  const evidenceHash = contentHash(evidenceOf(place, secret));
  const payload = { validator, contributionId, score, evidenceHash, salt };
  return { action: 'revealScoreFor', payload, genesisHash, account: validator } as const;
};

/**
 * Hands the scores whose time to be revealed has come to the relayer, and opens those that are on chain: their notes become
 * a content that anybody can read, and what was sealed goes. With the last of a quorum the contribution is decided, so that
 * nobody has to ask for it. May run anywhere, and twice at once: a reveal is taken once.
 * @returns how many were handed over and opened
 */
export async function revealDue(options: RevealsOptions): Promise<{ handed: number; opened: number }> {
  const { db, protocol, genesisHash, log } = options;
  const waiting = (await db
    .select()
    .from(review)
    .where(and(eq(review.genesisHash, genesisHash), isNull(review.revealedAt), isNotNull(review.sealed)))
    .orderBy(asc(review.windowEndsAt))
    .limit(AT_ONCE)) as ReviewRow[];
  const result = { handed: 0, opened: 0 };
  if (waiting.length === 0) return result;
  const now = await protocol.now();
  const states = new Map<bigint, UnderReview | null>();
  for (const row of waiting) {
    try {
      if (!states.has(row.contributionId)) {
        states.set(
          row.contributionId,
          await contributionOnChain(protocol, row.contributionId, 'reveals').catch(orGone),
        );
      }
      const done = await reveal(options, row, states.get(row.contributionId) ?? null, now);
      if (done !== null) result[done] += 1;
    } catch (error) {
      // One that does not open must not keep the others.
      log.error({ err: error, contributionId: `${row.contributionId}` }, 'a review could not be revealed');
    }
  }
  return result;
}

/** A contribution that a reorganisation took back. */
const orGone = (error: Error & { extensions?: { code?: unknown } }): null => {
  if (error.extensions?.code === 'NOT_FOUND') return null;
  throw error;
};

async function reveal(
  { db, protocol, keyFor }: RevealsOptions,
  row: ReviewRow,
  found: UnderReview | null,
  now: bigint,
): Promise<'handed' | 'opened' | null> {
  if (found === null || now < revealsFrom(found)) return null;
  const secret = unseal(keyFor, row, row.sealed);
  const request = revealRequest(row, secret);
  const key = relayKey(request);
  const [sent] = await db.select({ state: relay.state }).from(relay).where(eq(relay.idempotencyKey, key));
  if (sent?.state === 'final' || sent?.state === 'mined' || (await isRevealed(protocol, row))) {
    // Looked at again: what was found before may be older than this reveal.
    const deciding = decisionOf(row, await contributionOnChain(protocol, row.contributionId, 'contributionId'));
    const isDecided = deciding === null || (await isAskedFor(db, relayKey(deciding)));
    await db.transaction(async (tx) => {
      if (!isDecided) await enqueue(tx, deciding);
      await putContents(tx, [{ mediaType: 'application/json', body: evidenceOf(row, secret) }]);
      await tx
        .update(review)
        .set({ sealed: null, revealedAt: sql`now()` })
        .where(
          and(
            eq(review.genesisHash, row.genesisHash),
            eq(review.contributionId, row.contributionId),
            eq(review.validator, row.validator),
          ),
        );
    });
    return 'opened';
  }
  if (sent !== undefined || found.status !== PENDING || now >= revealsUntil(found)) return null;
  // A commitment that never reached the chain reveals nothing.
  const committed = await protocol.view<Hex>('DatanetRegistry', 'commitments', [row.contributionId, row.validator]);
  if (committed.toLowerCase() !== row.commitment) return null;
  await enqueue(db, request);
  return 'handed';
}

/** The action that decides a contribution whose whole quorum has revealed. */
const decisionOf = ({ genesisHash, contributionId, validator }: Place, { status, quorum, reveals }: UnderReview) =>
  status === PENDING && quorum > 0 && reveals >= quorum
    ? ({ action: 'finalizeContribution', payload: { contributionId }, genesisHash, account: validator } as const)
    : null;

async function isAskedFor(db: Database, key: string): Promise<boolean> {
  return (await db.select({ state: relay.state }).from(relay).where(eq(relay.idempotencyKey, key))).length > 0;
}

/** The registry puts a one in the commitment's place. */
async function isRevealed(protocol: ProtocolReader, { contributionId, validator }: Place): Promise<boolean> {
  return BigInt(await protocol.view<Hex>('DatanetRegistry', 'commitments', [contributionId, validator])) === 1n;
}
