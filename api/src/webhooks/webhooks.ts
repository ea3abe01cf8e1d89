import { randomUUID } from 'node:crypto';
import { outboxMessage, webhook } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import * as abi from '@openledger/protocol/abi';
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput, userError } from '../errors.ts';
import { encodeCursor } from '../live/cursor.ts';
import { startHere } from '../live/feed.ts';
import type { Finality } from '../live/messages.ts';
import type { FilterInput } from '../schema/filters.ts';
import { WEBHOOKS, type WebhookRow } from './gather.ts';
import { filterToJson } from './payload.ts';
import { newSecret } from './secrets.ts';
import { targetOf } from './target.ts';

/** Webhooks that an account may have. */
export const MAX_WEBHOOKS = 20;
/** A secret that was replaced still signs for so long. */
const OVERLAP = sql`now() + interval '24 hours'`;
const MAX_EVENTS = 50;

export type DeliveryRow = typeof outboxMessage.$inferSelect;

export type NewWebhook = {
  readonly url: string;
  readonly events: readonly string[];
  readonly filter: FilterInput | null;
  readonly finality: Finality;
};

/** @throws BAD_USER_INPUT, CONFLICT when the account has as many as it may, NOT_CONFIGURED, INDEX_NOT_READY */
export async function createWebhook(context: ApiContext, account: Hex, asked: NewWebhook) {
  const { app, keyFor, genesisHash, live } = context;
  const url = targetOf(asked.url, context.webhookAllowPrivate).href;
  const events = [...new Set(asked.events)];
  if (events.length > MAX_EVENTS) throw badInput(`events has ${events.length} names; at most ${MAX_EVENTS} are taken.`);
  const unknown = events.find((name) => !eventNames.has(name));
  if (unknown !== undefined) {
    throw badInput(
      `events has ${JSON.stringify(unknown)}, which no contract emits: expected names such as ContributionAccepted.`,
    );
  }
  const close = await live.feed.open();
  const cursor = encodeCursor(genesisHash, startHere(live.feed, asked.finality));
  close();
  const id = randomUUID();
  const { sealed, shown } = newSecret(keyFor, id);
  const made = await app.db.transaction(async (tx) => {
    // Two made at once would both find room for one.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`webhooks of ${account}`}, 0))`);
    const own = await tx.$count(webhook, and(eq(webhook.account, account), eq(webhook.genesisHash, genesisHash)));
    if (own >= MAX_WEBHOOKS) {
      throw userError('CONFLICT', `This account has ${own} webhooks already, which is the most: delete one first.`);
    }
    const [row] = await tx
      .insert(webhook)
      .values({
        id,
        genesisHash,
        account,
        url,
        events,
        filter: asked.filter && filterToJson(asked.filter),
        finality: asked.finality,
        secret: sealed,
        cursor,
      })
      .returning();
    return row!;
  });
  await app.sql.notify(WEBHOOKS, id);
  return { webhook: made, secret: shown };
}

const isOwn = ({ genesisHash }: ApiContext, account: Hex, id: string) =>
  and(eq(webhook.id, id), eq(webhook.account, account), eq(webhook.genesisHash, genesisHash));

export function webhooksOf({ app, genesisHash }: ApiContext, account: Hex): Promise<WebhookRow[]> {
  return app.db
    .select()
    .from(webhook)
    .where(and(eq(webhook.account, account), eq(webhook.genesisHash, genesisHash)))
    .orderBy(desc(webhook.createdAt));
}

/** @throws NOT_FOUND */
export async function webhookOf(context: ApiContext, account: Hex, id: string): Promise<WebhookRow> {
  const [row] = await context.app.db
    .select()
    .from(webhook)
    .where(isOwn(context, account, id));
  return row ?? notFound();
}

/** The old secret signs beside the new one for a day. @throws NOT_FOUND, NOT_CONFIGURED */
export async function rotateSecret(context: ApiContext, account: Hex, id: string) {
  const { sealed, shown } = newSecret(context.keyFor, id);
  const [row] = await context.app.db
    .update(webhook)
    .set({
      secret: sealed,
      previousSecret: sql`${webhook.secret}`,
      previousSecretUntil: OVERLAP,
      updatedAt: sql`now()`,
    })
    .where(isOwn(context, account, id))
    .returning();
  return row === undefined ? notFound() : { webhook: row, secret: shown };
}

/** Goes on where it stopped. @throws NOT_FOUND */
export async function enableWebhook(context: ApiContext, account: Hex, id: string): Promise<WebhookRow> {
  const well = { failures: 0, failingSince: null, pausedUntil: null, state: 'active' as const, disabledReason: null };
  const [row] = await context.app.db
    .update(webhook)
    .set({ ...well, updatedAt: sql`now()` })
    .where(isOwn(context, account, id))
    .returning();
  await context.app.sql.notify(WEBHOOKS, id);
  return row ?? notFound();
}

/** With everything that was or would have been sent to it. @throws NOT_FOUND */
export async function deleteWebhook(context: ApiContext, account: Hex, id: string): Promise<void> {
  const gone = await context.app.db
    .delete(webhook)
    .where(isOwn(context, account, id))
    .returning({ id: webhook.id });
  if (gone.length === 0) notFound();
}

/** Puts a message of type Test into the outbox. @throws NOT_FOUND, CONFLICT when it is disabled */
export async function testWebhook(context: ApiContext, account: Hex, id: string): Promise<DeliveryRow> {
  const target = await webhookOf(context, account, id);
  if (target.state === 'disabled')
    throw userError('CONFLICT', 'This webhook is disabled: enable it first (enableWebhook).');
  const [row] = await context.app.db
    .insert(outboxMessage)
    .values({
      dedupeKey: `webhook:${id}:test:${randomUUID()}`,
      channel: 'webhook',
      recipient: target.url,
      webhookId: id,
      payload: { type: 'Test', timestamp: new Date().toISOString(), data: { webhookId: id } },
    })
    .returning();
  await context.app.sql.notify(WEBHOOKS, id);
  return row!;
}

export type DeliveryPage = {
  readonly before: bigint | null;
  readonly after: bigint | null;
  readonly limit: number;
  readonly oldestFirst: boolean;
};

/** What was sent to a webhook and what is going to be, newest first unless asked otherwise. */
export async function deliveriesOf(
  { app }: ApiContext,
  id: string,
  { before, after, limit, oldestFirst }: DeliveryPage,
): Promise<DeliveryRow[]> {
  return app.db
    .select()
    .from(outboxMessage)
    .where(
      and(
        eq(outboxMessage.webhookId, id),
        // Newest first, so what comes after is older.
        after === null ? undefined : lt(outboxMessage.id, after),
        before === null ? undefined : gt(outboxMessage.id, before),
      ),
    )
    .orderBy(oldestFirst ? asc(outboxMessage.id) : desc(outboxMessage.id))
    .limit(limit);
}

const eventNames: ReadonlySet<string> = new Set(
  Object.values(abi)
    .filter((value) => Array.isArray(value))
    .flat()
    .flatMap((entry) => (isEvent(entry) ? [entry.name] : [])),
);

function isEvent(entry: unknown): entry is { name: string } {
  return typeof entry === 'object' && entry !== null && 'type' in entry && entry.type === 'event' && 'name' in entry;
}

function notFound(): never {
  throw userError('NOT_FOUND', 'The account has no such webhook.');
}
