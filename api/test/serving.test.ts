import type { TestDatabase } from '@openledger/db/testing';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createWritableDatabase, signIn } from './account.ts';
import { manifest, startApi, type TestApi } from './client.ts';
import { startWorker, type TestWorker } from './worker.ts';
import { address, hash } from './world.ts';

let database: TestDatabase;
let sql: postgres.Sql;
let api: TestApi;
let worker: TestWorker;
let gone: TestWorker;
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
  api = await startApi(database.url);
  worker = await startWorker(sql, address(10));
  gone = await startWorker(sql, address(11));
  await sql`update app.worker set last_seen_at = now() - interval '5 minutes' where address = ${gone.address}`;
  const holds = (by: string, modelId: number, version: number, state: string, more: object = {}) =>
    sql`insert into app.worker_adapter ${sql({
      ...{
        genesis_hash: hash(0),
        worker: by,
        model_id: modelId,
        model_version: version,
        adapter_hash: hash(400),
        state,
      },
      ...more,
    })}`;
  await holds(worker.address, 1, 1, 'loaded', {
    ...{ pinned: true, bytes: 270_000, running: 2, fetch_ms: 40, load_ms: 3, last_used_at: '2026-11-20T10:00:00Z' },
  });
  await holds(worker.address, 1, 2, 'failed', { error: 'Its hash is another.' });
  await holds(worker.address, 2, 1, 'stored', { bytes: 90_000 });
  await holds(gone.address, 1, 1, 'loaded', { last_used_at: '2026-11-21T10:00:00Z' });
});
afterAll(async () => {
  await api.stop();
  await Promise.all([worker.stop(), gone.stop(), sql.end()]);
  await database.drop();
});

test('a model, its versions and deployments say where they are served now, and how', async () => {
  const answer = await api.data(`{
    model(id: 1) { serving { workerAddress version state isOnline } }
    modelVersion(modelId: 1, version: 1) { serving {
      worker { address } isOnline state pinned bytes running fetchMs loadMs lastUsedAt error } }
    broken: modelVersion(modelId: 1, version: 2) { serving { state error } }
    deployments(orderBy: [{ field: MODEL_ID, direction: ASC }, { field: CREATED_AT, direction: ASC }]) {
      nodes { modelId workerAddress active live { state isOnline } } } }`);
  expect(answer).toMatchSnapshot();
});

test('it takes as many statements for many rows as for one', async () => {
  const count = async (first: number) => {
    api.statements();
    await api.data(`{ models(first: ${first}) { nodes { serving { state worker { address } } } }
      workers(first: ${first}) { nodes { live { running tokensPerSecond adapters { state } } } }
      deployments(first: ${first}) { nodes { live { state } } } }`);
    return api.statements().length;
  };
  expect(await count(4)).toBe(await count(2));
});

test('a worker says how busy it is: newest figures, and tokens a second across a restart of its counters', async () => {
  const sample = (metric: string, value: number, secondsAgo: number, model = 'a') =>
    sql`insert into app.telemetry_sample (worker, metric, labels, value, taken_at)
      values (${worker.address}, ${metric}, ${sql.json({ model })}, ${value}, now() - make_interval(secs => ${secondsAgo}))`;
  for (const [value, secondsAgo] of [
    [99_999, 300],
    [1000, 90],
    [1600, 60],
    [0, 30],
    [300, 0],
  ] as const) {
    await sample('vllm:generation_tokens_total', value, secondsAgo);
  }
  await sample('vllm:num_requests_running', 9, 40);
  await sample('vllm:num_requests_running', 3, 5);
  await sample('vllm:num_requests_running', 2, 5, 'b');
  await sample('vllm:num_requests_waiting', 1, 90);
  const { worker: told } = await api.data<{ worker: { live: { adapters: unknown[]; tokensPerSecond: number } } }>(
    `{ worker(address: "${worker.address}") { live { isOnline running waiting tokensPerSecond adapters { modelId version state } } } }`,
  );
  expect(told.live).toEqual({
    isOnline: true,
    running: 5,
    waiting: null,
    tokensPerSecond: expect.closeTo((600 + 0 + 300) / 90, 0),
    adapters: [
      { modelId: '1', version: 1, state: 'LOADED' },
      { modelId: '1', version: 2, state: 'FAILED' },
      { modelId: '2', version: 1, state: 'STORED' },
    ],
  });
});

test('the message to sign for a voucher is the one that the escrow takes; what stands and was settled is beside it', async () => {
  const payer = await signIn(api);
  const account = payer.account.address.toLowerCase();
  await sql`insert into app.voucher (genesis_hash, payer, worker, cumulative_amount, committed, expires_at, signature)
    values (${hash(0)}, ${account}, ${worker.address}, 700, 650, now() + interval '1 day', '0x00')`;
  await sql`update chain.inference set payer = ${account} where request_id in (${hash(5001)}, ${hash(5002)})`;
  const query = `{ voucherIntent(worker: "${worker.address}", cumulativeAmount: "900", expiry: "2027-01-01T00:00:00Z") {
    typedData { domain primaryType message } expiry settled standing committed } }`;
  const { voucherIntent } = await payer.data<{ voucherIntent: object }>(query);
  expect(voucherIntent).toEqual({
    typedData: {
      domain: {
        name: 'OpenLedger InferenceEscrow',
        version: '1',
        chainId: 31337,
        verifyingContract: manifest.contracts.InferenceEscrow,
      },
      primaryType: 'Voucher',
      message: { payer: account, worker: worker.address, cumulativeAmount: '900', expiry: '1798761600' },
    },
    expiry: '2027-01-01T00:00:00Z',
    settled: (5n * 10n ** 18n).toString(),
    standing: '700',
    committed: '650',
  });
  const unknown = await payer.ask(query.replace(worker.address, address(77)));
  expect(unknown.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});
