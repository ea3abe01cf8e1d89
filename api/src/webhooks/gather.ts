import type { Connection } from '@openledger/db';
import { outboxMessage, webhook } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { activity } from '@openledger/db/chain';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { Live } from '../live/index.ts';
import { streamEvents, type Told } from '../live/stream.ts';
import { SlowConsumerError } from '../live/subscriber.ts';
import { choiceOf } from '../live/subscriptions.ts';
import { filterFromJson, payloadOf } from './payload.ts';

export type WebhookRow = typeof webhook.$inferSelect;

type Options = { readonly app: Connection; readonly live: Live; readonly genesisHash: Hex; readonly log: Logger };

export type Gatherer = {
  /** Follows the chain for each of these, from where it stood, and for no other. */
  readonly follow: (webhooks: readonly WebhookRow[]) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The channel on which is told that something waits to be sent; with a webhook's id, that one is made or enabled. */
export const WEBHOOKS = 'openledger_webhook';

/**
 * Puts what happens into the outbox, once for each webhook it is for: a message and the cursor behind it are written in one
 * transaction, so that a crash loses nothing and repeats nothing. One process at a time does it; if two should, a cursor that
 * has moved in the meantime stops the slower one.
 */
export function createGatherer({ app, live, genesisHash, log }: Options): Gatherer {
  const streams = new Map<string, { abort: AbortController; done: Promise<void> }>();
  let close: (() => void) | undefined;

  const run = async (row: WebhookRow, signal: AbortSignal) => {
    let { cursor, generation } = row;
    const events = streamEvents({
      feed: live.feed,
      finality: row.finality,
      after: cursor,
      ...choiceFor(row),
      signal,
      onOverflow: () => {},
    });
    for await (const message of events) {
      if (message.kind === 'UNDONE') generation += 1;
      if (!(await write(row, cursor, generation, message))) return;
      cursor = message.cursor;
    }
  };

  /** @returns false when the webhook has been told of it already, or is there no more */
  const write = (row: WebhookRow, before: string, generation: number, message: Told) =>
    app.db.transaction(async (tx) => {
      const moved = await tx
        .update(webhook)
        .set({ cursor: message.cursor, generation, updatedAt: sql`now()` })
        .where(and(eq(webhook.id, row.id), eq(webhook.cursor, before), eq(webhook.state, 'active')))
        .returning({ id: webhook.id });
      if (moved.length === 0) return false;
      const what = message.kind === 'UNDONE' ? `undone:${message.afterEventId}` : message.event.id;
      await tx
        .insert(outboxMessage)
        .values({
          dedupeKey: `webhook:${row.id}:${generation}:${what}`,
          channel: 'webhook',
          recipient: row.url,
          webhookId: row.id,
          payload: payloadOf(message),
        })
        .onConflictDoNothing();
      await tx.execute(sql`select pg_notify(${WEBHOOKS}, '')`);
      return true;
    });

  const begin = (row: WebhookRow) => {
    const abort = new AbortController();
    const done = run(row, abort.signal)
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        // It begins anew, from where it stood: the index may be catching up, or have halted.
        if (error instanceof GraphQLError || error instanceof SlowConsumerError)
          log.debug({ webhook: row.id }, error.message);
        else log.warn({ err: error, webhook: row.id }, 'a webhook cannot follow the chain');
      })
      .finally(() => streams.delete(row.id));
    streams.set(row.id, { abort, done });
  };

  const end = async (ids: readonly string[]) => {
    const ending = ids.flatMap((id) => streams.get(id) ?? []);
    for (const { abort } of ending) abort.abort();
    await Promise.all(ending.map(({ done }) => done));
  };

  return {
    follow: async (webhooks) => {
      const wanted = new Map(webhooks.filter((row) => row.genesisHash === genesisHash).map((row) => [row.id, row]));
      await end([...streams.keys()].filter((id) => !wanted.has(id)));
      if (wanted.size === 0) {
        close?.();
        close = undefined;
        return;
      }
      close ??= await live.feed.open();
      for (const [id, row] of wanted) if (!streams.has(id)) begin(row);
    },
    stop: async () => {
      await end([...streams.keys()]);
      close?.();
      close = undefined;
    },
  };
}

/** The events that a webhook is for: of its names, and passing its filter. */
function choiceFor({ events, filter }: WebhookRow) {
  const choice = choiceOf(filter && filterFromJson(filter));
  if (events.length === 0) return choice;
  const names = new Set(events);
  return {
    passes: (event: Parameters<typeof choice.passes>[0]) => names.has(event.event) && choice.passes(event),
    where: and(inArray(activity.event, events), choice.where),
  };
}
