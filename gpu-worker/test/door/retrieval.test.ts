import { fileURLToPath } from 'node:url';
import { eraseContent, putContents } from '@openledger/db';
import { intakeVerdict, retrievedPassage } from '@openledger/db/app';
import { contribution, datanet, datanetAccess, modelTraining } from '@openledger/db/chain';
import type { Hex } from '@openledger/protocol';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import { withPassages } from '../../src/serving/retrieval/index.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { errorOf } from './errorOf.ts';
import { newKey } from './keys.ts';
import { datanetOwner, modelOwner, publish } from './published.ts';
import { address, clientOf, hash, openStage, type Stage } from './stage.ts';

const { config, tokenizer } = await readBase(fileURLToPath(new URL('../../base', import.meta.url)));
const [reader, alice, mallory, keeper] = [address(0x901), address(0x903), address(0x904), address(0x905)];
const [open, closed, other, attic] = [21n, 22n, 23n, 24n];
const provenance = { createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n };

let stage: Stage;
let adapters: Adapters;
let worker: Worker;

type Given = { id: bigint; datanetId: bigint; contributor: Hex; body: string; status?: 'accepted' | 'pending' };

/** Puts a contribution on chain, as the indexer would write it, and what it holds beside. */
const contribute = async ({ id, datanetId, contributor, body, status = 'accepted' }: Given): Promise<Hex> => {
  const { db } = stage.connection;
  const [contentHash] = await putContents(db, [{ mediaType: 'text/plain', body: Buffer.from(body) }]);
  await db.insert(contribution).values({
    ...{ id, datanetId, contributor, relayer: contributor, contentHash: contentHash!, uri: '', licenseId: hash(2) },
    ...{ rows: 1n, bond: 0n, status, score: 0n, attributed: 0n },
    ...provenance,
  });
  return contentHash!;
};

const bees = 'Bees dance in the hive to tell each other where the flowers are that they found.';
const copied = 'Bees dance inside the hive to tell each other where the flowers are that they found.';

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  const { db } = stage.connection;
  adapters = await writeAdapters(config, 2, 8);
  await publish(stage.connection, { id: 1n, name: 'Keeper', adapter: adapters.fitting[0]! });
  await publish(stage.connection, { id: 2n, name: 'Cellarer', adapter: adapters.fitting[1]! });
  for (const id of [open, closed, other, attic]) {
    await db.insert(datanet).values({
      ...{
        id,
        owner: id === attic ? keeper : datanetOwner,
        name: `datanet ${id}`,
        uri: '',
        uriHash: hash(3),
        status: 'active',
      },
      visibility: id === closed || id === attic ? 'private' : 'public',
      ...{ minBond: 0n, scoreThreshold: 0n, quorum: 1, reviewWindow: 0n, rows: 0n, attributed: 0n },
      ...provenance,
    });
  }
  const trained = { modelVersion: 1, datanetVersion: 1, dataRoot: hash(4), ...provenance };
  await db
    .insert(modelTraining)
    .values([
      { modelId: 1n, datanetId: open, ...trained },
      ...[open, closed, attic].map((datanetId) => ({ modelId: 2n, datanetId, ...trained })),
    ]);
  const granted = { grantee: reader, status: 'granted' as const, purpose: 'reading', ...provenance };
  await db.insert(datanetAccess).values([
    { datanetId: closed, expiresAt: 4_000_000_000n, ...granted },
    { datanetId: attic, expiresAt: 4_000_000_000n, ...granted },
    // It ended.
    { datanetId: closed, expiresAt: 1_000n, ...granted, grantee: keeper },
  ]);
  const rows = ['{"question":"What do wasps build?","answer":"Wasps build nests of paper."}', bees].join('\n');
  await contribute({ id: 3n, datanetId: open, contributor: alice, body: rows });
  await contribute({ id: 4n, datanetId: open, contributor: mallory, body: `${copied}\n${bees}` });
  await contribute({ id: 5n, datanetId: open, contributor: alice, status: 'pending', body: 'Bees hum while waiting.' });
  await contribute({ id: 6n, datanetId: other, contributor: alice, body: 'Bees of another datanet dance, too.' });
  await contribute({ id: 11n, datanetId: attic, contributor: alice, body: 'An attic above the cellar.' });
  // A private text, and somebody who puts its hash where everybody may read.
  const secret = await contribute({
    id: 7n,
    datanetId: closed,
    contributor: alice,
    body: 'Bees keep a secret cellar.',
  });
  await contribute({ id: 8n, datanetId: open, contributor: mallory, body: 'Bees keep a secret cellar.' });
  // It tells the database of which chain it is.
  worker = await stage.start({ WORKER_ACCESS: 'open' });
  await db.insert(intakeVerdict).values({
    ...{ genesisHash: stage.manifest.genesisHash, datanetId: closed, contributor: alice, contentHash: secret },
    ...{ outcome: 'accept', findings: [], rules: 'test' },
  });
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await adapters?.remove();
  await stage?.close();
});

const messages = [{ role: 'user' as const, content: 'Why do bees dance?' }];

/** What the official client sends, with a field that it does not know. */
const asked = (retrieval: unknown, more: object = {}) =>
  ({ model: 'keeper-1', messages, max_tokens: 4, temperature: 0, retrieval, ...more }) as never;

type Found = { retrieval: { passages: { datanet: string; contribution: string; row: number; text: string }[] } };

const ask = async (retrieval: unknown, key = 'nothing', more: object = {}) => {
  const answer = await clientOf(worker, key).chat.completions.create(asked(retrieval, more));
  const { passages } = (answer as unknown as Found).retrieval;
  return { answer: answer as { usage: { prompt_tokens: number } }, passages, texts: passages.map(({ text }) => text) };
};

const placesOf = ({ passages }: Awaited<ReturnType<typeof ask>>) =>
  passages.map(({ contribution, row }) => `${contribution}/${row}`);

test('a model is given passages of what it was trained on, of copies the first, and says which; all of it is recorded', async () => {
  const { data, response } = await clientOf(worker).chat.completions.create(asked(true)).withResponse();
  const { retrieval, usage } = data as unknown as Found & { usage: { prompt_tokens: number } };
  expect(retrieval.passages).toEqual([
    { datanet: '21', contribution: '3', content_hash: expect.stringMatching(/^0x/), row: 1, text: bees },
  ]);
  const given = withPassages(messages, [bees]).map(({ role, content }) =>
    role === 'user' ? `Question: ${content}\n` : `${content}\n`,
  );
  const prompt = tokenizer.encode(`<s>${given.join('')}Answer:`, { withSpecial: false });
  expect(usage.prompt_tokens).toBe(prompt.length);
  const requestId = response.headers.get('openledger-request-id') as Hex;
  const logged = await stage.connection.db
    .select()
    .from(retrievedPassage)
    .where(eq(retrievedPassage.requestId, requestId));
  expect(logged).toMatchObject([{ requestId, place: 0, datanetId: open, contributionId: 3n, row: 1 }]);
});

test('a stream says first which passages the model was given', async () => {
  const stream = await clientOf(worker).chat.completions.create(
    asked({ query: 'wasps and their nests' }, { stream: true }) as { stream: true } & never,
  );
  const chunks: object[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<object>) chunks.push(chunk);
  expect(chunks[0]).toMatchObject({
    choices: [],
    retrieval: { passages: [{ contribution: '3', row: 0, text: 'What do wasps build?\nWasps build nests of paper.' }] },
  });
  expect(chunks.slice(1).some((chunk) => 'retrieval' in chunk)).toBe(false);
});

test('passages of a private datanet are for its owner and who was granted access, as long as that lasts', async () => {
  const query = { query: 'the secret cellar' };
  const [ofModelOwner, ofOwner, ofKeeper, ofReader] = await Promise.all(
    [modelOwner, datanetOwner, keeper, reader].map(async (account) => (await newKey(stage, account)).token),
  );
  const places = async (retrieval: object, key = 'nothing', model = 'cellarer-2') =>
    placesOf(await ask(retrieval, key, { model }));
  expect(await places(query, 'nothing', 'keeper-1')).toEqual([]);
  expect(await places(query, ofModelOwner)).toEqual([]);
  expect(await places(query, ofOwner)).toEqual(['7/0']);
  expect(await places(query, ofKeeper)).toEqual(['11/0']);
  expect((await places(query, ofReader)).toSorted()).toEqual(['11/0', '7/0']);
  expect(await places({ ...query, datanet: '22' }, ofReader)).toEqual(['7/0']);
  expect(await errorOf(places({ datanet: 22 }, ofKeeper))).toMatchObject({
    ...{ status: 400, code: 'datanet_not_found', param: 'retrieval.datanet' },
    message: expect.stringContaining('was not trained on a datanet 22 that you may read: ask for one of 21, 24.'),
  });
});

test('what is accepted later is found, and what is erased or taken back is not', async () => {
  const query = { query: 'moths around a lantern' };
  expect(placesOf(await ask(query))).toEqual([]);
  const contentHash = await contribute({
    id: 9n,
    datanetId: open,
    contributor: alice,
    body: 'Moths circle a lantern.',
  });
  expect(placesOf(await ask(query))).toEqual(['9/0']);
  const { db } = stage.connection;
  await db.update(contribution).set({ status: 'revoked' }).where(eq(contribution.id, 9n));
  expect(placesOf(await ask(query))).toEqual([]);
  await db.update(contribution).set({ status: 'accepted' }).where(eq(contribution.id, 9n));
  await eraseContent(db, contentHash);
  expect(placesOf(await ask(query))).toEqual([]);
});

test('of passages that do not fit beside the answer, the beginnings of the best are given', async () => {
  const words = (at: number) => Array.from({ length: 60 }, (_, place) => `w${at}x${place}`).join(' ');
  const body = Array.from({ length: 30 }, (_, at) => `Orchids ${words(at)}`).join('\n');
  await contribute({ id: 10n, datanetId: open, contributor: alice, body });
  const { answer, texts } = await ask({ query: 'orchids', passages: 16 }, 'nothing', { max_tokens: 200 });
  expect(texts.length).toBeGreaterThan(0);
  expect(texts.length).toBeLessThan(16);
  for (const text of texts) expect(body).toContain(`${text} `);
  expect(answer.usage.prompt_tokens).toBeLessThanOrEqual(512 - 200);
});

test('words that mean something to the search itself are words', async () => {
  for (const query of ["'", "\\'", "bees & !hive | (dance:*) <-> 'x", '\\', ':*', '\u0000 bees']) {
    expect((await ask({ query })).passages).toBeInstanceOf(Array);
  }
});

test.each<[string, unknown, object, string]>([
  [
    'a datanet that the model was not trained on',
    { datanet: '23' },
    {},
    'was not trained on a datanet 23 that you may read',
  ],
  ['no datanet', { datanet: 'bees' }, {}, 'must be the number of a datanet'],
  ['too many passages', { passages: 17 }, {}, 'retrieval.passages must be 16 or less'],
  ['a field that is none', { datenet: '21' }, {}, 'may have the fields datanet, passages and query'],
  ['the base alone', true, { model: 'openledger/base' }, 'was trained on no datanet that you may read'],
])('refuses %s, and says what would be right', async (_, retrieval, more, message) => {
  expect(await errorOf(ask(retrieval, 'nothing', more))).toMatchObject({
    status: 400,
    message: expect.stringContaining(message),
  });
});

test('texts that are gone on with are given no passages', async () => {
  const body = { model: 'keeper-1', prompt: 'Bees', max_tokens: 2, retrieval: true };
  expect(await errorOf(clientOf(worker).completions.create(body as never))).toMatchObject({
    status: 400,
    param: 'retrieval',
    message: expect.stringContaining('is for conversations: ask /v1/chat/completions'),
  });
});
