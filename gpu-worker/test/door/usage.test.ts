import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { inferenceRecord, voucher as voucherTable } from '@openledger/db/app';
import { escrowAccount } from '@openledger/db/chain';
import { type Hex, signMessage } from '@openledger/protocol';
import { Wallet } from 'ethers';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import { writeVoucher } from '../../src/serving/payments/voucherHeader.ts';
import { claimWorker } from '../../src/serving/usage/claim.ts';
import { outputHash } from '../../src/serving/usage/hashes.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { publish, workerAddress } from './published.ts';
import { recordOf } from './records.ts';
import { address, clientOf, hash, openStage, type Stage } from './stage.ts';

// Processes of their own take their time to start on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

const model = 'openledger/base';
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const { config } = await readBase(fileURLToPath(new URL('../../base', import.meta.url)));
const long = { model, prompt: '# Install', max_tokens: 480, ignore_eos: true };

let stage: Stage;
let adapters: Adapters;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  adapters = await writeAdapters(config, 1, 8);
  const price = { inPer1k: 1_000n, outPer1k: 1_000n };
  await publish(stage.connection, { id: 1n, name: 'Priced', adapter: adapters.fitting[0]!, ...price });
});
afterAll(async () => {
  await adapters?.remove();
  await stage?.close();
});

const states = async () => {
  const rows = await stage.connection.db.select({ state: inferenceRecord.state }).from(inferenceRecord);
  return Object.entries(Object.groupBy(rows, ({ state }) => state)).map(([state, list]) => [state, list.length]);
};

describe('in a process', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await stage.start({ WORKER_ACCESS: 'open', WORKER_ROWS: '8' });
  });
  afterAll(() => worker?.stop());

  test('a client that goes away frees its places at once, and what was written is recorded once', async () => {
    const leaving = new AbortController();
    const { data: stream, response } = await clientOf(worker)
      .completions.create({ ...long, n: 4, stream: true }, { signal: leaving.signal })
      .withResponse();
    for await (const _ of stream) break;
    leaving.abort();
    await vi.waitFor(() => expect(worker.engine.status()).toMatchObject({ running: 0, waiting: 0 }));
    const requestId = response.headers.get('openledger-request-id');
    const record = await vi.waitFor(async () => {
      const found = await recordOf(stage, requestId);
      expect(found.state).toBe('cancelled');
      return found;
    });
    expect(record.outTokens).toBeGreaterThan(0);
    expect(record.outTokens).toBeLessThan(4 * 480);
    expect(record.outputHash).toMatch(/^0x/);
    expect(record.endedAt).not.toBeNull();
  });

  test('one that goes away before its whole answer came is the same', async () => {
    const leaving = new AbortController();
    const asked = clientOf(worker).completions.create({ ...long, n: 8 }, { signal: leaving.signal });
    await vi.waitFor(() => expect(worker.engine.status().running).toBeGreaterThan(0), { interval: 1 });
    leaving.abort();
    await expect(asked).rejects.toThrow(OpenAI.APIUserAbortError);
    await vi.waitFor(async () => {
      expect(worker.engine.status()).toMatchObject({ running: 0, waiting: 0 });
      expect(await states()).toEqual([['cancelled', 2]]);
    });
  });

  test('a second process of the same worker would leave alone what this one is answering', async () => {
    const { genesisHash } = stage.manifest;
    expect(await claimWorker(stage.connection.sql, { genesisHash, worker: worker.address })).toMatchObject({
      isAlone: false,
    });
    const another = await claimWorker(stage.connection.sql, { genesisHash, worker: address(5) });
    expect(another.isAlone).toBe(true);
    await another.release();
  });

  test('more than it can do is refused at once, with when to try again; what is let in is answered and recorded', async () => {
    const before = await stage.connection.db.$count(inferenceRecord);
    const tries = await Promise.allSettled(
      Array.from({ length: 60 }, (_, seed) => clientOf(worker).completions.create({ ...long, max_tokens: 40, seed })),
    );
    const refused = tries.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as InstanceType<typeof OpenAI.APIError>] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(60);
    for (const { status, headers, type } of refused) {
      expect([status, type]).toEqual([429, 'rate_limit_error']);
      expect(Number(headers!.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    const after = await stage.connection.db.$count(inferenceRecord);
    expect(after - before).toBe(60 - refused.length);
    expect((await states()).map(([state]) => state)).not.toContain('running');
  });
});

describe('as a process of its own', () => {
  let child: ChildProcess | undefined;
  afterEach(async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  const spawned = async (more: Record<string, string>): Promise<{ url: string }> => {
    child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...stage.env, LOG_LEVEL: 'info', ...more },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const part of child.stdout!) {
      said += part;
      const url = /"url":"([^"]+)"/.exec(said)?.[1];
      if (url === undefined) continue;
      child.stdout!.resume();
      return { url };
    }
    throw new Error(`it ended: ${said}`);
  };

  test('asked to stop, it ends what it has begun and takes nothing new', async () => {
    const { url } = await spawned({ WORKER_ACCESS: 'open' });
    const exited = once(child!, 'exit');
    const openai = clientOf({ url } as Worker);
    const stream = await openai.completions.create({
      ...long,
      max_tokens: 200,
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
    });
    let tokens: number | undefined;
    let isAsked = false;
    for await (const { usage } of stream) {
      if (!isAsked) child!.kill('SIGTERM');
      isAsked = true;
      tokens = usage?.completion_tokens ?? tokens;
    }
    expect(tokens).toBe(2 * 200);
    expect(await exited).toEqual([0, null]);
    expect((await states()).map(([state]) => state)).not.toContain('running');
  });

  test('killed, what it was answering has failed once it is back, and its payer owes nothing for it', async () => {
    const payer = new Wallet(Wallet.createRandom().privateKey);
    const account = payer.address.toLowerCase() as Hex;
    await stage.connection.db.insert(escrowAccount).values({
      ...{ account, balance: 10n ** 9n, deposited: 0n, spent: 0n, withdrawn: 0n, pendingWithdrawal: 0n },
      ...{ withdrawableAt: 0n, earned: 0n, earningsWithdrawn: 0n },
      ...{ createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n },
    });
    const message = {
      ...{ payer: account, worker: workerAddress, cumulativeAmount: 10n ** 6n },
      expiry: BigInt(Math.floor(Date.now() / 1000) + 3_600),
    };
    const { chainId, contracts } = stage.manifest;
    const scope = { chainId, verifyingContract: contracts.InferenceEscrow };
    const header = writeVoucher({ ...message, signature: await signMessage(payer, 'Voucher', scope, message) });
    const priced = { ...long, model: 'priced-1' };
    const committed = async () => (await stage.connection.db.select().from(voucherTable))[0]?.committed;

    const { url } = await spawned({});
    const openai = clientOf({ url } as Worker, 'x', { Authorization: null as never, 'OpenLedger-Voucher': header });
    const { data: first } = await openai.completions.create({ ...priced, max_tokens: 2 }).withResponse();
    const paid = BigInt(first.usage!.total_tokens);
    const { data: stream, response } = await openai.completions
      .create({ ...priced, n: 4, stream: true })
      .withResponse();
    const requestId = response.headers.get('openledger-request-id');
    let isKilled = false;
    await expect(async () => {
      for await (const _ of stream) {
        if (!isKilled) child!.kill('SIGKILL');
        isKilled = true;
      }
    }).rejects.toThrow();
    const most = await committed();
    expect(most).toBeGreaterThan(4n * 480n);
    expect(await recordOf(stage, requestId)).toMatchObject({ state: 'running', fee: most! - paid });

    const back = await stage.start();
    try {
      expect(await recordOf(stage, requestId)).toMatchObject({
        ...{ state: 'failed', fee: 0n, outputHash: null, error: 'The worker ended before the answer did.' },
      });
      expect(await committed()).toBe(paid);
    } finally {
      await back.stop();
    }
    expect((await states()).map(([state]) => state)).not.toContain('running');
  });
});

test('the hash of an answer is that of its text, and of several of their list', () => {
  expect(outputHash(['a', 'b'])).toBe(outputHash(['["a","b"]']));
  expect(outputHash(['\ud800'])).toBe(outputHash(['\ufffd']));
});
