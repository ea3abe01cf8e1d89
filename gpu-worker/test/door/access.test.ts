import { fileURLToPath } from 'node:url';
import { apiKey, inferenceRecord, inferenceTicket, receipt } from '@openledger/db/app';
import { datanetAccess } from '@openledger/db/chain';
import type { Hex } from '@openledger/protocol';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { errorOf } from './errorOf.ts';
import { newKey, newToken, sha256 } from './keys.ts';
import { datanetOwner, modelOwner, publish } from './published.ts';
import { recordOf } from './records.ts';
import { address, clientOf, hash, openStage, type Stage } from './stage.ts';

const folder = fileURLToPath(new URL('../../base', import.meta.url));
const reader = address(0x601);
const other = address(0x602);

let stage: Stage;
let adapters: Adapters;
let worker: Worker;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  adapters = await writeAdapters((await readBase(folder)).config, 3, 8);
  const [one, two, three] = adapters.fitting;
  await publish(stage.connection, { id: 1n, name: 'Open', adapter: one! });
  await publish(stage.connection, { id: 2n, name: 'Private', adapter: two!, isPrivate: true });
  await publish(stage.connection, { id: 3n, name: 'Draft', adapter: three!, status: 'draft' });
  await stage.connection.db.insert(datanetAccess).values({
    datanetId: 2n,
    grantee: reader,
    status: 'granted',
    purpose: 'research',
    expiresAt: 4_000_000_000n,
    createdBlock: 1n,
    createdAt: 1n,
    createdTx: hash(1),
    updatedBlock: 1n,
    updatedAt: 1n,
  });
  worker = await stage.start();
});
afterAll(async () => {
  await worker?.stop();
  await adapters?.remove();
  await stage?.close();
});

const keyOf = (account: Hex, more?: Partial<typeof apiKey.$inferInsert>) => newKey(stage, account, more);

const ticketOf = async (account: Hex, more: Partial<typeof inferenceTicket.$inferInsert> = {}) => {
  const token = newToken('olt_');
  await stage.connection.db.insert(inferenceTicket).values({
    hash: sha256(token),
    genesisHash: stage.manifest.genesisHash,
    account,
    worker: worker.address,
    expiresAt: new Date(Date.now() + 60_000),
    ...more,
  });
  return token;
};

const askWith = (token: string, model = 'open-1') =>
  clientOf(worker, token).completions.create({ model, prompt: 'x', max_tokens: 2 }).withResponse();

test('a key asks on its account’s name until it is revoked, and only with the right to', async () => {
  const { db } = stage.connection;
  const { token, id } = await keyOf(reader);
  const { response } = await askWith(token);
  expect(await recordOf(stage, response.headers.get('openledger-request-id'))).toMatchObject({
    payer: reader,
    apiKeyId: id,
    state: 'answered',
  });
  await db.update(apiKey).set({ revokedAt: new Date() }).where(eq(apiKey.id, id));
  const refused = { status: 401, type: 'authentication_error', code: 'invalid_api_key' };
  expect(await errorOf(askWith(token))).toMatchObject(refused);
  const expired = await keyOf(reader, { expiresAt: new Date(Date.now() - 1_000) });
  expect(await errorOf(askWith(expired.token))).toMatchObject(refused);
  for (const none of [newToken('olk_'), 'sk-something', 'olk_short', `ols_${'a'.repeat(43)}`]) {
    expect(await errorOf(askWith(none))).toMatchObject(refused);
  }
  const readOnly = await keyOf(reader, { scopes: ['read', 'admin'] });
  expect(await errorOf(askWith(readOnly.token))).toMatchObject({ status: 403, code: 'missing_scope' });
  const anonymous = await fetch(`${worker.url}/v1/models`);
  expect([anonymous.status, ((await anonymous.json()) as { error: { code: string } }).error.code]).toEqual([
    401,
    'missing_credentials',
  ]);
});

test('a ticket is good for one request, here, for a while, and only while its key is', async () => {
  const { db } = stage.connection;
  const ticket = await ticketOf(other);
  const tries = await Promise.allSettled(Array.from({ length: 6 }, () => askWith(ticket)));
  const answered = tries.filter(({ status }) => status === 'fulfilled');
  expect(answered).toHaveLength(1);
  const { response } = (answered[0] as PromiseFulfilledResult<Awaited<ReturnType<typeof askWith>>>).value;
  const record = await recordOf(stage, response.headers.get('openledger-request-id'));
  expect(record).toMatchObject({ payer: other, apiKeyId: null });

  const key = await keyOf(other);
  const refused = { status: 401, code: 'invalid_ticket' };
  expect(await errorOf(askWith(await ticketOf(other, { expiresAt: new Date() })))).toMatchObject(refused);
  expect(await errorOf(askWith(await ticketOf(other, { worker: address(7) })))).toMatchObject(refused);
  const ofKey = await ticketOf(other, { apiKeyId: key.id });
  await db.update(apiKey).set({ revokedAt: new Date() }).where(eq(apiKey.id, key.id));
  expect(await errorOf(askWith(ofKey))).toMatchObject(refused);
});

test('what one may not ask is as if it were not there', async () => {
  const who = { modelOwner, datanetOwner, reader, other };
  const keys = await Promise.all(Object.values(who).map((account) => keyOf(account)));
  const seen = await Promise.all(
    keys.map(async ({ token }) => (await clientOf(worker, token).models.list()).data.map(({ id }) => id)),
  );
  const everybody = ['openledger/base', 'open-1'];
  expect(Object.fromEntries(Object.keys(who).map((name, at) => [name, seen[at]]))).toEqual({
    modelOwner: [...everybody, 'private-2', 'draft-3'],
    datanetOwner: [...everybody, 'private-2'],
    reader: [...everybody, 'private-2'],
    other: everybody,
  });
  const { token } = keys[3]!;
  const there = await errorOf(askWith(token, 'private-2'));
  const nowhere = await errorOf(askWith(token, 'private-9'));
  expect(there).toEqual({ ...nowhere, message: nowhere.message.replace('private-9', 'private-2') });
  expect(there.status).toBe(404);
  expect((await askWith(keys[2]!.token, 'private-2@1')).data.model).toBe('private-2@1');

  const { connection } = stage;
  await connection.db.update(datanetAccess).set({ status: 'revoked' });
  await vi.waitFor(
    async () => expect(await errorOf(askWith(keys[2]!.token, 'private-2'))).toMatchObject({ status: 404 }),
    { timeout: 10_000, interval: 200 },
  );
});

test('a receipt is given to who paid, and is said to be missing while there is none', async () => {
  const [mine, theirs] = [await keyOf(reader), await keyOf(other)];
  const { response } = await askWith(mine.token);
  const requestId = response.headers.get('openledger-request-id')!;
  const read = async (id: string, { token }: { token: string }) => {
    const answer = await fetch(`${worker.url}/v1/receipts/${id}`, { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, await answer.text()] as const;
  };
  expect(await read(requestId, mine)).toEqual([404, expect.stringContaining('no receipt of this request yet')]);
  const body = '{"schema":"openledger.receipt/1"}';
  await stage.connection.db
    .insert(receipt)
    .values({ requestId: requestId as Hex, hash: hash(5), body, evidence: '{}' });
  expect(await read(requestId, mine)).toEqual([200, body]);
  for (const [id, who] of [
    [requestId, theirs],
    ['0x12', mine],
    [hash(3), mine],
  ] as const) {
    expect(await read(id, who)).toEqual([404, expect.stringContaining('request_not_found')]);
  }
});

test('nothing that is refused leaves a record', async () => {
  const { token } = await keyOf(address(0x603));
  await errorOf(askWith(token, 'private-2'));
  await errorOf(clientOf(worker, token).completions.create({ model: 'open-1', prompt: 'x', temperature: 9 }));
  const { db } = stage.connection;
  expect(await db.$count(inferenceRecord, eq(inferenceRecord.payer, address(0x603)))).toBe(0);
});

test('while the database is away it is said so, as something that passes', async () => {
  const { token } = await newKey(stage, reader);
  const { connection } = stage;
  await connection.sql`alter table app.api_key rename to api_key_away`;
  expect(await errorOf(askWith(token))).toMatchObject({ status: 503, code: 'database_unavailable' });
  await connection.sql`alter table app.api_key_away rename to api_key`;
  expect((await askWith(token)).response.status).toBe(200);
});
