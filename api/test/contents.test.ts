import { createDatabase, putContents } from '@openledger/db';
import type { TestDatabase } from '@openledger/db/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createWritableDatabase } from './account.ts';
import { startApi, type TestApi } from './client.ts';
import { hash } from './world.ts';

let database: TestDatabase;
let api: TestApi;
let app: ReturnType<typeof createDatabase>;
let [open, closed]: readonly bigint[] = [];
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  app = createDatabase({ url: database.url, max: 2 });
  api = await startApi(database.url);
  // One model on a public datanet, one on a private one; all else would say the same again.
  const [first, second] = await app.sql<{ id: bigint }[]>`select id from chain.datanet order by id limit 2`;
  [open, closed] = [first!.id, second!.id];
  await app.sql`update chain.datanet set visibility = case when id = ${String(closed)}::numeric then 'private' else 'public' end`;
});
afterAll(async () => {
  await api.stop();
  await app.close();
  await database.drop();
});

const keep = async (body: string, mediaType = 'application/json') => {
  const [stored] = await putContents(app.db, [{ mediaType, body: Buffer.from(body) }]);
  return stored!;
};
const get = (stored: string) => fetch(`${api.url}/content/${stored}`);
const statusOf = async (stored: string) => (await get(stored)).status;

test('what is given to a public datanet and accepted is for everybody; what waits, or is private, is not', async () => {
  const [accepted, waiting, hidden] = [await keep('"a"'), await keep('"b"'), await keep('"c"')];
  const put = (id: number, content: string, datanet: bigint, status: string) =>
    app.sql`update chain.contribution set content_hash = ${content}, datanet_id = ${String(datanet)}::numeric, status = ${status} where id = ${id}`;
  await put(1, accepted, open!, 'accepted');
  await put(2, waiting, open!, 'pending');
  await put(3, hidden, closed!, 'accepted');
  expect([await statusOf(accepted), await statusOf(waiting), await statusOf(hidden)]).toEqual([200, 404, 404]);
  const response = await get(accepted);
  expect(await response.text()).toBe('"a"');
  expect(response.headers.get('content-disposition')).toContain('attachment');
  expect(response.headers.get('content-security-policy')).toContain('sandbox');
});

test('a version’s files are for everybody down to their last piece, where it was trained on public datanets alone', async () => {
  const piece = await keep('piece', 'application/octet-stream');
  const spans = await keep(JSON.stringify({ segments: [{ hash: piece }] }));
  const gradients = await keep('gradients', 'application/octet-stream');
  const record = await keep(JSON.stringify({ schema: 'openledger.attribution/1', files: { gradients, spans } }));
  const manifest = await keep(JSON.stringify({ schema: 'openledger.training/1', attribution: record }));
  const stranger = await keep('something else');
  const [version] = await app.sql<{ model: bigint; version: number }[]>`
    select model_id as model, model_version as version from chain.model_training order by 1, 2 limit 1`;
  const which = [String(version!.model), version!.version] as const;
  // Of all trainings of the model this one, on one datanet.
  await app.sql`delete from chain.model_training where model_id = ${which[0]}::numeric and ctid <> (
    select min(ctid) from chain.model_training where model_id = ${which[0]}::numeric and model_version = ${which[1]})`;
  const trainOn = (datanet: bigint) =>
    app.sql`update chain.model_training set datanet_id = ${String(datanet)}::numeric where model_id = ${which[0]}::numeric`;
  await trainOn(closed!);
  await app.sql`update chain.model_version set manifest_hash = ${manifest} where model_id = ${which[0]}::numeric and version = ${which[1]}`;
  const all = [manifest, record, gradients, spans, piece];
  for (const each of all) expect(await statusOf(each)).toBe(404);
  await trainOn(open!);
  for (const each of all) expect(await statusOf(each)).toBe(200);
  expect(await statusOf(stranger)).toBe(404);
});

test('what is asked for in no way that there is gets words that help, and nothing tells whether a hidden content exists', async () => {
  const wrong = await fetch(`${api.url}/content/0x12`);
  expect([wrong.status, await wrong.json()]).toEqual([
    400,
    { errors: [{ message: expect.stringContaining('64 hex digits'), extensions: { code: 'BAD_USER_INPUT' } }] },
  ]);
  const hidden = await keep('"nobody names it"');
  const [one, other] = [await (await get(hidden)).json(), await (await get(hash(77))).json()];
  const plain = (answer: object) => JSON.stringify(answer).replace(/0x[0-9a-f]{64}/g, '0x');
  expect(plain(one)).toBe(plain(other));
  expect((await fetch(`${api.url}/content/${hidden}`, { method: 'POST' })).status).toBe(400);
});
