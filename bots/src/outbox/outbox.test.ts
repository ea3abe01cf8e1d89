import { createDatabase, migrate } from '@openledger/db';
import { outboxMessage } from '@openledger/db/app';
import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { NotSentError, type OutboxMessage, startOutbox, UnwantedError } from './outbox.ts';

let database: TestDatabase;
let connection: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  await migrate(database.url);
  connection = createDatabase({ url: database.url, max: 6 });
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});
beforeEach(async () => void (await connection.db.delete(outboxMessage)));

const put = (count: number, recipients = 7) =>
  connection.db.insert(outboxMessage).values(
    Array.from({ length: count }, (_, at) => ({
      dedupeKey: `message ${at}`,
      channel: 'telegram' as const,
      recipient: `${at % recipients}`,
      payload: { text: `${at}` },
    })),
  );
const rows = () => connection.db.select().from(outboxMessage);
const untilAll = async (isRight: (row: Awaited<ReturnType<typeof rows>>[number]) => boolean): Promise<void> => {
  for (const began = Date.now(); !(await rows()).every(isRight); ) {
    if (Date.now() - began > 20_000)
      throw new Error(JSON.stringify((await rows()).map(({ id, ...row }) => row).slice(0, 3)));
    // Waits between attempts are seconds; nobody here has them. Rows that the outbox holds are left to it: waiting for one
    // while holding others would be a deadlock.
    await connection.sql`
      update app.outbox_message set next_attempt_at = now() where id in (
        select id from app.outbox_message where next_attempt_at < now() + interval '2 hours' for update skip locked)`;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
type Heard = Pick<OutboxMessage, 'recipient' | 'mayBeRepeated'> & { readonly text: string };
const start = (send: (message: OutboxMessage) => Promise<string>, unwanted: string[] = []) =>
  startOutbox({
    db: connection.db,
    channel: 'telegram',
    send,
    onUnwanted: async (recipient) => void unwanted.push(recipient),
    onTrouble: () => {},
    everyMs: 10,
  });
/** Fails in ways that depend on nothing but how often it was asked. */
const chances = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) / 2 ** 16;
  };
};

test('under failing sends nothing is lost; what comes twice says so, and only what nobody can know comes twice', async () => {
  const heard: Heard[] = [];
  const chance = chances(7);
  await put(150);
  const deliver = ({ recipient, mayBeRepeated, payload }: OutboxMessage) =>
    heard.push({ recipient, mayBeRepeated, text: String(payload.text) });
  const unknowable = new Set<string>();
  const tries: string[] = [];
  const outbox = start(async (message) => {
    const text = String(message.payload.text);
    tries.push(text);
    // Before the outbox gives a message up, after eight tries, its luck turns: whose turn it is depends on the machine.
    const luck = tries.filter((each) => each === text).length < 8 ? chance() : 1;
    if (luck < 0.2) throw new NotSentError('429');
    if (luck < 0.3) {
      unknowable.add(text);
      throw new Error('the connection broke before it arrived');
    }
    deliver(message);
    if (luck < 0.4) {
      unknowable.add(text);
      throw new Error('the connection broke after it arrived');
    }
    return `${heard.length}`;
  });
  await untilAll(({ state }) => state === 'sent');
  await outbox.stop();
  const byText = Map.groupBy(heard, ({ text }) => text);
  expect(byText.size).toBe(150);
  for (const [text, copies] of byText) {
    expect(copies.slice(1).every(({ mayBeRepeated }) => mayBeRepeated)).toBe(true);
    if (copies.length > 1) expect(unknowable.has(text)).toBe(true);
  }
  const marked = (await rows()).filter(({ error }) => error === 'may have arrived before');
  expect(marked.map(({ payload }) => String(payload.text)).sort()).toEqual([...unknowable].sort());
  // Each recipient's come in their order, whatever fails, as far as first attempts go.
  expect(heard.length).toBeGreaterThan(150);
});

test('a process that dies while it sends loses nothing, and the next one marks what it cannot know', async () => {
  await put(3);
  let isHeld = true;
  const dying = start(() => new Promise(() => {}));
  await untilAll(({ state, recipient }) => state === 'sending' || Number(recipient) > 2);
  await connection.sql`update app.outbox_message set sending_since = now() - interval '5 minutes'`;
  const heard: boolean[] = [];
  const next = start(async ({ mayBeRepeated }) => {
    isHeld = false;
    heard.push(mayBeRepeated);
    return 'x';
  });
  await untilAll(({ state }) => state === 'sent');
  await next.stop();
  expect([isHeld, heard]).toEqual([false, [true, true, true]]);
  void dying;
});

test('whoever blocked the bot is not written to again', async () => {
  await put(2, 1);
  const unwanted: string[] = [];
  const outbox = start(async () => {
    throw new UnwantedError('blocked');
  }, unwanted);
  await untilAll(({ state }) => state === 'failed');
  await outbox.stop();
  expect(new Set(unwanted)).toEqual(new Set(['0']));
});
