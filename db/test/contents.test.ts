import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Connection,
  contentHash,
  createDatabase,
  eraseContent,
  getContent,
  migrate,
  putContents,
} from '../src/index.ts';
import { startTestDatabase, type TestDatabase } from '../src/testing.ts';

let server: TestDatabase;
let connection: Connection;
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(async () => {
  server = await startTestDatabase();
  const url = await server.create();
  // Several services start at once on a new database.
  await Promise.all([migrate(url), migrate(url), migrate(url)]);
  connection = createDatabase({ url });
});

afterAll(async () => {
  await connection?.close();
  await server?.stop();
});

test('a body is found under the hash the chain knows it by, with where it is from', async () => {
  const body = bytes('the quick brown fox');
  const provenance = { source: 'a-package@1.0.0', author: 'Ada', licence: 'MIT' };
  const hashes = await putContents(connection.db, [{ mediaType: 'text/plain', body, provenance }]);
  expect(hashes).toEqual([contentHash(body)]);
  expect(await getContent(connection.db, hashes[0]!.toUpperCase().replace('0X', '0x'))).toMatchObject({
    hash: hashes[0],
    mediaType: 'text/plain',
    size: 19n,
    provenance,
    erasedAt: null,
  });
  expect(Buffer.from((await getContent(connection.db, hashes[0]!))!.body!).toString()).toBe('the quick brown fox');
});

test('storing the same body again changes nothing', async () => {
  const body = bytes('twice');
  await putContents(connection.db, [{ mediaType: 'text/plain', body }]);
  await putContents(connection.db, [{ mediaType: 'text/markdown', body, provenance: { author: 'Mallory' } }]);
  expect(await getContent(connection.db, contentHash(body))).toMatchObject({
    mediaType: 'text/plain',
    provenance: null,
  });
});

test('an erased body is gone for good, its hash and size are not', async () => {
  const body = bytes('please forget me');
  const [hash] = await putContents(connection.db, [{ mediaType: 'text/plain', body, provenance: { author: 'Ada' } }]);
  expect(await eraseContent(connection.db, hash!)).toBe(true);
  expect(await eraseContent(connection.db, hash!)).toBe(false);
  await putContents(connection.db, [{ mediaType: 'text/plain', body }]);
  const { erasedAt, ...rest } = (await getContent(connection.db, hash!))!;
  expect(rest).toMatchObject({ body: null, provenance: null, size: 16n });
  expect(erasedAt).toBeInstanceOf(Date);
});
