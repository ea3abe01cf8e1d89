import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { passage, passageSource } from './app/index.ts';
import { chainRelations } from './chain/index.ts';
import { createDatabase } from './client.ts';
import { contentHash, eraseContent, getContent, putContents } from './contents.ts';
import { migrate } from './migrate.ts';
import { createTestDatabase } from './testing.ts';

const database = await createTestDatabase(inject('postgresUrl'));
const { db, close } = createDatabase({ url: database.url, relations: chainRelations });
const bytes = (text: string) => new TextEncoder().encode(text);

beforeAll(() => migrate(database.url));
afterAll(async () => {
  await close();
  await database.drop();
});

test('a body is found under the hash the chain knows it by, with where it is from', async () => {
  const body = bytes('the quick brown fox');
  const provenance = { source: 'a-package@1.0.0', author: 'Ada' };
  const [hash = ''] = await putContents(db, [{ mediaType: 'text/plain', body, license: 'MIT', provenance }]);
  expect(hash).toBe(contentHash(body));
  expect(await getContent(db, hash.toUpperCase().replace('0X', '0x'))).toEqual({
    hash,
    mediaType: 'text/plain',
    size: 19n,
    body: Buffer.from(body),
    externalUri: null,
    license: 'MIT',
    provenance,
    createdAt: expect.any(Date),
    erasedAt: null,
  });
  expect(await getContent(db, `0x${'00'.repeat(32)}`)).toBeUndefined();
});

test('keccak256 of the empty body is the well-known one', () => {
  expect(contentHash(bytes(''))).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
});

test('storing the same body again changes nothing, even twice at once', async () => {
  const body = bytes('twice');
  await putContents(db, [{ mediaType: 'text/plain', body }]);
  const again = { mediaType: 'text/markdown', body, provenance: { author: 'Mallory' } };
  await putContents(db, [again, again]);
  expect(await getContent(db, contentHash(body))).toMatchObject({ mediaType: 'text/plain', provenance: null });
});

test('more bodies than one statement takes are stored together, in a transaction or not at all', async () => {
  const many = Array.from({ length: 12_000 }, (_, i) => ({ mediaType: 'text/plain', body: bytes(`row ${i}`) }));
  await expect(
    db.transaction(async (tx) => {
      await putContents(tx, many);
      throw new Error('changed my mind');
    }),
  ).rejects.toThrow('changed my mind');
  expect(await getContent(db, contentHash(bytes('row 0')))).toBeUndefined();
  const hashes = await putContents(db, many);
  expect(await getContent(db, hashes[11_999]!)).toMatchObject({ size: 9n });
});

test('an erased body is gone for good, its hash and size are not', async () => {
  const body = bytes('please forget me');
  const [hash = ''] = await putContents(db, [{ mediaType: 'text/plain', body, provenance: { author: 'Ada' } }]);
  expect(await eraseContent(db, hash)).toBe(true);
  expect(await eraseContent(db, hash)).toBe(false);
  await putContents(db, [{ mediaType: 'text/plain', body }]);
  expect(await getContent(db, hash)).toMatchObject({
    body: null,
    provenance: null,
    size: 16n,
    erasedAt: expect.any(Date),
  });
});

test('with a body its passages are gone, which are found by what they say until then', async () => {
  const [hash] = await putContents(db, [{ mediaType: 'text/plain', body: bytes('Bees dance.\nThey sleep, too.') }]);
  await db.insert(passageSource).values({ contentHash: hash! });
  await db.insert(passage).values([
    { contentHash: hash!, row: 0, text: 'Bees dance.' },
    { contentHash: hash!, row: 1, text: 'They sleep, too.' },
  ]);
  const found = () =>
    db.select({ row: passage.row }).from(passage).where(sql`${passage.search} @@ to_tsquery('english', 'dancing')`);
  expect(await found()).toEqual([{ row: 0 }]);
  await eraseContent(db, hash!);
  expect(await found()).toEqual([]);
  expect(await db.select().from(passageSource).where(eq(passageSource.contentHash, hash!))).toEqual([]);
});
