import { auditEvent } from '@openledger/db/app';
import { eq, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import type { Caller } from '../identity/caller.ts';

export type Outcome = 'done' | 'refused' | 'failed';

/** A subject is an id, not a text: longer ones are cut. */
const SUBJECT_LENGTH = 200;

/** Notes that a write begins, before anything of it is done. @returns the note's id */
export async function beginAudit(
  context: Pick<ApiContext, 'app' | 'genesisHash'>,
  caller: Exclude<Caller, { kind: 'anonymous' }>,
  action: string,
) {
  const [begun] = await context.app.db
    .insert(auditEvent)
    .values({
      account: caller.account,
      sessionId: caller.kind === 'session' ? caller.sessionId : null,
      keyId: caller.kind === 'key' ? caller.keyId : null,
      action,
      genesisHash: context.genesisHash,
    })
    .returning({ id: auditEvent.id });
  return begun!.id;
}

/** Notes how it went. */
export async function endAudit(
  { app }: Pick<ApiContext, 'app'>,
  id: bigint,
  end: { outcome: Outcome; subject: string | null; code: string | null },
): Promise<void> {
  await app.db
    .update(auditEvent)
    .set({ ...end, subject: end.subject?.slice(0, SUBJECT_LENGTH) ?? null, endedAt: sql`now()` })
    .where(eq(auditEvent.id, id));
}
