import type { Database } from '@openledger/db';
import { type ChatPlatform, outboxMessage } from '@openledger/db/app';
import { and, asc, eq, inArray, lte, sql } from 'drizzle-orm';

export type OutboxMessage = {
  readonly id: bigint;
  readonly recipient: string;
  readonly payload: Readonly<Record<string, unknown>>;
  /** It may have arrived before: who reads it is told. */
  readonly mayBeRepeated: boolean;
};

/** They no longer want to be written to: nothing more is sent to them. */
export class UnwantedError extends Error {
  override readonly name = 'UnwantedError';
}

/** The platform said no, for certain: it did not arrive, and may be tried again later. */
export class NotSentError extends Error {
  override readonly name = 'NotSentError';
}

export type OutboxOptions = {
  readonly db: Database;
  readonly channel: Exclude<ChatPlatform, 'terminal'>;
  /**
   * Sends a message.
   *
   * @returns the platform's id of it
   * @throws UnwantedError, NotSentError; anything else means that nobody can know whether it arrived
   */
  readonly send: (message: OutboxMessage) => Promise<string>;
  readonly onUnwanted: (recipient: string) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
  readonly everyMs?: number;
};

export type Outbox = { readonly wake: () => void; readonly stop: () => Promise<void> };

const atOnce = 10;
const mostAttempts = 8;
const firstWaitSeconds = 2;

/**
 * Sends what is in the outbox: `sending` is written before a message goes out, so that after a crash it is known which ones
 * may have arrived. Those are sent again, and say so: nothing is lost, and what may come twice is marked.
 */
export const startOutbox = ({ db, channel, send, onUnwanted, onTrouble, everyMs = 1_000 }: OutboxOptions): Outbox => {
  let isStopping = false;
  let running: Promise<void> | undefined;
  let isWoken = false;

  const take = () =>
    db.transaction(async (transaction) => {
      const due = await transaction
        .select({ id: outboxMessage.id })
        .from(outboxMessage)
        .where(
          and(
            eq(outboxMessage.channel, channel),
            inArray(outboxMessage.state, ['pending', 'unknown']),
            lte(outboxMessage.nextAttemptAt, sql`now()`),
          ),
        )
        .orderBy(asc(outboxMessage.id))
        .limit(atOnce)
        .for('update', { skipLocked: true });
      if (due.length === 0) return [];
      const before = await transaction
        .select({ id: outboxMessage.id, state: outboxMessage.state })
        .from(outboxMessage)
        .where(
          inArray(
            outboxMessage.id,
            due.map(({ id }) => id),
          ),
        );
      const rows = await transaction
        .update(outboxMessage)
        .set({ state: 'sending', sendingSince: sql`now()`, attempts: sql`${outboxMessage.attempts} + 1` })
        .where(
          inArray(
            outboxMessage.id,
            due.map(({ id }) => id),
          ),
        )
        .returning();
      const unknown = new Set(before.filter(({ state }) => state === 'unknown').map(({ id }) => id));
      return rows
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .map((row) => ({ ...row, mayBeRepeated: unknown.has(row.id) || row.error === 'may have arrived before' }));
    });
  const put = (id: bigint, values: Partial<typeof outboxMessage.$inferInsert>) =>
    db
      .update(outboxMessage)
      .set({ sendingSince: null, ...values })
      .where(and(eq(outboxMessage.id, id), eq(outboxMessage.state, 'sending')));
  const later = (attempts: number) =>
    sql`now() + make_interval(secs => ${Math.min(3_600, firstWaitSeconds * 2 ** attempts)})` as unknown as Date;

  const one = async (row: Awaited<ReturnType<typeof take>>[number]): Promise<void> => {
    const { id, recipient, payload, mayBeRepeated, attempts } = row;
    try {
      const externalId = await send({ id, recipient, payload, mayBeRepeated });
      await put(id, {
        state: 'sent',
        sentAt: new Date(),
        externalId,
        error: mayBeRepeated ? 'may have arrived before' : null,
      });
    } catch (error) {
      if (error instanceof UnwantedError) {
        await put(id, { state: 'failed', error: 'the recipient no longer wants it' });
        await onUnwanted(recipient);
        return;
      }
      onTrouble(error);
      const isKnown = error instanceof NotSentError;
      if (attempts >= mostAttempts) {
        await put(id, {
          state: isKnown ? 'failed' : 'unknown',
          error: 'given up after too many attempts',
          nextAttemptAt: never,
        });
        return;
      }
      const nextAttemptAt = later(attempts);
      await put(
        id,
        isKnown
          ? { state: 'pending', nextAttemptAt, error: mayBeRepeated ? 'may have arrived before' : null }
          : { state: 'unknown', nextAttemptAt, error: 'may have arrived before' },
      );
    }
  };
  const never = sql`'infinity'::timestamptz` as unknown as Date;

  /** What a process was sending when it died. */
  const recover = () =>
    db
      .update(outboxMessage)
      .set({ state: 'unknown', sendingSince: null, error: 'may have arrived before', nextAttemptAt: sql`now()` })
      .where(
        and(
          eq(outboxMessage.channel, channel),
          eq(outboxMessage.state, 'sending'),
          lte(outboxMessage.sendingSince, sql`now() - interval '1 minute'`),
        ),
      );

  const work = async (): Promise<void> => {
    try {
      await recover();
      do {
        isWoken = false;
        for (let taken = await take(); taken.length > 0 && !isStopping; taken = await take()) {
          // One after another for each recipient, so that they come in their order.
          const lanes = Map.groupBy(taken, ({ recipient }) => recipient);
          await Promise.all(
            [...lanes.values()].map(async (lane) => {
              for (const row of lane) await one(row);
            }),
          );
        }
      } while (isWoken && !isStopping);
    } catch (error) {
      onTrouble(error);
    }
  };
  const wake = (): void => {
    if (isStopping) return;
    if (running !== undefined) {
      isWoken = true;
      return;
    }
    running = work().finally(() => {
      running = undefined;
    });
  };
  const timer = setInterval(wake, everyMs);
  timer.unref();
  wake();
  return {
    wake,
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await running;
    },
  };
};
