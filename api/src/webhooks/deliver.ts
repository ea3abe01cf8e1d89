import type { Connection } from '@openledger/db';
import { outboxMessage, webhook } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { eq, inArray, sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { KeyFor } from '../identity/secret.ts';
import type { WebhookRow } from './gather.ts';
import { messageId } from './payload.ts';
import { backoff, MAX_ATTEMPTS, PATIENCE_MS, pause } from './retries.ts';
import { signedHeaders } from './secrets.ts';
import { post, SEND_TIMEOUT_MS } from './send.ts';

type Message = typeof outboxMessage.$inferSelect;

type Options = {
  readonly app: Connection;
  readonly genesisHash: Hex;
  readonly keyFor: KeyFor;
  readonly allowPrivate: boolean;
  readonly log: Logger;
};

export type Deliverer = {
  /** Sends what is due now, as much as there is room for. @returns how many messages it has begun with */
  readonly sendDue: () => Promise<number>;
  /** Resolves when something that was being sent is done with. */
  readonly freed: () => Promise<void>;
  /** What a process that crashed was sending is sent again: it may have arrived, and has the same id. */
  readonly recover: () => Promise<void>;
  /** Forgets what was delivered or given up long ago. */
  readonly prune: () => Promise<void>;
  /** Waits for what is being sent. */
  readonly stop: () => Promise<void>;
};

/** Requests under way at once in this process. */
const AT_ONCE = 20;
/** Somebody who has been sending for this long has crashed. */
const CRASHED_MS = 6 * SEND_TIMEOUT_MS;
const ERROR_LENGTH = 300;
/** How long deliveries can be looked up. */
const KEPT_DAYS = 30;
const PRUNED_AT_ONCE = 10_000;

/** Sends the outbox's messages to webhooks: one at a time for each, oldest first but for those that wait to be tried again. */
export function createDeliverer({ app, genesisHash, keyFor, allowPrivate, log }: Options): Deliverer {
  const sending = new Set<Promise<void>>();

  const claim = async (room: number): Promise<Message[]> => {
    const claimed = await app.db.execute<{ id: string | bigint }>(sql`
      update app.outbox_message set state = 'sending', sending_since = now(), attempts = attempts + 1
      where id in (
        select m.id from app.webhook w
        cross join lateral (
          select id, next_attempt_at from app.outbox_message
          where webhook_id = w.id and state = 'pending' and next_attempt_at <= now() order by id limit 1
        ) due
        join app.outbox_message m on m.id = due.id
        where w.genesis_hash = ${genesisHash} and w.state = 'active' and coalesce(w.paused_until <= now(), true)
          and not exists (select from app.outbox_message s where s.webhook_id = w.id and s.state = 'sending')
        order by due.next_attempt_at, m.id limit ${room}
        for update of m skip locked)
        and state = 'pending'
      returning id`);
    const ids = claimed.map(({ id }) => BigInt(id));
    if (ids.length === 0) return [];
    return app.db.select().from(outboxMessage).where(inArray(outboxMessage.id, ids));
  };

  const send = async (message: Message) => {
    const [target] = await app.db.select().from(webhook).where(eq(webhook.id, message.webhookId!));
    // It was deleted just then, and the message with it.
    if (target === undefined) return;
    const outcome = await attempt(target, message);
    if (outcome.status !== null && outcome.status >= 200 && outcome.status < 300)
      return arrived(target, message, outcome.status);
    await failed(target, message, outcome);
  };

  const attempt = async (target: WebhookRow, { dedupeKey, payload }: Message): Promise<Outcome> => {
    const at = new Date();
    const body = JSON.stringify(payload);
    const previous =
      target.previousSecretUntil !== null && target.previousSecretUntil > at ? target.previousSecret : null;
    try {
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'OpenLedger-Webhooks/1.0',
        ...signedHeaders(keyFor, target.id, previous === null ? [target.secret] : [target.secret, previous], {
          id: messageId(dedupeKey),
          at,
          body,
        }),
      };
      const { status, retryAfterMs } = await post({ url: new URL(target.url), headers, body, allowPrivate });
      return { status, retryAfterMs, error: `It answered HTTP ${status}.` };
    } catch (error) {
      const reason = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code || error.name : '';
      return { status: null, retryAfterMs: null, error: `It could not be sent: ${reason}`.slice(0, ERROR_LENGTH) };
    }
  };

  const arrived = (target: WebhookRow, message: Message, status: number) =>
    app.db.transaction(async (tx) => {
      await tx
        .update(outboxMessage)
        .set({ state: 'sent', sentAt: sql`now()`, responseStatus: status, error: null })
        .where(eq(outboxMessage.id, message.id));
      if (target.failures === 0) return;
      const well = { failures: 0, failingSince: null, pausedUntil: null };
      await tx.update(webhook).set(well).where(eq(webhook.id, target.id));
    });

  const failed = (target: WebhookRow, message: Message, { status, retryAfterMs, error }: Outcome) =>
    app.db.transaction(async (tx) => {
      const isLast = message.attempts >= MAX_ATTEMPTS;
      const inMs = (ms: number) => sql`now() + ${Math.round(ms)} * interval '1 millisecond'`;
      await tx
        .update(outboxMessage)
        .set({
          state: isLast ? 'failed' : 'pending',
          nextAttemptAt: inMs(backoff(message.attempts, retryAfterMs)),
          responseStatus: status,
          error,
        })
        .where(eq(outboxMessage.id, message.id));
      const failures = target.failures + 1;
      const since = target.failingSince ?? new Date();
      const reason = whyDisable(status, since, error);
      await tx
        .update(webhook)
        .set({
          failures,
          failingSince: since,
          pausedUntil: inMs(pause(failures, retryAfterMs)),
          ...(reason !== null && { state: 'disabled' as const, disabledReason: reason }),
        })
        .where(eq(webhook.id, target.id));
      if (reason !== null) log.warn({ webhook: target.id, reason }, 'a webhook is disabled');
    });

  return {
    sendDue: async () => {
      const room = AT_ONCE - sending.size;
      if (room <= 0) return 0;
      const messages = await claim(room);
      for (const message of messages) {
        const done: Promise<void> = send(message)
          // It stays as it is, and is taken for crashed.
          .catch((error: unknown) =>
            log.error({ err: error, webhook: message.webhookId }, 'a delivery cannot be noted'),
          )
          .finally(() => sending.delete(done));
        sending.add(done);
      }
      return messages.length;
    },
    freed: () => (sending.size === 0 ? new Promise(() => {}) : Promise.race(sending)),
    recover: async () => {
      await app.db.execute(sql`
        update app.outbox_message set state = 'pending', next_attempt_at = now()
        where channel = 'webhook' and state = 'sending' and sending_since < now() - ${CRASHED_MS} * interval '1 millisecond'`);
    },
    prune: async () => {
      await app.db.execute(sql`
        delete from app.outbox_message where id in (
          select id from app.outbox_message
          where channel = 'webhook' and state in ('sent', 'failed') and created_at < now() - ${KEPT_DAYS} * interval '1 day'
          order by id limit ${PRUNED_AT_ONCE})`);
    },
    stop: async () => {
      await Promise.all(sending);
    },
  };
}

type Outcome = { readonly status: number | null; readonly retryAfterMs: number | null; readonly error: string };

function whyDisable(status: number | null, failingSince: Date, error: string): string | null {
  if (status === 410) return 'The receiver answered HTTP 410 Gone, which asks for no more.';
  if (Date.now() - failingSince.getTime() < PATIENCE_MS) return null;
  return `Nothing has arrived since ${failingSince.toISOString()}. The last attempt: ${error}`;
}
