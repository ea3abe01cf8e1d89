import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Connection, createDatabase, eraseContent, migrate, type NewContent, putContents } from '@openledger/db';
import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import type { Hex } from '@openledger/protocol';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import type { AdapterStore } from '../served.ts';
import { createAdapterStore } from './adapterStore.ts';
import { createReadingEngine } from './readingEngine.fixture.ts';
import { fixtures } from './store.fixture.ts';

let database: TestDatabase;
let connection: Connection;
let folder: string;
let store: AdapterStore;
let plain: { hash: Hex; config: Hex; tensors: Hex };

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  await migrate(database.url);
  connection = createDatabase({ url: database.url, max: 2 });
  folder = await mkdtemp(join(tmpdir(), 'openledger-contents-'));
  const [config, tensors] = await putContents(connection.db, [
    await fileOf('adapter_config.json', 'application/json'),
    await fileOf('adapter_model.safetensors', 'application/octet-stream'),
  ]);
  plain = { hash: await adapterHash(join(fixtures, 'plain')), config: config!, tensors: tensors! };
});
afterEach(() => store.close());
afterAll(async () => {
  await connection.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const fileOf = async (name: string, mediaType: string): Promise<NewContent> => ({
  mediaType,
  body: await readFile(join(fixtures, 'plain', name)),
});
const put = async (value: unknown): Promise<string> => {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  const [hash] = await putContents(connection.db, [{ mediaType: 'application/json', body }]);
  return `openledger:content/${hash}`;
};
const manifest = (changes: Record<string, unknown> = {}) => ({
  schema: 'openledger.adapter/1',
  files: { 'adapter_config.json': plain.config, 'adapter_model.safetensors': plain.tensors, ...changes },
});
/** Why the adapter does not come from a URI; undefined when it does. */
const refusal = async (uri: string, options: { withDatabase?: boolean } = {}): Promise<string | undefined> => {
  const { withDatabase = true } = options;
  const cacheDir = await mkdtemp(join(folder, 'cache-'));
  const engine = createReadingEngine();
  store = await createAdapterStore({ engine, cacheDir, ...(withDatabase && { db: connection.db }) });
  return store.acquire({ hash: plain.hash, uri }).then(
    () => undefined,
    ({ message }) => message.replace('The adapter cannot be fetched: ', ''),
  );
};

test('an adapter comes from the content store, by a manifest that names its two files', async () => {
  expect(await refusal(await put(manifest()))).toBeUndefined();
  expect(store.counts()).toMatchObject({ cold: 1, fetched: 1 });
});

test.each<[string, () => Promise<string>, RegExp]>([
  ['is not there', async () => `openledger:content/0x${'1'.repeat(64)}`, /\(the manifest\) is not in the store/],
  ['is no JSON', () => put('{'), /no manifest of an adapter \(openledger.adapter\/1\): .*JSON/],
  ['is of another kind', () => put({ schema: 'openledger.model/1', name: 'x' }), /expected "openledger.adapter\/1"/],
  ['names no hash', () => put(manifest({ 'adapter_config.json': '0x12' })), /must be keccak256 .* at files/s],
  [
    'names what is not there',
    () => put(manifest({ 'adapter_config.json': `0x${'2'.repeat(64)}` })),
    /\(adapter_config.json\) is not in the store/,
  ],
  ['is too large', () => put(JSON.stringify(manifest()).padEnd(20_000)), /has 20000 bytes; at most 10000 are fetched/],
  [
    'names another adapter',
    async () => put(manifest({ 'adapter_config.json': (await put('{"r":8}')).slice(-66) })),
    /have hash 0x.*; the chain says 0x/,
  ],
])('a manifest that %s is refused with words', async (_, uri, words) => {
  expect(await refusal(await uri())).toMatch(words);
});

test('a body that was erased, or became another one, is not served', async () => {
  const [erased] = await putContents(connection.db, [{ mediaType: 'text/plain', body: Buffer.from('erased') }]);
  await eraseContent(connection.db, erased!);
  expect(await refusal(await put(manifest({ 'adapter_config.json': erased })))).toMatch(/was erased/);
  await store.close();
  const [changed] = await putContents(connection.db, [{ mediaType: 'text/plain', body: Buffer.from('as it was') }]);
  await connection.sql`update app.content set body = 'otherwise' where hash = ${changed!}`;
  expect(await refusal(await put(manifest({ 'adapter_config.json': changed })))).toMatch(/is damaged in the store/);
});

test('without a database, a content is refused with words', async () => {
  expect(await refusal(await put(manifest()), { withDatabase: false })).toMatch(/has no content store/);
});
