import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase } from './client.ts';
import { contentHash, eraseContent, getContent, putContents } from './contents.ts';
import { migrate } from './migrate.ts';
import { createTestDatabase } from './testing.ts';

const database = await createTestDatabase(inject('postgresUrl'));
const connection = createDatabase({ url: database.url });
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(() => migrate(database.url));
afterAll(async () => {
  await connection.close();
  await database.drop();
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
