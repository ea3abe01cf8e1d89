import type { TestDatabase } from '@openledger/db/testing';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { asking, createWritableDatabase, type SignedIn, signIn } from './account.ts';
import { startApi, type TestApi } from './client.ts';
import { type Manner, passageOfWorker, requestIdOfWorker, startWorker, type TestWorker, words } from './worker.ts';
import { address, hash } from './world.ts';

let database: TestDatabase;
let sql: postgres.Sql;
let api: TestApi;
let payer: SignedIn;
/** Both serve model 1; the first one serves model 2 as well. */
let one: TestWorker;
let two: TestWorker;
const workers = () => [one, two];
beforeAll(async () => {
  database = await createWritableDatabase(inject('seededUrl'));
  sql = postgres(database.url, { max: 2, onnotice: () => {} });
  api = await startApi(database.url);
  payer = await signIn(api);
  one = await startWorker(sql, address(10));
  two = await startWorker(sql, address(11));
});
afterAll(async () => {
  await api.stop();
  await Promise.all([one.stop(), two.stop(), sql.end()]);
  await database.drop();
});

const states = async (first: string | null, second: string | null) => {
  await sql`delete from app.worker_adapter`;
  for (const [worker, state] of [
    [one, first],
    [two, second],
  ] as const) {
    if (state === null) continue;
    await sql`insert into app.worker_adapter (genesis_hash, worker, model_id, model_version, adapter_hash, state, error)
      values (${hash(0)}, ${worker.address}, 1, 1, ${hash(400)}, ${state}, ${state === 'failed' ? 'no file' : null})`;
  }
};
const manners = (first: Manner, second: Manner) => {
  one.manner = first;
  two.manner = second;
};
beforeEach(async () => {
  // What one test makes busy is not to rest in the next.
  await api.stop();
  api = await startApi(database.url);
  payer = { ...payer, ...asking(api, payer.token) };
  manners('right', 'right');
  await sql`update app.worker set state = 'ready', last_seen_at = now()`;
  await sql`delete from app.voucher`;
  await states('loaded', 'stored');
  for (const worker of workers()) {
    worker.asked.length = 0;
    worker.hungUp = 0;
  }
});

const INFER = `mutation($input: InferInput!) { infer(input: $input) {
  requestId text finishReason inputTokens outputTokens fee modelId version modelVersion { adapterUri } workerAddress worker { endpoint } } }`;
const question = { modelId: '1', messages: [{ role: 'USER', content: 'What does & do?' }] };
const infer = (input: object = {}, who: Pick<SignedIn, 'ask'> = payer) =>
  who.ask(INFER, { input: { ...question, ...input } });
const errorOf = async (answer: ReturnType<typeof infer>) => (await answer).errors?.[0];
const asked = () => workers().map((worker) => worker.asked.length);

test('an answer comes from the worker that holds the adapter, with who gave it and what it used', async () => {
  const { data, errors } = await infer({ maxTokens: 20, temperature: 0, seed: 7, stop: ['\n'] });
  expect(errors).toBeUndefined();
  expect(data!.infer).toEqual({
    requestId: requestIdOfWorker,
    text: words.join(''),
    finishReason: 'STOP',
    inputTokens: 11,
    outputTokens: 5,
    fee: null,
    modelId: '1',
    version: 1,
    modelVersion: { adapterUri: 'ipfs://adapter/0' },
    workerAddress: one.address,
    worker: { endpoint: 'https://worker-1.example' },
  });
  expect(asked()).toEqual([1, 0]);
  expect(one.asked[0]).toMatchObject({
    path: '/v1/chat/completions',
    body: {
      model: '1@1',
      messages: [{ role: 'user', content: 'What does & do?' }],
      max_completion_tokens: 20,
      temperature: 0,
      seed: 7,
      stop: ['\n'],
      stream: true,
      stream_options: { include_usage: true },
    },
  });
});

test('a name goes to the worker with the version that is meant, a prompt to the plain route', async () => {
  const { data } = await infer({ modelId: undefined, model: 'licence-helper-1', messages: undefined, prompt: 'fn ' });
  expect(data!.infer).toMatchObject({ text: words.join('') });
  expect(one.asked[0]).toMatchObject({
    path: '/v1/completions',
    body: { model: 'licence-helper-1@1', prompt: 'fn ', max_tokens: 256 },
  });
});

test('the base alone is asked for as model 0, or by a name that only workers know', async () => {
  expect((await infer({ modelId: '0' })).data!.infer).toMatchObject({ modelId: '0', version: 0, modelVersion: null });
  await infer({ modelId: undefined, model: 'openledger/base' });
  const models = workers().flatMap((worker) => worker.asked.map(({ body }) => body.model));
  expect(models).toEqual(['0', 'openledger/base']);
});

const PASSAGES = `mutation($input: InferInput!) { infer(input: $input) {
  text passages { contributionId contribution { id } datanetId contentHash row text } } }`;
const retrieving = (input: object) => payer.ask(PASSAGES, { input: { ...question, ...input } });

test('passages are asked for and shown as the model was given them, and left out where nobody asked', async () => {
  const { data, errors } = await retrieving({ retrieval: { datanetId: '1', passages: 2, query: 'borrowing' } });
  expect(errors).toBeUndefined();
  const { content_hash: contentHash, row, text } = passageOfWorker;
  expect(data!.infer).toEqual({
    text: words.join(''),
    passages: [
      { contributionId: '1', contribution: { id: expect.any(String) }, datanetId: '1', contentHash, row, text },
    ],
  });
  expect(one.asked[0]!.body.retrieval).toEqual({ datanet: '1', passages: 2, query: 'borrowing' });
  expect((await retrieving({ retrieval: {} })).data!.infer).toMatchObject({ passages: [{ row }] });
  expect((await retrieving({})).data!.infer).toMatchObject({ passages: [] });
  expect(one.asked.map(({ body }) => body.retrieval)).toEqual([expect.anything(), {}, undefined]);
});

test.each<[string, object, string]>([
  ['too many', { retrieval: { passages: 17 } }, 'retrieval has 17 passages: it must be from 1 to 16'],
  ['an empty query', { retrieval: { query: '' } }, 'the query of retrieval is empty'],
  ['a prompt', { retrieval: {}, prompt: 'fn ', messages: undefined }, 'retrieval is for messages'],
])('passages are refused for %s before a worker is asked', async (_, input, message) => {
  const [error] = (await retrieving(input)).errors ?? [];
  expect(error).toMatchObject({ message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT' } });
  expect(asked()).toEqual([0, 0]);
});

describe('another worker is asked', () => {
  test.each<[string, Manner]>([
    ['is busy', 'busy'],
    ['is about to stop', 'draining'],
    ['has not heard of the model yet', 'unknown'],
    ['wants to be paid', 'unpaid'],
    ['breaks off before the first token', 'empty'],
    ['fails before the first token', 'failing'],
    ['sends nonsense', 'nonsense'],
    ['is some other server', 'stranger'],
  ])('where one %s', async (_what, manner) => {
    manners(manner, 'right');
    expect((await infer()).data!.infer).toMatchObject({ text: words.join(''), workerAddress: two.address });
    expect(asked()).toEqual([1, 1]);
  });

  test('where one cannot be reached, or was not heard of lately', async () => {
    await sql`update app.worker set endpoint = 'http://127.0.0.1:1' where address = ${one.address}`;
    expect((await infer()).data!.infer).toMatchObject({ workerAddress: two.address });
    await sql`update app.worker set endpoint = ${one.url}, last_seen_at = now() - interval '30 s'
      where address = ${one.address}`;
    expect((await infer()).data!.infer).toMatchObject({ workerAddress: two.address });
    expect(asked()).toEqual([0, 2]);
  });

  test('first, while one that holds the adapter rests because it was busy', async () => {
    manners('busy', 'right');
    await infer();
    manners('right', 'right');
    await infer();
    expect(asked()).toEqual([1, 2]);
  });

  test('first, while requests wait at the one that holds the adapter', async () => {
    await sql`insert into app.telemetry_sample (worker, metric, value)
      values (${one.address}, 'vllm:num_requests_waiting', 4)`;
    await infer();
    expect(asked()).toEqual([0, 1]);
    await sql`delete from app.telemetry_sample`;
  });

  test('first, where a promise to pay stands', async () => {
    await sql`insert into app.voucher (genesis_hash, payer, worker, cumulative_amount, expires_at, signature)
      values (${hash(0)}, ${payer.account.address.toLowerCase()}, ${two.address}, 1000, now() + interval '1 day', '0x00')`;
    await infer();
    expect(asked()).toEqual([0, 1]);
  });
});

describe('who asks is told what to do', () => {
  test('when all workers are busy: how long to wait', async () => {
    manners('busy', 'busy');
    expect(await errorOf(infer())).toMatchObject({
      message: 'The workers that serve it are busy: ask model 1 again in 7 s.',
      extensions: { code: 'MODEL_BUSY', retryAfter: 7 },
    });
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).toContain('openledger_api_worker_refusals_total{status="429"} 2');
    expect(metrics).toContain('openledger_api_worker_requests 0');
  });

  test('when it is to pay: whom, and how much a voucher must promise', async () => {
    manners('unpaid', 'unpaid');
    expect(await errorOf(infer())).toMatchObject({
      message: 'Send a voucher over at least 500 wei in all, as voucher: voucherIntent gives what to sign.',
      extensions: {
        code: 'PAYMENT_REQUIRED',
        payment: {
          worker: one.address,
          reason: 'voucher_missing',
          cumulativeAmount: '500',
          earliestExpiry: '2027-01-01T00:00:00Z',
        },
      },
    });
  });

  test('when the question is wrong: no other worker is bothered with it', async () => {
    manners('refusing', 'right');
    expect(await errorOf(infer())).toMatchObject({
      message: 'The prompt has 9000 tokens; 512 fit.',
      extensions: { code: 'BAD_USER_INPUT', param: 'messages' },
    });
    expect(asked()).toEqual([1, 0]);
  });

  test('when an answer breaks off after it began: it is not put together from two', async () => {
    manners('cut', 'right');
    expect(await errorOf(infer())).toMatchObject({
      message: 'The answer of model 1 broke off after 6 characters: ask again.',
      extensions: { code: 'MODEL_UNAVAILABLE' },
    });
    expect(asked()).toEqual([1, 0]);
  });

  test('when nobody serves it, nobody is there, or it may not ask', async () => {
    expect(await errorOf(infer({ modelId: '9' }))).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
    expect(await errorOf(infer({ version: 2 }))).toMatchObject({
      message: 'Model 1 version 2 is not served: see deployments for what is.',
      extensions: { code: 'NOT_FOUND' },
    });
    manners('unknown', 'unknown');
    expect(await errorOf(infer())).toMatchObject({ extensions: { code: 'NOT_FOUND' } });
    await sql`update app.worker set state = 'draining'`;
    expect(await errorOf(infer())).toMatchObject({ extensions: { code: 'MODEL_UNAVAILABLE' } });
    expect(asked()).toEqual([1, 1]);
  });

  test.each<[object, string]>([
    [{ modelId: undefined }, 'infer needs one of modelId and model, and not both.'],
    [{ model: 'a-1' }, 'infer needs one of modelId and model, and not both.'],
    [{ modelId: undefined, model: 'a-1', version: 2 }, 'infer: version goes with modelId: with model write a-1@2.'],
    [{ version: 0 }, 'infer: version is 0: versions count from 1.'],
    [{ prompt: 'x' }, 'infer needs one of messages and prompt, and not both.'],
    [{ messages: [] }, 'infer: messages is empty.'],
    [{ maxTokens: 0 }, 'infer: maxTokens is 0: it must be from 1 to 4096.'],
    [{ temperature: 2.5 }, 'infer: temperature is 2.5: it must be from 0 to 2.'],
    [{ stop: [''] }, 'infer: a text in stop has 0 characters; 1 to 200 are taken.'],
    [
      { worker: address(11), voucher: voucherFor(address(10)) },
      `infer: the voucher is for worker ${address(10)}, which is not worker ${address(11)}.`,
    ],
  ])('when %j cannot be', async (input, message) => {
    expect(await errorOf(infer(input))).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
    expect(asked()).toEqual([0, 0]);
  });
});

function voucherFor(worker: string) {
  return { worker, cumulativeAmount: '5000', expiry: '2027-01-01T00:00:00Z', signature: `0x${'ab'.repeat(65)}` };
}

test('a voucher goes along, to the worker that it is for and no other', async () => {
  await infer({ voucher: voucherFor(two.address) });
  expect(asked()).toEqual([0, 1]);
  const header = String(two.asked[0]!.headers['openledger-voucher']);
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    payer: payer.account.address.toLowerCase(),
    worker: two.address,
    cumulativeAmount: '5000',
    expiry: '1798761600',
    signature: `0x${'ab'.repeat(65)}`,
  });
  manners('right', 'busy');
  expect(await errorOf(infer({ voucher: voucherFor(two.address) }))).toMatchObject({
    extensions: { code: 'MODEL_BUSY' },
  });
  expect(one.asked).toEqual([]);
});

test('asking needs an account, and a key with INFER; the worker gets neither session nor key', async () => {
  expect(await errorOf(infer({}, api))).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  const keyWith = async (scope: string) => {
    const query = `mutation { createApiKey(name: "k", scopes: [${scope}]) { token key { id } } }`;
    return (await payer.data<{ createApiKey: { token: string; key: { id: string } } }>(query)).createApiKey;
  };
  const reading = await keyWith('READ');
  expect(await errorOf(infer({}, asking(api, reading.token)))).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
  const { token, key } = await keyWith('INFER');
  expect((await infer({}, asking(api, token))).data!.infer).toBeTruthy();
  expect(JSON.stringify(one.asked)).not.toContain(token);
  const [ticket] = await sql`select * from app.inference_ticket order by created_at desc limit 1`;
  expect(ticket).toMatchObject({
    account: payer.account.address.toLowerCase(),
    api_key_id: key.id,
    worker: one.address,
  });
});

test('what was asked is noted, what was said is not', async () => {
  manners('refusing', 'right');
  await infer();
  manners('right', 'right');
  await infer();
  const { auditLog } = await payer.data<{ auditLog: { nodes: object[] } }>(
    '{ auditLog(first: 2) { nodes { action subject outcome code } } }',
  );
  expect(auditLog.nodes).toEqual([
    { action: 'infer', subject: `Inference:${requestIdOfWorker}`, outcome: 'DONE', code: null },
    { action: 'infer', subject: 'Model:1', outcome: 'REFUSED', code: 'BAD_USER_INPUT' },
  ]);
  const [row] = await sql`select count(*)::int as n from app.audit_event a where a::text like '%What does%'`;
  expect(row).toEqual({ n: 0 });
});

test('tickets that are of no use any more are forgotten', async () => {
  await sql`delete from app.inference_ticket`;
  await infer();
  await sql`update app.inference_ticket set expires_at = now() - interval '1 hour'`;
  await infer();
  expect(await sql`select count(*)::int as n from app.inference_ticket`).toEqual([{ n: 1 }]);
});

test('workers at private addresses are asked only where the operator allows it', async () => {
  const careful = await startApi(database.url, { workersAllowPrivate: false });
  expect(await errorOf(infer({}, asking(careful, payer.token)))).toMatchObject({
    extensions: { code: 'MODEL_UNAVAILABLE' },
  });
  expect(asked()).toEqual([0, 0]);
  await careful.stop();
});

test('a client that hangs up ends the work at the worker', async () => {
  manners('endless', 'right');
  const leave = new AbortController();
  const request = fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${payer.token}` },
    body: JSON.stringify({ query: INFER, variables: { input: question } }),
    signal: leave.signal,
  }).catch(() => 'left');
  await expect.poll(() => one.asked.length).toBe(1);
  leave.abort();
  expect(await request).toBe('left');
  await expect.poll(() => one.hungUp).toBe(1);
  expect(two.asked).toEqual([]);
});

test('an answer is paid for before it is given: a price by its length, and a mutation', async () => {
  const cost = async (input: object) =>
    ((await infer(input)) as unknown as { extensions: { cost: { requested: number; writes: { requested: number } } } })
      .extensions.cost;
  const short = await cost({ maxTokens: 1 });
  const long = await cost({ maxTokens: 1001 });
  expect(long.requested - short.requested).toBe(1000);
  expect(long.writes.requested).toBe(1);
});
