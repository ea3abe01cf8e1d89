import { createDatabase, migrate } from '@openledger/db';
import { deployment, relay } from '@openledger/db/app';
import { createTestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ActionError, enqueue, RelayConflictError, relayKey } from './index.ts';

const database = await createTestDatabase(inject('seededUrl'));
const { db, sql, close } = createDatabase({ url: database.url });
const genesisHash = `0x${'01'.repeat(32)}` as const;
const account = `0x${'aa'.repeat(20)}` as const;
const contribution = {
  contributor: account,
  datanetId: 2n ** 255n,
  contentHash: `0x${'0c'.repeat(32)}` as const,
  uri: 'ipfs://x',
  licenseId: `0x${'0d'.repeat(32)}` as const,
  rows: 3n,
};
const request = { action: 'submitContributionFor', payload: contribution, genesisHash, account } as const;

beforeAll(async () => {
  await migrate(database.url);
  await db.insert(deployment).values({ genesisHash, chainId: 31_337n });
});
afterAll(async () => {
  await close();
  await database.drop();
});

test('the same request is taken once, and answered with the row it made', async () => {
  const first = await enqueue(db, request);
  expect(first).toMatchObject({ taken: true, relay: { state: 'pending', payload: { datanetId: `${2n ** 255n}` } } });
  const second = await enqueue(db, request);
  expect(second).toEqual({ taken: false, relay: first.relay });
  expect(await db.$count(relay)).toBe(1);
});

test('a new signature for the same content is the same request', () => {
  const signed = (byte: string, deadline: bigint) =>
    relayKey({
      action: 'submitContributionWithSignature',
      payload: { ...contribution, deadline, signature: `0x${byte.repeat(65)}` },
      genesisHash,
    });
  expect(signed('01', 5n)).toBe(signed('02', 6n));
});

test('a key that stands for another action is refused', async () => {
  const key = { idempotencyKey: 'mine' };
  await enqueue(db, { ...request, ...key });
  const other = { ...request, ...key, payload: { ...contribution, rows: 4n } };
  await expect(enqueue(db, other)).rejects.toThrow(RelayConflictError);
});

test('a payload that does not fit says which field is wrong', async () => {
  const wrong = { ...request, payload: { ...contribution, rows: -1n, uri: 7 as unknown as string } };
  await expect(enqueue(db, wrong)).rejects.toThrow(ActionError);
  await expect(enqueue(db, wrong)).rejects.toThrow(
    'submitContributionFor: uri Invalid input: expected string, received number; rows must be between 0 and 2^64 - 1',
  );
});

test('a transaction that is taken back leaves nothing, and one that is committed is told of', async () => {
  const heard: unknown[] = [];
  const { unlisten } = await sql.listen('openledger_relay', (payload) => heard.push(JSON.parse(payload)));
  const once = { ...request, idempotencyKey: 'once' };
  await db
    .transaction(async (tx) => {
      await enqueue(tx, once);
      tx.rollback();
    })
    .catch(() => {});
  await enqueue(db, once);
  await db.update(relay).set({ state: 'failed', error: 'it was refused' });
  await expect
    .poll(() => heard.filter((each) => (each as { id: string }).id === 'once'))
    .toEqual([
      { id: 'once', state: 'pending', account },
      { id: 'once', state: 'failed', account },
    ]);
  await unlisten();
});
