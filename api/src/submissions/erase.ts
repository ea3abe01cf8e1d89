import { eraseContent as eraseBody } from '@openledger/db';
import { fingerprint, relay, submission, upload } from '@openledger/db/app';
import { chainTables, type Hex } from '@openledger/db/chain';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { reasonOf } from '../prepared/reason.ts';
import { type PreparedTransaction, prepareTransaction } from '../prepared/transaction.ts';
import { enqueue } from '../relay/index.ts';

const place = 'eraseContent';
const { contribution } = chainTables;

export type Erased = {
  readonly contentHash: Hex;
  /** False when somebody else gave the same content: then theirs stays, and only what is the account's goes. */
  readonly erased: boolean;
  /** Contributions that the relayer takes back. */
  readonly withdrawing: readonly bigint[];
  /** For those that the account has to take back itself. */
  readonly remaining: readonly PreparedTransaction[];
};

/**
 * Erases the body of one's own content for good, with its fingerprints and uploads; hash, size and licence stay. What the
 * chain holds of it is taken back through the relayer, or prepared for the account where it authorised none.
 * @throws NOT_FOUND for a content that is not the account's alone
 */
export async function eraseContent(context: ApiContext, account: Hex, hash: Hex): Promise<Erased> {
  const { app, db, genesisHash } = context;
  const ofHash = eq(submission.contentHash, hash);
  const [submitted, uploaded, onChain] = await Promise.all([
    app.db.select({ contributor: submission.contributor }).from(submission).where(ofHash),
    app.db.$count(upload, and(eq(upload.account, account), eq(upload.hash, hash))),
    db
      .select({ id: contribution.id, contributor: contribution.contributor, status: contribution.status })
      .from(contribution)
      .where(eq(contribution.contentHash, hash)),
  ]);
  const owners = new Set([...submitted, ...onChain].map(({ contributor }) => contributor));
  if (!owners.has(account) && uploaded === 0) {
    throw userError('NOT_FOUND', `${place}: the account has no content ${hash}.`);
  }
  const shared = [...owners].some((owner) => owner !== account);
  const open = onChain.filter(({ contributor, status }) => contributor === account && isOpen(status));
  const relayed = await withdrawable(
    context,
    account,
    open.map(({ id }) => id),
  );

  await app.db.transaction(async (tx) => {
    await tx.delete(upload).where(and(eq(upload.account, account), eq(upload.hash, hash)));
    const waiting = tx
      .select({ key: submission.relayKey })
      .from(submission)
      .where(and(ofHash, eq(submission.contributor, account)));
    await tx
      .update(relay)
      .set({ state: 'failed', error: 'Its content was erased before it was sent.', updatedAt: sql`now()` })
      .where(and(inArray(relay.idempotencyKey, waiting), eq(relay.state, 'pending')));
    // What somebody else gave too is theirs to keep; whoever asked is no longer among those that it is known from.
    if (!shared && owners.has(account)) {
      await tx.delete(fingerprint).where(eq(fingerprint.contentHash, hash));
      await eraseBody(tx, hash);
    }
    for (const contributionId of relayed) {
      const payload = { contributionId, reason: reasonOf(place, 'CONTENT_ERASED') };
      await enqueue(tx, { action: 'withdrawContribution', payload, genesisHash, account });
    }
  });
  const remaining = open.filter(({ id }) => !relayed.includes(id));
  return {
    contentHash: hash,
    erased: !shared,
    withdrawing: relayed,
    remaining: await Promise.all(
      remaining.map(({ id }) =>
        prepareTransaction(context, account, {
          contract: 'DatanetRegistry',
          functionName: 'withdrawContribution',
          args: [id, reasonOf(place, 'CONTENT_ERASED')],
          summary: `Take contribution ${id} back, whose content was erased.`,
        }),
      ),
    ),
  };
}

const isOpen = (status: string) => status === 'pending' || status === 'accepted';

/** Those that the relayer may take back now, and the chain would let it. */
async function withdrawable(context: ApiContext, account: Hex, ids: readonly bigint[]): Promise<readonly bigint[]> {
  const { protocol } = context;
  try {
    const from = context.relayer();
    const to = protocol.addressOf('DatanetRegistry');
    const passes = await Promise.all(
      ids.map(async (id) => {
        const data = protocol.encode('DatanetRegistry', 'withdrawContribution', [
          id,
          reasonOf(place, 'CONTENT_ERASED'),
        ]);
        return (await protocol.simulate({ from, to, data })).refusal === null;
      }),
    );
    return ids.filter((_, index) => passes[index]);
  } catch {
    // Erasing waits for nothing: without a relayer or a node the account gets the transactions.
    context.log.warn({ account }, 'contributions of an erased content could not be taken back through the relayer');
    return [];
  }
}
