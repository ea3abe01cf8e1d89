import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { promisify } from 'node:util';
import type { TestDatabase } from '@openledger/db/testing';
import postgres from 'postgres';
import { keccak256, toHex } from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createWritableDatabase, type SignedIn, signIn } from './account.ts';
import { freePort } from './chain.ts';
import { manifest, startApi, type TestApi } from './client.ts';
import { subscribe } from './live.ts';

const execute = promisify(execFile);
const gpuWorker = new URL('../../gpu-worker/', import.meta.url);
/** An adapter for the shipped base, as peft reads it. */
const adapterFolder = new URL('fixtures/written/base/', gpuWorker);
const key = generatePrivateKey();
const worker = privateKeyToAccount(key).address.toLowerCase();
const payerKey = generatePrivateKey();

let database: TestDatabase;
let sql: postgres.Sql;
let api: TestApi;
let payer: SignedIn;
let apiKey: string;
let child: ChildProcess;
/** Inside the repository, so that the examples find their packages. */
let examples: string;
let folder: string;
let log = '';

/** By which an adapter is published: keccak256 of the lines that `sha256sum` prints for its two files. */
async function adapterHash(): Promise<string> {
  const lines = await Promise.all(
    ['adapter_config.json', 'adapter_model.safetensors'].map(async (name) => {
      const digest = createHash('sha256').update(await readFile(new URL(name, adapterFolder)));
      return `${digest.digest('hex')}  ${name}\n`;
    }),
  );
  return keccak256(toHex(lines.join('')));
}

beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
  folder = await mkdtemp(join(tmpdir(), 'openledger-infer-'));
  examples = await mkdtemp(new URL('.docs-', import.meta.url).pathname);
  await writeFile(join(folder, 'contracts.json'), JSON.stringify(manifest));
  // The worker of the world gives its model 1 to ours, which is free and trained on public data.
  await sql`update chain.deployment set worker = ${worker} where model_id = 1 and worker = ${`0x${'0'.repeat(38)}0a`}`;
  await sql`update chain.deployment set active = false where worker <> ${worker}`;
  await sql`update chain.worker set address = ${worker} where address = ${`0x${'0'.repeat(38)}0a`}`;
  await sql`update chain.model set in_per1k = 0, out_per1k = 0, base_model_id = ${keccak256(toHex('openledger/base'))}`;
  await sql`delete from chain.model_training`;
  await sql`update chain.model_version set adapter_hash = ${await adapterHash()}, adapter_uri = ${adapterFolder.href}
    where model_id = 1 and version = 1`;
  const port = await freePort();
  const spawned = spawn(process.execPath, [new URL('src/main.ts', gpuWorker).pathname], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database.url,
      CHAIN_RPC_URL: 'http://127.0.0.1:9',
      CONTRACTS_FILE: join(folder, 'contracts.json'),
      WORKER_KEY: key,
      WORKER_PORT: String(port),
      WORKER_THREADS: '1',
      WORKER_ROWS: '4',
      WORKER_CACHE_DIR: join(folder, 'adapters'),
      WORKER_ALLOW_FILES: 'on',
      LOG_LEVEL: 'info',
    },
  });
  child = spawned;
  for (const stream of [spawned.stdout!, spawned.stderr!]) {
    stream.setEncoding('utf8').on('data', (text) => {
      log += text;
    });
  }
  api = await startApi(database.url);
  payer = await signIn(api, privateKeyToAccount(payerKey));
  const made = await payer.data<{ createApiKey: { token: string } }>(
    'mutation { createApiKey(name: "k", scopes: [READ, INFER]) { token } }',
  );
  apiKey = made.createApiKey.token;
  const ready = async () => {
    if (spawned.exitCode !== null) throw new Error(`the worker ended: ${log}`);
    const [row] = await sql`select from app.worker where address = ${worker} and state = 'ready'`;
    return row !== undefined;
  };
  while (!(await ready())) await sleep(200);
});
afterAll(async () => {
  await kill('SIGKILL');
  await api?.stop();
  await sql?.end();
  await database?.drop();
  await Promise.all([folder, examples].map((each) => rm(each, { recursive: true, force: true })));
});

async function kill(signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}

const INFER = `mutation($input: InferInput!) { infer(input: $input) {
  requestId text finishReason inputTokens outputTokens fee modelId version workerAddress worker { address } } }`;
type Inferred = { infer: { requestId: string; text: string; fee: string; outputTokens: number; inputTokens: number } };
const question = {
  modelId: '1',
  messages: [{ role: 'USER', content: 'How do I install it?' }],
  maxTokens: 12,
  seed: 7,
};
const infer = (input: object = {}) => payer.data<Inferred>(INFER, { input: { ...question, ...input } });

test('an adapter is asked through the API; its worker records who asked, and what was used', async () => {
  const { infer: answer } = await infer();
  expect(answer).toMatchObject({
    fee: '0',
    modelId: '1',
    version: 1,
    workerAddress: worker,
    worker: { address: worker },
  });
  expect(answer.outputTokens).toBeGreaterThan(0);
  const [row] = await sql`select * from app.inference_record where request_id = ${answer.requestId}`;
  expect(row).toMatchObject({
    state: 'answered',
    payer: payer.account.address.toLowerCase(),
    model_id: '1',
    model_version: 1,
    adapter_hash: await adapterHash(),
    in_tokens: answer.inputTokens,
    out_tokens: answer.outputTokens,
    output_hash: keccak256(toHex(answer.text)),
  });
  const live =
    '{ modelVersion(modelId: 1, version: 1) { serving { state isOnline worker { live { state backend } } } } }';
  await expect
    .poll(async () => (await api.data<{ modelVersion: object }>(live)).modelVersion, { timeout: 15_000 })
    .toEqual({
      serving: [{ state: 'LOADED', isOnline: true, worker: { live: { state: 'READY', backend: 'onnx-cpu' } } }],
    });
});

test('how busy workers are is measured from what they record', async () => {
  const today = `${new Date().toISOString().slice(0, 10)}T00:00:00Z`;
  await infer();
  const { metric } = await api.data<{ metric: { buckets: { group: string; value: string | null }[] } }>(
    `{ metric(name: BUSY_RATIO, interval: DAY, from: "${today}", groupBy: ACCOUNT) { buckets { group value } } }`,
  );
  const own = metric.buckets.filter(({ group, value }) => group === worker && value !== null);
  expect(own.length).toBeGreaterThan(0);
  expect(Number(own[0]!.value)).toBeGreaterThan(0);
});

test('the same question has the same answer whole, as it comes, by name, and beside others', async () => {
  const STREAM = 'subscription($input: InferInput!) { inferStream(input: $input) { text answer { requestId fee } } }';
  const headers = { authorization: `Bearer ${payer.token}` };
  const [{ infer: whole }, { infer: named }] = await Promise.all([
    infer(),
    infer({ modelId: undefined, model: 'licence-helper-1' }),
    infer({ seed: 8 }),
    infer({ modelId: '0' }),
  ]);
  const stream = await subscribe(api.url, STREAM, { input: question }, headers);
  let text = '';
  for (let next = await stream.next(); next; next = await stream.next()) text += next.data.inferStream.text;
  expect([named.text, text]).toEqual([whole.text, whole.text]);
});

test('a model is given passages of a datanet that it was trained on, which are shown with whose they are', async () => {
  await sql`update chain.datanet set visibility = 'public' where id = 1`;
  const [given] = await sql`select id, content_hash from chain.contribution
    where datanet_id = 1 and status = 'accepted' order by id limit 1`;
  const body = Buffer.from('Install it with one command.\nBees dance.');
  await sql`insert into app.content (hash, media_type, size, body)
    values (${given!.content_hash}, 'text/plain', ${body.length}, ${body})
    on conflict (hash) do update set size = excluded.size, body = excluded.body`;
  await sql`insert into chain.model_training (model_id, model_version, datanet_id, datanet_version, data_root,
      created_block, created_at, created_tx, updated_block, updated_at)
    values (1, 1, 1, 1, ${`0x${'0'.repeat(64)}`}, 1, 1, ${`0x${'0'.repeat(64)}`}, 1, 1)`;
  const PASSAGES = `mutation($input: InferInput!) { infer(input: $input) {
    requestId passages { contributionId contribution { contentHash } row text } } }`;
  const asked = { ...question, retrieval: { datanetId: '1' } };
  const { infer: answer } = await payer.data<{ infer: { requestId: string; passages: object[] } }>(PASSAGES, {
    input: asked,
  });
  expect(answer.passages).toEqual([
    {
      contributionId: String(given!.id),
      contribution: { contentHash: given!.content_hash },
      row: 0,
      text: 'Install it with one command.',
    },
  ]);
  const logged =
    await sql`select contribution_id, row from app.retrieved_passage where request_id = ${answer.requestId}`;
  expect([...logged]).toEqual([{ contribution_id: given!.id, row: 0 }]);
  const refused = await payer.ask(PASSAGES, { input: { ...question, retrieval: { datanetId: '2' } } });
  expect(refused.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', param: 'retrieval.datanet' } }]);
  await sql`delete from chain.model_training`;
});

test('what the worker refuses is said with the field that is wrong; what it has not got is not there', async () => {
  const long = await payer.ask(INFER, { input: { ...question, prompt: 'word '.repeat(2000), messages: undefined } });
  expect(long.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', param: 'prompt' } }]);
  const other = await payer.ask(INFER, { input: { ...question, modelId: undefined, model: 'other-helper-1' } });
  expect(other.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  const base = await payer.ask(INFER, { input: { ...question, modelId: undefined, model: 'no/such-base' } });
  expect(base.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
});

test('ending a subscription ends the work: the request is recorded as cancelled', async () => {
  const STREAM = 'subscription($input: InferInput!) { inferStream(input: $input) { requestId text } }';
  const headers = { authorization: `Bearer ${payer.token}` };
  const stream = await subscribe(api.url, STREAM, { input: { ...question, maxTokens: 400 } }, headers);
  const [first] = await stream.take(1);
  stream.drop();
  const { requestId } = first!.data.inferStream;
  const state = async () =>
    (await sql`select state from app.inference_record where request_id = ${requestId}`)[0]?.state;
  await expect.poll(state, { timeout: 10_000 }).not.toBe('running');
  expect(['cancelled', 'answered']).toContain(await state());
});

const page = () => readFile(new URL('../../docs/inference.md', import.meta.url), 'utf8');
const blocks = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block!);
const run = async (name: string, source: string) => {
  const file = join(examples, name);
  await writeFile(file, source);
  const env = { PATH: process.env.PATH, API_URL: api.url, API_KEY: apiKey, PRIVATE_KEY: payerKey };
  const command = name.endsWith('.sh') ? 'bash' : process.execPath;
  return (await execute(command, [file], { env })).stdout;
};

test('docs/inference.md: the command asks, the program shows an answer as it comes', async () => {
  const text = await page();
  const [command] = blocks(text, 'sh');
  const answer = JSON.parse(await run('ask.sh', command!.replace('http://127.0.0.1:4000', api.url)));
  expect(answer).toMatchObject({ data: { infer: { text: expect.any(String), version: 1 } } });
  const [program] = blocks(text, 'ts');
  expect(await run('stream.ts', program!)).toMatch(/requestId: '0x[0-9a-f]{64}'/);
  const [query] = blocks(text, 'graphql');
  expect(await api.data(query!)).toMatchObject({ modelVersion: { serving: [{ state: 'LOADED' }] } });
});

test('docs/inference.md: a model with a price is answered once a voucher is signed, as the program does; the promise then stands', async () => {
  const account = payer.account.address.toLowerCase();
  const price = 10n ** 15n;
  await sql`update chain.model set in_per1k = ${price.toString()}, out_per1k = ${price.toString()} where id = 1`;
  await sql`insert into chain.escrow_account select ${account}, balance, deposited, spent, withdrawn, pending_withdrawal,
    withdrawable_at, earned, earnings_withdrawn, created_block, created_at, created_tx, updated_block, updated_at
    from chain.escrow_account where account = ${`0x${'0'.repeat(39)}1`}`;
  await sql`update chain.escrow_account set balance = ${(10n ** 18n).toString()}, pending_withdrawal = 0 where account = ${account}`;
  const refused = async () => (await payer.ask(INFER, { input: question })).errors?.[0];
  await expect.poll(refused, { timeout: 15_000, interval: 300 }).toMatchObject({
    extensions: {
      code: 'PAYMENT_REQUIRED',
      payment: { worker, cumulativeAmount: expect.stringMatching(/^\d+$/) },
    },
  });
  const [, program] = blocks(await page(), 'ts');
  const answer = JSON.parse(await run('pay.ts', program!)) as { fee: string; workerAddress: string };
  expect(BigInt(answer.fee)).toBeGreaterThan(0n);
  expect(answer.workerAddress).toBe(worker);
  const { infer: second } = await infer();
  expect(BigInt(second.fee)).toBeGreaterThan(0n);
});

test('a worker that is killed in the middle of an answer is told of, and is not asked again', async () => {
  await sql`update chain.model set in_per1k = 0, out_per1k = 0`;
  const STREAM = 'subscription($input: InferInput!) { inferStream(input: $input) { text answer { text } } }';
  const headers = { authorization: `Bearer ${payer.token}` };
  const input = { modelId: '0', prompt: 'The', maxTokens: 500, temperature: 1.5 };
  const stream = await subscribe(api.url, STREAM, { input }, headers);
  await stream.take(1);
  await kill('SIGKILL');
  let last: unknown;
  for (let next = await stream.next(); next; next = await stream.next()) last = next;
  expect(last).toMatchObject({ errors: [{ extensions: { code: 'MODEL_UNAVAILABLE' } }] });
  const after = await payer.ask(INFER, { input: question });
  expect(after.errors).toMatchObject([{ extensions: { code: 'MODEL_UNAVAILABLE' } }]);
  expect(log).not.toMatch(/How do I install it|olt_|olk_/);
});
