import { fileURLToPath } from 'node:url';
import { inferenceRecord, voucher as voucherTable } from '@openledger/db/app';
import { escrowAccount, inference } from '@openledger/db/chain';
import { type Hex, requestIdOf, signMessage } from '@openledger/protocol';
import { developmentAccounts, type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { loadHarness } from '@openledger/protocol/compile';
import { eq, sql } from 'drizzle-orm';
import { ContractFactory, JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { readBase } from '../../src/base/index.ts';
import { feeOf } from '../../src/serving/payments/price.ts';
import type { SignedVoucher } from '../../src/serving/payments/signedVoucher.ts';
import { writeVoucher } from '../../src/serving/payments/voucherHeader.ts';
import type { Worker } from '../../src/serving/worker.ts';
import { type Adapters, writeAdapters } from '../engine/adapters.ts';
import { errorOf } from './errorOf.ts';
import { publish } from './published.ts';
import { recordOf } from './records.ts';
import { address, clientOf, hash, openStage, type Stage } from './stage.ts';

const { config, tokenizer } = await readBase(fileURLToPath(new URL('../../base', import.meta.url)));
const model = 'priced-1';
const price = { inPer1k: 1_500n, outPer1k: 4_000n };
const inAnHour = () => BigInt(Math.floor(Date.now() / 1000) + 3_600);

let stage: Stage;
let chain: LocalChain;
let adapters: Adapters;
let worker: Worker;
let payer: Wallet;

beforeAll(async () => {
  stage = await openStage(inject('postgresUrl'));
  chain = await startLocalChain();
  adapters = await writeAdapters(config, 1, 8);
  await publish(stage.connection, { id: 1n, name: 'Priced', adapter: adapters.fitting[0]!, ...price });
  worker = await stage.start({ CHAIN_RPC_URL: chain.url });
});
beforeEach(async () => {
  payer = new Wallet(Wallet.createRandom().privateKey);
  await deposit(addressOf(payer), 1_000_000n);
});
afterAll(async () => {
  await worker?.stop();
  await chain?.stop();
  await adapters?.remove();
  await stage?.close();
});

const addressOf = (wallet: Wallet): Hex => wallet.address.toLowerCase() as Hex;

const deposit = (account: Hex, balance: bigint, more: object = {}) => {
  const nothing = { deposited: 0n, spent: 0n, withdrawn: 0n, earned: 0n, earningsWithdrawn: 0n };
  const standing = { balance, pendingWithdrawal: 0n, withdrawableAt: 0n, ...more };
  const provenance = { createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n };
  return stage.connection.db
    .insert(escrowAccount)
    .values({ account, ...nothing, ...standing, ...provenance })
    .onConflictDoUpdate({ target: escrowAccount.account, set: standing });
};

const scope = () => ({
  chainId: stage.manifest.chainId,
  verifyingContract: stage.manifest.contracts.InferenceEscrow,
});

const sign = async (
  cumulativeAmount: bigint,
  more: Partial<SignedVoucher> = {},
  signer = payer,
): Promise<SignedVoucher> => {
  const voucher = { payer: addressOf(payer), worker: worker.address, cumulativeAmount, expiry: inAnHour(), ...more };
  const { payer: from, worker: to, expiry } = voucher;
  const message = { payer: from, worker: to, cumulativeAmount, expiry };
  return { signature: await signMessage(signer, 'Voucher', scope(), message), ...voucher };
};

/** 8 tokens at most. */
const askWith = (voucher: SignedVoucher | undefined, more: object = {}) => {
  const headers = voucher === undefined ? {} : { 'OpenLedger-Voucher': writeVoucher(voucher) };
  const openai = clientOf(worker, 'nothing', { Authorization: null as never, ...headers });
  return openai.completions
    .create({ model, prompt: '# Install', max_tokens: 8, ignore_eos: true, ...more } as never)
    .withResponse();
};

const paymentOf = async (voucher: SignedVoucher | undefined) => {
  const headers = voucher === undefined ? {} : { 'OpenLedger-Voucher': writeVoucher(voucher) };
  const body = JSON.stringify({ model, prompt: '# Install', max_tokens: 8, ignore_eos: true });
  const response = await fetch(`${worker.url}/v1/completions`, { method: 'POST', body, headers });
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, ...error } as { status: number; payment?: Record<string, string> };
};

const committedOf = async (account: Hex): Promise<bigint | undefined> => {
  const { db } = stage.connection;
  return (await db.select().from(voucherTable).where(eq(voucherTable.payer, account)))[0]?.committed;
};

/** What the request above comes to. */
const inTokens = tokenizer.encode('# Install').length;
const whole = () => feeOf(price, { inTokens, outTokens: 8 });

test('a voucher pays: what it came to is recorded, reserved before and charged after', async () => {
  const { data, response } = await askWith(await sign(whole()));
  expect(data.usage).toMatchObject({ prompt_tokens: inTokens, completion_tokens: 8 });
  const requestId = response.headers.get('openledger-request-id') as Hex;
  const record = await recordOf(stage, requestId);
  expect(record).toMatchObject({ payer: addressOf(payer), apiKeyId: null, fee: whole(), state: 'answered' });
  const { chainId, verifyingContract: escrow } = scope();
  const ids = { chainId, escrow, worker: worker.address, payer: payer.address, nonce: record.nonce! };
  expect(requestIdOf(ids)).toBe(requestId);
  expect(await committedOf(addressOf(payer))).toBe(whole());
  const [kept] = await stage.connection.db
    .select()
    .from(voucherTable)
    .where(eq(voucherTable.payer, addressOf(payer)));
  expect(kept!.cumulativeAmount).toBe(whole());
});

test('the same voucher again buys nothing more, and it is said how much it has to promise', async () => {
  const voucher = await sign(whole());
  await askWith(voucher);
  const again = await paymentOf(voucher);
  expect(again).toMatchObject({ status: 402, type: 'payment_required', code: 'voucher_too_low' });
  expect(again.payment).toEqual({
    payer: addressOf(payer),
    worker: worker.address,
    escrow: stage.manifest.contracts.InferenceEscrow,
    cumulativeAmount: `${2n * whole()}`,
    expiry: expect.stringMatching(/^\d+$/),
    balance: `${2n * whole()}`,
  });
  // The next one promises as much as was said, and no more is needed for the one after that than it promises.
  expect((await askWith(await sign(BigInt(again.payment!.cumulativeAmount!)))).response.status).toBe(200);
});

test('what was reserved and not used may be spent', async () => {
  const voucher = await sign(whole());
  const { data } = await askWith(voucher, { max_tokens: 2 });
  const left = whole() - feeOf(price, { inTokens, outTokens: 2 });
  expect(data.usage!.completion_tokens).toBe(2);
  expect(await committedOf(addressOf(payer))).toBe(whole() - left);
  expect(await errorOf(askWith(voucher))).toMatchObject({ status: 402 });
});

test('many at once never spend more than was promised', async () => {
  const voucher = await sign(3n * whole() + 1n);
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => askWith(voucher)));
  const answered = tries.filter(({ status }) => status === 'fulfilled').length;
  expect(answered).toBeLessThanOrEqual(3);
  expect(answered).toBeGreaterThan(0);
  const { db } = stage.connection;
  const [sum] = await db
    .select({ fees: sql<bigint>`sum(${inferenceRecord.fee})`.mapWith(BigInt) })
    .from(inferenceRecord)
    .where(eq(inferenceRecord.payer, addressOf(payer)));
  expect(sum!.fees).toBe(BigInt(answered) * whole());
  expect(await committedOf(addressOf(payer))).toBe(sum!.fees);
});

test('none, an expired one, another worker’s and an altered one are told apart', async () => {
  expect(await paymentOf(undefined)).toMatchObject({ status: 401, code: 'missing_credentials' });
  const good = await sign(1_000n);
  const soon = await sign(1_000n, { expiry: BigInt(Math.floor(Date.now() / 1000) + 60) });
  expect(await paymentOf(soon)).toMatchObject({ status: 402, code: 'voucher_expired' });
  const elsewhere = await sign(1_000n, { worker: address(9) });
  expect(await paymentOf(elsewhere)).toMatchObject({ status: 402, code: 'voucher_for_another_worker' });
  const altered: SignedVoucher[] = [
    { ...good, cumulativeAmount: 2_000n },
    { ...good, expiry: good.expiry + 1n },
    { ...good, payer: address(0x77) },
    { ...good, signature: `${good.signature.slice(0, -2)}00` as Hex },
    { ...good, signature: good.signature.slice(0, -2) as Hex },
    await sign(1_000n, {}, new Wallet(Wallet.createRandom().privateKey)),
  ];
  for (const each of altered) {
    expect(await paymentOf(each)).toMatchObject({ status: 402, code: 'voucher_signature_wrong' });
  }
  expect(await committedOf(addressOf(payer))).toBeUndefined();
});

test('a header that is no voucher is refused with what is wrong in it', async () => {
  const ask = async (header: string) => {
    const response = await fetch(`${worker.url}/v1/models`, { headers: { 'OpenLedger-Voucher': header } });
    return [response.status, ((await response.json()) as { error: { message: string } }).error.message] as const;
  };
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const good = JSON.parse(Buffer.from(writeVoucher(await sign(1n)), 'base64url').toString());
  for (const [header, why] of [
    ['***', 'base64url of JSON'],
    [encode(3), 'is not right'],
    [encode({ ...good, payer: '0x12' }), 'payer must be an address'],
    [encode({ ...good, cumulativeAmount: '-1' }), 'cumulativeAmount must be decimal digits'],
    [encode({ ...good, cumulativeAmount: `${2n ** 256n}` }), 'cumulativeAmount must be less than 2^256'],
    [encode({ ...good, expiry: `${2n ** 64n - 1n}` }), 'expiry must be before the year 10000'],
    [encode({ ...good, more: 1 }), 'more'],
  ] as const) {
    expect(await ask(header)).toEqual([400, expect.stringContaining(why)]);
  }
});

test('a voucher is as good as the deposit behind it, and what is about to be withdrawn is none', async () => {
  await deposit(addressOf(payer), whole() - 1n);
  const voucher = await sign(10n * whole());
  expect(await paymentOf(voucher)).toMatchObject({
    status: 402,
    code: 'balance_too_low',
    payment: { balance: `${whole()}` },
  });
  const soon = BigInt(Math.floor(Date.now() / 1000) + 60);
  await deposit(addressOf(payer), 3n * whole(), { pendingWithdrawal: 3n * whole(), withdrawableAt: soon });
  expect(await paymentOf(voucher)).toMatchObject({ code: 'balance_too_low' });
  await deposit(addressOf(payer), 3n * whole(), { pendingWithdrawal: 3n * whole(), withdrawableAt: soon + 86_400n });
  expect((await askWith(voucher)).response.status).toBe(200);
});

test('what another worker has a claim to is not spent twice', async () => {
  const account = addressOf(payer);
  await deposit(account, 2n * whole());
  await stage.connection.db.insert(voucherTable).values({
    ...{ genesisHash: stage.manifest.genesisHash, payer: account, worker: address(8), committed: 2n * whole() },
    ...{ cumulativeAmount: 100n * whole(), expiresAt: new Date(Date.now() + 3_600_000), signature: '0xab' },
  });
  expect(await paymentOf(await sign(whole()))).toMatchObject({ code: 'balance_too_low' });
});

test('what was settled on chain counts, also where nothing is known of it here', async () => {
  const account = addressOf(payer);
  await stage.connection.db.insert(inference).values({
    ...{ requestId: hash(0x99), eventId: '1', modelId: 1n, worker: worker.address, payer: account, version: 1 },
    ...{ inTokens: 1n, outTokens: 1n, fee: 5_000n, outputHash: hash(2), platformFee: 0n, modelFee: 0n, workerFee: 0n },
    ...{ stakersFee: 0n, contributorsFee: 0n, attributionStatus: 'none' as const },
    ...{ createdBlock: 1n, createdAt: 1n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n },
  });
  expect(await paymentOf(await sign(4_999n + whole()))).toMatchObject({
    code: 'voucher_too_low',
    payment: { cumulativeAmount: `${5_000n + whole()}`, balance: `${whole()}` },
  });
  expect((await askWith(await sign(5_000n + whole()))).response.status).toBe(200);
});

test('a better voucher is kept, a worse one is not, and the kept one pays for who is known otherwise', async () => {
  const later = inAnHour() + 3_600n;
  await askWith(await sign(10n * whole(), { expiry: later }));
  await askWith(await sign(2n * whole()));
  const [kept] = await stage.connection.db
    .select()
    .from(voucherTable)
    .where(eq(voucherTable.payer, addressOf(payer)));
  expect(kept).toMatchObject({ cumulativeAmount: 10n * whole(), committed: 2n * whole() });
  expect(kept!.expiresAt.getTime()).toBe(Number(later) * 1000);
});

test('a contract wallet’s voucher is good when the wallet says so (ERC-1271), and no other', async () => {
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, pollingInterval: 20 });
  const { abi, bytecode } = (await loadHarness()).SmartWallet!;
  const deployer = new Wallet(developmentAccounts(1)[0]!.privateKey, provider);
  const contract = await new ContractFactory(abi as never, bytecode, deployer).deploy(payer.address);
  await contract.waitForDeployment();
  const wallet = (await contract.getAddress()).toLowerCase() as Hex;
  provider.destroy();
  await deposit(wallet, 1_000_000n);
  const { data } = await askWith(await sign(whole(), { payer: wallet }));
  expect(data.usage!.completion_tokens).toBe(8);
  expect(await committedOf(wallet)).toBe(whole());
  const stranger = new Wallet(Wallet.createRandom().privateKey);
  expect(await paymentOf(await sign(9n * whole(), { payer: wallet }, stranger))).toMatchObject({
    code: 'voucher_signature_wrong',
  });
});
