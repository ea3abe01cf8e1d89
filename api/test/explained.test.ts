import { createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import { parseReceipt, receiptHash, verifyReceiptSignature } from '@openledger/protocol';
import { id as keccakOf } from 'ethers';
import postgres from 'postgres';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { signIn } from './account.ts';
import { startApi, type TestApi } from './client.ts';
import { requestOf, sentences, textOf } from './community/answers.ts';
import { ESTIMATED, WAITING } from './community/explained.ts';
import { people } from './community.ts';
import { seedCommunity } from './seed-community.ts';

let database: TestDatabase;
let api: TestApi;
let sql: postgres.Sql;
beforeAll(async () => {
  database = await createTestDatabase(inject('seededUrl'));
  await seedCommunity(database.url);
  api = await startApi(database.url);
  sql = postgres(database.url, { max: 1 });
});
afterAll(async () => {
  await api.stop();
  await sql.end();
  await database.drop();
});

const whole = `requestId state modelId version workerAddress outputHash answeredAt fee contributorsFee unattributed
  modelVersion { model { name } } worker { operatorAddress } inference { attributionStatus }
  waiting { since attempts reason } evidence { kind weightPpm contributionId }
  sentences { place from until text evidence { kind weightPpm contributionId contribution { contributorAddress } } }
  contributions { contributionId sharePpm amount evidence { kind score weightPpm } contribution { datanet { name } } }`;
const explain = (n: number, texts = '') => `explainAnswer(requestId: "${requestOf(n)}"${texts && `, texts: ${texts}`})`;

test('an answer on chain says, to anybody, what each sentence drew on and what each contribution earned', async () => {
  const { explainAnswer } = await api.data<{ explainAnswer: object }>(
    `{ ${explain(0, JSON.stringify(textOf(0)))} { ${whole} } }`,
  );
  expect(explainAnswer).toMatchSnapshot();
});

test('without its text, an answer has the same places', async () => {
  const { explainAnswer } = await api.data<{ explainAnswer: { sentences: { text: null }[] } }>(
    `{ ${explain(0)} { sentences { text from until } } }`,
  );
  expect(explainAnswer.sentences).toEqual([
    { text: null, from: 0, until: 41 },
    { text: null, from: 41, until: textOf(0).length },
  ]);
});

test('another text than the answer’s is refused, whatever it differs in', async () => {
  for (const text of [`${textOf(0)} `, textOf(1), textOf(0).toUpperCase()]) {
    const { errors } = await api.ask(`{ ${explain(0, JSON.stringify(text))} { state } }`);
    expect(errors?.[0]?.message).toMatch(/this is not the answer of 0x.* its hash is/);
  }
  const { errors } = await api.ask(`{ ${explain(0, JSON.stringify(sentences[0]))} { state } }`);
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
});

test('before it is on chain an answer is for its payer and for who has its text, with an estimate', async () => {
  const { errors } = await api.ask(`{ ${explain(ESTIMATED)} { state } }`);
  expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  const { explainAnswer } = await api.data<{ explainAnswer: object }>(
    `{ ${explain(ESTIMATED, JSON.stringify(textOf(ESTIMATED)))} { ${whole} receipt { proof } } }`,
  );
  expect(explainAnswer).toMatchSnapshot();
});

test('its payer sees an answer that waits, and why', async () => {
  const payer = privateKeyToAccount(keccakOf('payer') as `0x${string}`);
  await sql`update app.inference_record set payer = ${payer.address.toLowerCase()} where request_id = ${requestOf(WAITING)}`;
  await sql`update app.attribution_task set error = 'Version 2 of model 1 has no attribution card', attempts = 2`;
  const { data } = await signIn(api, payer);
  const query = `{ ${explain(WAITING)} { state unattributed contributions { sharePpm } sentences { place } waiting { attempts reason } } }`;
  expect((await api.ask(query)).errors?.[0]?.extensions?.code).toBe('FORBIDDEN');
  expect(await data(query)).toEqual({
    explainAnswer: {
      state: 'WAITING',
      unattributed: null,
      contributions: [],
      sentences: [],
      waiting: { attempts: 2, reason: 'Version 2 of model 1 has no attribution card' },
    },
  });
});

test('a request that nobody answered is null', async () => {
  expect(await api.data(`{ explainAnswer(requestId: "0x${'12'.repeat(32)}") { state } }`)).toEqual({
    explainAnswer: null,
  });
});

test('a receipt comes as it was signed, with its evidence', async () => {
  type Receipt = { hash: string; body: string; evidence: string; proof: null };
  const { inference } = await api.data<{ inference: { receipt: Receipt } }>(
    `{ inference(requestId: "${requestOf(0)}") { receipt { hash body evidence proof } } }`,
  );
  const { hash, body, evidence, proof } = inference.receipt;
  const receipt = parseReceipt(body);
  expect(verifyReceiptSignature(receipt)).toBe(true);
  expect(receiptHash(receipt)).toBe(hash);
  expect(keccakOf(evidence)).toBe(receipt.evidenceHash);
  // The community's batch has no document.
  expect(proof).toBeNull();
});

test('an account sees where its data mattered lately: how often, why, and for how much', async () => {
  const hourAgo = Math.floor(Date.now() / 1000) - 3_600;
  const query = `{ account(address: "${people.bruno}") { impact {
    answers earned { estimated posted final }
    contributions { answers contribution { contributionId } earned { estimated posted final } kinds { kind answers weightPpm } }
    models { answers model { name } earned { estimated posted final } kinds { kind answers } }
    days { answers amount }
  } } }`;
  await sql`update app.receipt set created_at = now() - interval '8 days'`;
  await sql`update chain.attribution set created_at = ${hourAgo - 8 * 86_400}`;
  expect(await api.data(query)).toEqual({
    account: {
      impact: {
        answers: 0,
        earned: { estimated: '0', posted: '0', final: '0' },
        contributions: [],
        models: [],
        days: [],
      },
    },
  });
  await sql`update app.receipt set created_at = now() - interval '1 hour'`;
  await sql`update chain.attribution set created_at = ${hourAgo}`;
  expect(await api.data(query)).toMatchSnapshot();
});

test('days without end are refused with what would be right', async () => {
  const { errors } = await api.ask(`{ account(address: "${people.bruno}") { impact(days: 91) { answers } } }`);
  expect(errors?.[0]?.message).toBe('Account.impact: days is 91; it must be 1 to 90.');
});

test('a version shows how far its attribution can be trusted; one without a card shows none', async () => {
  expect(
    await api.data(`{
      first: modelVersion(modelId: 1, version: 1) { attributionCard { hash } }
      second: modelVersion(modelId: 1, version: 2) { attributionCard {
        damping subsetCount subsetPart seeds queriesChosenOn queriesMeasuredOn seconds rowsPerSecond bytesPerRow
        figures { method lds low high } } }
    }`),
  ).toMatchSnapshot();
  await sql`update chain.model_version set adapter_hash = ${`0x${'ab'.repeat(32)}`} where version = 2`;
  expect(await api.data('{ modelVersion(modelId: 1, version: 2) { attributionCard { hash } } }')).toEqual({
    modelVersion: { attributionCard: null },
  });
});

test('a page of answers is explained with no more statements than a few', async () => {
  const query = `{ inferences(first: 4) { nodes { explanation {
    state sentences { evidence { weightPpm contribution { contributorAddress } } }
    contributions { amount contribution { status } } receipt { hash proof } } } } }`;
  await api.data(query);
  api.statements();
  await api.data(query);
  expect(api.statements().length).toBeLessThanOrEqual(10);
});

test('without schema app, an answer is explained from the chain alone', async () => {
  await sql.unsafe('alter schema app rename to elsewhere');
  try {
    const { explainAnswer } = await api.data<{ explainAnswer: object }>(
      `{ ${explain(0)} { state answeredAt receipt { hash } sentences { place } contributions { contributionId amount evidence { kind } } }
         account(address: "${people.bruno}") { impact { answers earned { final } } } }`,
    );
    expect(explainAnswer).toEqual({
      state: 'FINAL',
      answeredAt: null,
      receipt: null,
      sentences: [],
      contributions: [
        { contributionId: '1', amount: '400000000000000000', evidence: [] },
        { contributionId: '3', amount: '300000000000000000', evidence: [] },
      ],
    });
  } finally {
    await sql.unsafe('alter schema elsewhere rename to app');
  }
});
