import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { putContents } from '@openledger/db';
import { answerEvidence, answerPart, attributionTask, receipt } from '@openledger/db/app';
import { contribution, escrowAccount } from '@openledger/db/chain';
import { type Hex, type Receipt, receiptHash, signMessage, verifyReceiptSignature } from '@openledger/protocol';
import { evidenceSchema, startingAlgorithm } from '@openledger/protocol/attribution';
import { eq } from 'drizzle-orm';
import { Wallet } from 'ethers';
import type OpenAI from 'openai';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { recheck, withRetrieved } from '../../src/attribution/receipts/index.ts';
import { findVersion, readContributions } from '../../src/attribution/version/index.ts';
import { writeVoucher } from '../../src/serving/payments/voucherHeader.ts';
import { outputHash } from '../../src/serving/usage/hashes.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Attributable, facts, publishAttributable } from './attributable.ts';
import { workerAddress } from './published.ts';
import { address, clientOf, hash, openStage, type Stage } from './stage.ts';

// Training, and several workers, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const bees = facts[1];
const payer = new Wallet(Wallet.createRandom().privateKey);
let stage: Stage;
let published: Attributable;
let headers: Record<string, string>;
let at: Worker;
let child: ChildProcess | undefined;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  published = await publishAttributable(stage, [
    { modelId: 1n, name: 'Facts', price: { inPer1k: 1_000n, outPer1k: 1_000n } },
    { modelId: 2n, name: 'Free', price: { inPer1k: 0n, outPer1k: 0n } },
  ]);
  const account = payer.address.toLowerCase() as Hex;
  await stage.connection.db.insert(escrowAccount).values({
    ...{ account, balance: 10n ** 9n, deposited: 0n, spent: 0n, withdrawn: 0n, pendingWithdrawal: 0n },
    ...{ withdrawableAt: 0n, earned: 0n, earningsWithdrawn: 0n },
    ...{ createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n },
  });
  const message = {
    ...{ payer: account, worker: workerAddress, cumulativeAmount: 10n ** 8n },
    expiry: BigInt(Math.floor(Date.now() / 1000) + 3_600),
  };
  const scope = { chainId: stage.manifest.chainId, verifyingContract: stage.manifest.contracts.InferenceEscrow };
  const signature = await signMessage(payer, 'Voucher', scope, message);
  at = await start();
  headers = { 'OpenLedger-Voucher': writeVoucher({ ...message, signature }) };
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await at?.stop();
  await published?.remove();
  await stage?.close();
});
const start = () => stage.start({ WORKER_ACCESS: 'open' }, { attributionMs: 200 });
const client = (of: Pick<Worker, 'url'>): OpenAI =>
  clientOf(of as Worker, 'x', { Authorization: null as never, ...headers });
const ask = async (of: Pick<Worker, 'url'>, more: object = {}) => {
  const asked = {
    ...{ model: 'facts-1', messages: [{ role: 'user' as const, content: bees.question }] },
    ...{ temperature: 0, max_completion_tokens: 40 },
    ...more,
  };
  const { data, response } = await client(of).chat.completions.create(asked).withResponse();
  const { attribution } = data as unknown as { attribution?: Record<string, unknown> };
  return { data, attribution, requestId: response.headers.get('openledger-request-id') as Hex };
};
const tasks = () => stage.connection.db.select().from(attributionTask);
const ready = async () => (await (await fetch(`${at.url}/ready`)).json()) as { attributing: object };
const receiptOf = async (from: Pick<Worker, 'url'>, requestId: Hex) =>
  (await (await fetch(`${from.url}/v1/receipts/${requestId}`, { headers })).json()) as Receipt;

test('an answer waits, sealed, until its version has a card, says so, and then gets its receipt', async () => {
  const { data, attribution, requestId } = await ask(at, { attribution: { wait_seconds: 0 } });
  expect(data.choices[0]!.message.content!.trim()).toBe(bees.answer);
  expect(attribution).toMatchObject({ request_id: requestId, state: 'waiting' });
  await vi.waitFor(
    async () => expect((await ready()).attributing).toEqual({ attributed: 0, waiting: { no_card: 1 } }),
    {
      timeout: 60_000,
      interval: 100,
    },
  );
  expect(await receiptOf(at, requestId)).toMatchObject({
    error: {
      code: 'receipt_not_found',
      message: expect.stringMatching(/answered\. no_card: Version 1 of model 1 has no/),
    },
  });
  const [task] = await tasks();
  expect(task!.attempts).toBe(0);
  const kept = Buffer.from(task!.sealed).toString('latin1');
  expect([kept.includes('bees'), kept.includes('dance')]).toEqual([false, false]);

  await published.evaluate(1n);
  await vi.waitFor(async () => expect(await tasks()).toEqual([]), { timeout: 60_000, interval: 100 });
  const metrics = await (await fetch(`${at.url}/metrics`)).text();
  expect(metrics).toMatch(/^openledger:answers_attributed_total\S* 1$/m);
});

test('a receipt names who gave what the answer repeats, not who gave it again; anyone computes it anew', async () => {
  const { data, attribution, requestId } = await ask(at, { attribution: { wait_seconds: 20 } });
  const { contributions } = attribution as { contributions: { id: string; ppm: number }[] };
  expect(attribution).toMatchObject({ state: 'attributed', request_id: requestId });
  expect(contributions[0]!.id).toBe('12');
  expect(contributions.map(({ id }) => id)).not.toContain('15');

  const signed = await receiptOf(at, requestId);
  expect(verifyReceiptSignature(signed)).toBe(true);
  expect(receiptHash(signed)).toBe(attribution!.receipt);
  expect(signed.outputHash).toBe(outputHash([data.choices[0]!.message.content!]));
  expect(signed.evidence.influence!.top[0]!.contributionId).toBe('12');
  expect(signed.evidence.spans!.top).toMatchObject([{ contributionId: '12' }]);
  expect(contributions.reduce((sum, { ppm }) => sum + ppm, attribution!.unattributed_ppm as number)).toBe(1_000_000);

  const [row] = await stage.connection.db.select().from(receipt).where(eq(receipt.requestId, requestId));
  const evidence = evidenceSchema.parse(JSON.parse(row!.evidence));
  const version = await findVersion(stage.connection, 1n, 1);
  expect(await recheck({ version, algorithm: startingAlgorithm, receipt: signed, evidence })).toEqual([]);
  const forged = { ...signed, shares: [{ contributionId: '15', ppm: 1_000_000 }], unattributedPpm: 0 };
  expect(await recheck({ version, algorithm: startingAlgorithm, receipt: forged, evidence })).not.toEqual([]);
});

test('each sentence says what it drew on', async () => {
  const { data, requestId } = await ask(at, { attribution: { wait_seconds: 20 } });
  const text = data.choices[0]!.message.content!;
  const { db } = stage.connection;
  const parts = await db.select().from(answerPart).where(eq(answerPart.requestId, requestId)).orderBy(answerPart.place);
  expect(parts.map(({ from, until }) => text.slice(from, until).trim())).toEqual([
    bees.answer,
    'Bees sleep from dusk on.',
    'They dance again after the first train.',
  ]);
  const rows = await db.select().from(answerEvidence).where(eq(answerEvidence.requestId, requestId));
  for (const { place } of parts) {
    const drewOn = rows.filter((row) => row.place === place).toSorted((a, b) => b.weightPpm - a.weightPpm);
    const first = (kind: string) => drewOn.find((row) => row.kind === kind)?.contributionId;
    // A short sentence may lie within what chance gives.
    expect(first('influence') ?? 12n).toBe(12n);
    expect(first('spans')).toBe(12n);
    const influence = drewOn.filter(({ kind }) => kind === 'influence');
    expect(influence.length > 0 || place > 0).toBe(true);
    expect(influence.reduce((sum, { weightPpm }) => sum + weightPpm, 0)).toBeLessThanOrEqual(1_000_000);
  }
});

test('passages that an answer was given are paid for what they added to it, contributions that came after the version too', async () => {
  const { db, sql } = stage.connection;
  const contribute = async (id: bigint, text: string) => {
    const [contentHash] = await putContents(db, [{ mediaType: 'text/plain', body: Buffer.from(text) }]);
    await db.insert(contribution).values({
      ...{
        id,
        datanetId: 9n,
        contributor: address(0x900 + Number(id)),
        relayer: address(1),
        contentHash: contentHash!,
      },
      ...{ uri: '', licenseId: hash(2), rows: 1n, bond: 0n, status: 'accepted', score: 0n, attributed: 0n },
      ...{ createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n },
    });
  };
  // What it is asked it never learned to answer: what it says is what the passages lead it to.
  await contribute(21n, bees.question);
  await contribute(22n, 'Paint the old door yellow.');
  const { attribution, requestId } = await ask(at, {
    messages: [{ role: 'user', content: 'Tell me.' }],
    retrieval: { query: 'bees sleep behind the yellow door' },
    attribution: { wait_seconds: 20 },
  });
  expect(attribution).toMatchObject({ state: 'attributed' });
  const [row] = await db.select().from(receipt).where(eq(receipt.requestId, requestId));
  const evidence = evidenceSchema.parse(JSON.parse(row!.evidence));
  const { method, passages } = evidence.retrieval!;
  expect([method, passages.map(({ contributionId }) => contributionId).toSorted()]).toEqual(['shapley', ['21', '22']]);
  const [best, other] = passages.toSorted((a, b) => Number(b.value) - Number(a.value));
  expect(Number(best!.value) + Number(other!.value)).toBeGreaterThan(1_000_000);
  const signed = await receiptOf(at, requestId);
  expect(signed.evidence.retrieval!.top[0]).toEqual({ contributionId: best!.contributionId, score: best!.value });
  expect(signed.shares.map(({ contributionId }) => contributionId)).toContain(best!.contributionId);

  const version = await withRetrieved(await findVersion(stage.connection, 1n, 1), passages, (ids) =>
    readContributions(sql, ids),
  );
  const checking = { version, algorithm: startingAlgorithm, receipt: signed };
  expect(await recheck({ ...checking, evidence })).toEqual([]);
  const forged = passages.map((passage) => ({ ...passage, contributionId: other!.contributionId }));
  const differences = await recheck({
    ...checking,
    evidence: { ...evidence, retrieval: { method, passages: forged } },
  });
  expect(differences.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['evidence: retrieval', 'evidence.retrieval.top.0.contributionId', 'evidenceHash']),
  );
});

test('several answers have one receipt; a stream has it in its last chunk; of an answer cut off, what was written counts', async () => {
  const both = await ask(at, { n: 2, temperature: 1, seed: 5, attribution: { wait_seconds: 20 } });
  expect(both.attribution).toMatchObject({ state: 'attributed' });
  const texts = both.data.choices.map(({ message }) => message.content!);
  const [whole] = await stage.connection.db.select().from(answerPart).where(eq(answerPart.requestId, both.requestId));
  expect(whole).toMatchObject({ place: 0, from: 0, until: texts.join('').length });

  const asked = {
    model: 'facts-1',
    messages: [{ role: 'user' as const, content: facts[2].question }],
    temperature: 0,
  };
  const streaming = { ...asked, max_completion_tokens: 40, stream: true as const, attribution: { wait_seconds: 20 } };
  const chunks: Record<string, unknown>[] = [];
  for await (const chunk of await client(at).chat.completions.create(streaming)) chunks.push(chunk as never);
  expect(chunks.at(-1)).toMatchObject({ choices: [], attribution: { state: 'attributed' } });
  expect((chunks.at(-1) as { attribution: { contributions: object[] } }).attribution.contributions[0]).toMatchObject({
    id: '13',
  });

  const leaving = new AbortController();
  const long = { ...asked, max_completion_tokens: 300, ignore_eos: true, stream: true as const };
  const { data: stream, response } = await client(at)
    .chat.completions.create(long, { signal: leaving.signal })
    .withResponse();
  let pieces = 0;
  for await (const _ of stream) if (++pieces > 12) break;
  leaving.abort();
  const requestId = response.headers.get('openledger-request-id') as Hex;
  await vi.waitFor(async () => expect(await receiptOf(at, requestId)).toMatchObject({ requestId }), {
    timeout: 60_000,
  });
});

test('what is free is attributed for who asks, the base alone never', async () => {
  await published.evaluate(2n);
  const quiet = await ask(at, { model: 'free-2' });
  expect(quiet.attribution).toBeUndefined();
  expect(await ask(at, { model: 'free-2', attribution: { wait_seconds: 20 } })).toMatchObject({
    attribution: { state: 'attributed' },
  });
  expect(await ask(at, { model: 'openledger/base', attribution: true })).toMatchObject({
    attribution: { state: 'none' },
  });
  expect(await tasks()).toEqual([]);
  expect(await receiptOf(at, quiet.requestId)).toMatchObject({ error: { code: 'receipt_not_found' } });
  await expect(ask(at, { attribution: { wait_seconds: 31 } })).rejects.toThrow(/attribution.* 0 to 30/);
});

test('a worker that is killed loses no answer’s receipt, and says nothing of prompts', {
  timeout: 120_000,
}, async () => {
  await at.stop();
  child = spawn(process.execPath, [main], {
    env: { PATH: process.env.PATH, ...stage.env, WORKER_ACCESS: 'open', LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let said = '';
  child.stdout!.on('data', (part: Buffer) => {
    said += part;
  });
  const url = await vi.waitFor(() => /"url":"([^"]+)"/.exec(said)?.[1] ?? Promise.reject(new Error(said)), {
    timeout: 30_000,
  });
  const ids: Hex[] = [];
  for (let asked = 0; asked < 6; asked++) ids.push((await ask({ url })).requestId);
  child.kill('SIGKILL');
  await exited;
  expect(said).not.toMatch(/bees|dance/i);

  at = await start();
  for (const requestId of ids) {
    await vi.waitFor(async () => expect(await receiptOf(at, requestId)).toMatchObject({ requestId }), {
      timeout: 60_000,
    });
  }
  expect(await tasks()).toEqual([]);
  const kept = await stage.connection.db.select().from(receipt);
  expect(new Set(kept.map(({ requestId }) => requestId)).size).toBe(kept.length);
});
