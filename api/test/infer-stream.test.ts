import type { TestDatabase } from '@openledger/db/testing';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createWritableDatabase, type SignedIn, signIn } from './account.ts';
import { startApi, type TestApi, unlimited } from './client.ts';
import { type Message, subscribe, type TestStream } from './live.ts';
import { requestIdOfWorker, startWorker, type TestWorker, words } from './worker.ts';
import { address } from './world.ts';

let database: TestDatabase;
let sql: postgres.Sql;
let api: TestApi;
let payer: SignedIn;
let one: TestWorker;
let two: TestWorker;
const streams: TestStream[] = [];
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
  one = await startWorker(sql, address(10));
  two = await startWorker(sql, address(11));
});
afterAll(async () => {
  await Promise.all([one.stop(), two.stop(), sql.end()]);
  await database.drop();
});
beforeEach(async () => {
  api = await startApi(database.url);
  payer = await signIn(api);
  one.manner = 'right';
  two.manner = 'right';
  one.hungUp = 0;
  one.asked.length = 0;
  two.asked.length = 0;
  await sql`update app.worker set last_seen_at = now()`;
});
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.drop();
  await api.stop();
});

const STREAM = `subscription($input: InferInput!) { inferStream(input: $input) {
  requestId text answer { text finishReason inputTokens outputTokens version workerAddress worker { endpoint } } } }`;
const question = { modelId: '1', worker: address(10), messages: [{ role: 'USER', content: 'What does & do?' }] };
const stream = async (input: object = {}, token: string | null = payer.token) => {
  const opened = await subscribe(
    api.url,
    STREAM,
    { input: { ...question, ...input } },
    token === null ? {} : { authorization: `Bearer ${token}` },
  );
  streams.push(opened);
  return opened;
};
/** All messages of a stream, to its end. */
const all = async (opened: TestStream) => {
  const messages: Message[] = [];
  for (let next = await opened.next(); next; next = await opened.next()) messages.push(next);
  return messages;
};
const audit = () =>
  payer.data('{ auditLog(first: 1) { nodes { action subject outcome code } } }').then(({ auditLog }) => auditLog);

test('an answer is told as it comes, and whole at its end', async () => {
  const messages = (await all(await stream())).map(({ data }) => data.inferStream);
  expect(messages.map(({ text }) => text).join('')).toBe(words.join(''));
  expect(messages.slice(0, -1).every(({ answer, text }) => answer === null && text !== '')).toBe(true);
  expect(messages.at(-1)).toEqual({
    requestId: requestIdOfWorker,
    text: '',
    answer: {
      text: words.join(''),
      finishReason: 'STOP',
      inputTokens: 11,
      outputTokens: 5,
      version: 1,
      workerAddress: one.address,
      worker: { endpoint: 'https://worker-1.example' },
    },
  });
  expect(await audit()).toEqual({
    nodes: [{ action: 'inferStream', subject: `Inference:${requestIdOfWorker}`, outcome: 'DONE', code: null }],
  });
});

test('the first of it comes before the rest is there; hanging up ends the work at the worker', async () => {
  one.manner = 'endless';
  const opened = await stream();
  const [first] = await opened.take(1);
  expect(first!.data.inferStream).toMatchObject({ text: words[0], answer: null });
  opened.drop();
  await expect.poll(() => one.hungUp).toBe(1);
  await expect
    .poll(audit)
    .toMatchObject({ nodes: [{ subject: `Inference:${requestIdOfWorker}`, outcome: 'DONE', code: null }] });
});

test('what goes wrong is told in the stream, and noted: before the answer, and in its middle', async () => {
  one.manner = 'busy';
  expect(await all(await stream())).toMatchObject([
    { errors: [{ extensions: { code: 'MODEL_BUSY', retryAfter: 7 } }] },
  ]);
  expect(await audit()).toMatchObject({ nodes: [{ outcome: 'REFUSED', code: 'MODEL_BUSY' }] });
  one.manner = 'cut';
  const [piece, failure] = await all(await stream());
  expect(piece).toMatchObject({ data: { inferStream: { text: words[0] } } });
  expect(failure).toMatchObject({
    errors: [{ message: 'The answer of model 1 broke off after 6 characters: ask again.' }],
  });
});

test('a server that stops lets answers end, and ends those that do not', async () => {
  one.manner = 'endless';
  const opened = await stream();
  await opened.take(1);
  const stopping = api.stop();
  const [last] = await all(opened);
  expect(last).toMatchObject({ errors: [{ extensions: { code: 'STREAM_ENDED' } }] });
  await stopping;
  expect(one.hungUp).toBe(1);
  api = await startApi(database.url);
});

test('nobody asks by following a link: only POST asks, and only an account', async () => {
  const query = 'subscription { inferStream(input: { modelId: 1, prompt: "x" }) { text } }';
  const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${payer.token}` },
  });
  expect(await response.text()).toContain('BAD_REQUEST');
  const [refused] = await all(await stream({}, null));
  expect(refused).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  expect([...one.asked, ...two.asked]).toEqual([]);
});

test('asking spends a mutation, however it is written', async () => {
  await api.stop();
  api = await startApi(database.url, { budgets: { ...unlimited, writes: { ...unlimited.writes, session: 2 } } });
  await all(await stream());
  const inFragment = `subscription($input: InferInput!) { ...Ask } fragment Ask on Subscription { a: inferStream(input: $input) { text } }`;
  const headers = { authorization: `Bearer ${payer.token}` };
  const opened = await subscribe(api.url, inFragment, { input: question }, headers);
  streams.push(opened);
  expect((await all(opened)).length).toBeGreaterThan(0);
  const [refused] = await all(await stream());
  expect(refused).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  expect(one.asked.length).toBe(2);
});
