import { eraseContent } from '@openledger/db';
import { fingerprint, intakeVerdict, submission } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { isoOf } from '../onchain/signed-by.ts';
import { requireRelayer } from '../relayers/authorised.ts';
import { checkOpen, datanetOnChain, licenseIdOf } from './contribution.ts';
import { enqueueSubmission, trySending } from './relaying.ts';

const place = 'resolveSubmission';

/**
 * The datanet's owner decides about a submission that was held. Accepted, it goes to the relayer; refused, its content goes.
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT when it waits no more or its signature has expired, CHAIN_UNAVAILABLE
 */
export async function resolveSubmission(
  context: ApiContext,
  account: Hex,
  id: bigint,
  resolution: 'accept' | 'refuse',
): Promise<void> {
  const { app, genesisHash } = context;
  const [held] = await app.db
    .select()
    .from(submission)
    .where(and(eq(submission.id, id), eq(submission.genesisHash, genesisHash)));
  if (held === undefined) throw userError('NOT_FOUND', `${place}: there is no submission ${id}.`);
  const { owner } = await datanetOnChain(context, held.datanetId, place);
  // Who may not decide about it is not told that it is there.
  if (owner !== account) throw userError('NOT_FOUND', `${place}: there is no submission ${id} in a datanet of yours.`);

  const { datanetId, contributor, contentHash, uri, license, rows, signature, deadline } = held;
  const contribution = { contributor, datanetId, contentHash, uri, licenseId: licenseIdOf(license), rows };
  const signed = signature !== null && deadline !== null ? { signature, deadline } : null;
  if (resolution === 'accept') {
    await checkOpen(context, contribution, place);
    if (signed === null) await requireRelayer(context, contributor, place);
    else if (signed.deadline < (await context.protocol.now())) {
      throw userError(
        'CONFLICT',
        `${place}: the contributor’s signature expired at ${isoOf(signed.deadline)}: it has to submit it again. Refuse this one.`,
      );
    }
    await trySending(context, contribution, signed);
  }
  await app.db.transaction(async (tx) => {
    const [resolved] = await tx
      .update(intakeVerdict)
      .set({ resolvedAt: sql`now()`, resolvedBy: account, resolution })
      .where(
        and(eq(intakeVerdict.id, held.verdictId), eq(intakeVerdict.outcome, 'hold'), isNull(intakeVerdict.resolution)),
      )
      .returning({ id: intakeVerdict.id });
    if (resolved === undefined) throw userError('CONFLICT', `${place}: submission ${id} waits for nobody’s decision.`);
    if (resolution === 'accept') {
      const relayKey = await enqueueSubmission(tx, { genesisHash, contribution, signed, verdictId: held.verdictId });
      await tx.update(submission).set({ relayKey }).where(eq(submission.id, id));
      return;
    }
    await tx
      .delete(fingerprint)
      .where(
        and(
          eq(fingerprint.genesisHash, genesisHash),
          eq(fingerprint.datanetId, datanetId),
          eq(fingerprint.contentHash, contentHash),
        ),
      );
    const others = await tx.$count(submission, and(eq(submission.contentHash, contentHash), ne(submission.id, id)));
    if (others === 0) await eraseContent(tx, contentHash);
  });
}
