import { enqueue, type RelayRow, type RunningRelayer, startRelayer } from '@openledger/api/relay';
import { relay, relayAttempt, relayTransaction } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { scoreCommitment, signMessage } from '@openledger/protocol';
import { startLocalChain } from '@openledger/protocol/chain';
import { asc, eq, inArray } from 'drizzle-orm';
import { id, parseEther, Wallet } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { contribute } from './contribute.ts';
import { act, contentOf, type Ground, layGround } from './ground.ts';
import { type Miner, startMiner } from './mining.ts';

let ground: Ground;
let miner: Miner;
const running: RunningRelayer[] = [];

beforeAll(async () => {
  ground = await layGround();
  miner = await startMiner(ground.chain);
}, 120_000);
beforeEach(() => miner.set(true));
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});
afterAll(async () => {
  await miner?.stop();
  await ground?.stop();
});

const start = async (overrides: Partial<Ground['config']> = {}) => {
  const relayer = await startRelayer({ ...ground.config, port: 0, ...overrides });
  running.push(relayer);
  return relayer;
};
const patience = { timeout: 45_000, interval: 20 };
const statesOf = async (rows: readonly RelayRow[]) => {
  const keys = rows.map(({ idempotencyKey }) => idempotencyKey);
  const found = await ground.db
    .select()
    .from(relay)
    .where(inArray(relay.idempotencyKey, keys))
    .orderBy(asc(relay.position));
  return found.map(({ state }) => state);
};
const all = async (rows: readonly RelayRow[], state: string) =>
  expect.poll(() => statesOf(rows), patience).toEqual(rows.map(() => state));
const read = async ({ idempotencyKey }: RelayRow) =>
  (await ground.db.select().from(relay).where(eq(relay.idempotencyKey, idempotencyKey)))[0]!;
const transactionOf = async (row: RelayRow) => {
  const { transactionId } = await read(row);
  return (await ground.db.select().from(relayTransaction).where(eq(relayTransaction.id, transactionId!)))[0]!;
};
const troublesOf = async ({ url }: RunningRelayer) =>
  ((await (await fetch(`${url}/ready`)).json()) as { troubles: Record<string, string> }).troubles;
const person = (i: number) => ground.people[i]!;
const addressOf = (wallet: Wallet) => wallet.address.toLowerCase() as Hex;
const far = 10_000_000_000n;

test('contributions that wait go in one transaction, and each state is told of', async () => {
  const heard: string[] = [];
  const { unlisten } = await ground.sql.listen('openledger_relay', (text) => heard.push(text));
  const rows = await Promise.all(ground.people.map((who, i) => contribute(ground, who, `together ${i}`)));
  const relayer = await start();
  await all(rows, 'final');
  const sent = new Set(await Promise.all(rows.map(async (row) => (await transactionOf(row)).hash)));
  expect(sent.size).toBe(1);
  const states = heard.map((text) => JSON.parse(text)).filter((each) => each.id === rows[0]!.idempotencyKey);
  expect(states.map(({ state }) => state)).toEqual(['pending', 'submitted', 'mined', 'final']);
  expect((await fetch(`${relayer.url}/ready`)).status).toBe(200);
  const metrics = await (await fetch(`${relayer.url}/metrics`)).text();
  expect(metrics).toMatch(/openledger_relayer_actions\{state="final"\} 5/);
  expect(metrics).toMatch(/openledger_relayer_broadcasts_total 1/);
  await unlisten();
});

test('what the contract refuses fails in plain words, and does not hold up the others', async () => {
  const old = await contribute(ground, person(0), 'too late', { deadline: 1n });
  const nowhere = await contribute(ground, person(1), 'nowhere', { datanetId: 77n });
  const good = await contribute(ground, person(2), 'good');
  const taken = await contribute(ground, person(3), 'good');
  await start();
  await all([good], 'final');
  await all([old, nowhere, taken], 'failed');
  expect((await read(old)).error).toBe('The signature ran out at 1970-01-01T00:00:01.000Z. Sign again.');
  expect((await read(nowhere)).error).toBe('There is no datanet 77.');
  expect((await read(taken)).error).toMatch(/^Datanet 1 has this content already: contribution \d+\.$/);
});

test('a row waits until its time', async () => {
  const notBefore = new Date(Date.now() + 1500);
  const row = await contribute(ground, person(0), 'not yet', { notBefore });
  await start();
  await all([row], 'final');
  expect((await transactionOf(row)).submittedAt.getTime()).toBeGreaterThanOrEqual(notBefore.getTime());
});

/** A signed authorisation of the relayer. */
const authorise = async (who: Wallet): Promise<RelayRow> => {
  const { manifest, registry, relayer, db } = ground;
  const account = addressOf(who);
  const nonce = (await registry.getFunction('nonces')(account)) as bigint;
  const message = { account, relayer: relayer.address, expiresAt: far, nonce, deadline: far };
  const scope = { chainId: manifest.chainId, verifyingContract: manifest.contracts.DatanetRegistry };
  const signature = await signMessage(who, 'RelayerAuthorization', scope, message);
  const payload = { ...message, signature };
  const action = 'authorizeRelayerWithSignature';
  return (await enqueue(db, { action, payload, genesisHash: manifest.genesisHash, account })).relay;
};

test('an authorisation and what needs it go together, through review to the verdict', async () => {
  const { registry, manifest, db } = ground;
  const [contributor, validator] = [person(0), person(4)] as const;
  await act(registry, 'createDatanet', 'Reviewed', 'ipfs://r', id('r'), 0, 0n, parseEther('0.5'), 1, 3600n);
  await act(registry, 'setValidator', 2n, validator.address, true);
  const { genesisHash, chainId } = manifest;
  const content = {
    datanetId: 2n,
    contentHash: contentOf('reviewed'),
    uri: 'ipfs://reviewed',
    licenseId: contentOf('MIT'),
  };
  const submission = { contributor: addressOf(contributor), ...content, rows: 1n };
  const authorised = await authorise(contributor);
  const submitted = await enqueue(db, {
    ...{ action: 'submitContributionFor', payload: submission, genesisHash, account: addressOf(contributor) },
  });
  const validatorAuthorised = await authorise(validator);
  await start();
  await all([authorised, submitted.relay, validatorAuthorised], 'final');

  const contributionId = (await registry.getFunction('contributionOf')(2n, content.contentHash)) as bigint;
  const [score, evidenceHash, salt] = [parseEther('0.9'), contentOf('evidence'), contentOf('salt')] as const;
  const account = addressOf(validator);
  const blind = { chainId, registry: manifest.contracts.DatanetRegistry, contributionId, validator: account };
  const commitment = scoreCommitment({ ...blind, score, evidenceHash, salt });
  const of = { genesisHash, account };
  const rows = [
    await enqueue(db, { ...of, action: 'commitScoreFor', payload: { validator: account, contributionId, commitment } }),
    await enqueue(db, {
      ...of,
      action: 'revealScoreFor',
      payload: { validator: account, contributionId, score, evidenceHash, salt },
    }),
    await enqueue(db, { ...of, action: 'finalizeContribution', payload: { contributionId } }),
  ].map((each) => each.relay);
  await all(rows, 'final');
  expect((await registry.getFunction('contribution')(contributionId)).status).toBe(2n);
});

test('what its contributor sent meanwhile is found done, not failed', async () => {
  const { registry } = ground;
  const name = 'sent by oneself';
  const own = registry.connect(person(1)) as typeof registry;
  await act(own, 'submitContribution', 1n, contentOf(name), `ipfs://${name}`, id('MIT'), 1n);
  const row = await contribute(ground, person(1), name);
  await start();
  await all([row], 'final');
  expect(await read(row)).toMatchObject({ transactionId: null, error: null });
});

test('a batch that the chain refuses is taken apart: what is done stays so, the rest goes again alone', async () => {
  const { registry, chain } = ground;
  await miner.set(false);
  const rows = [
    await contribute(ground, person(0), 'overtaken'),
    await contribute(ground, person(1), 'beside it'),
    await contribute(ground, person(2), 'beside it too'),
  ];
  await start();
  await all(rows, 'submitted');
  const refused = await transactionOf(rows[1]!);
  const own = registry.connect(person(0)) as typeof registry;
  const dear = {
    gasLimit: 500_000n,
    maxFeePerGas: parseEther('0.000001'),
    maxPriorityFeePerGas: parseEther('0.000001'),
  };
  const call = ['submitContribution', 1n, contentOf('overtaken'), 'ipfs://x', id('MIT'), 1n] as const;
  await own.getFunction(call[0]).send(...call.slice(1), dear);
  await chain.mine();
  await miner.set(true);
  await all(rows, 'final');
  expect(await read(rows[0]!)).toMatchObject({ transactionId: null, reverts: 1 });
  const again = await Promise.all(rows.slice(1).map(async (row) => (await transactionOf(row)).hash));
  expect(new Set([refused.hash, ...again]).size).toBe(3);
  const [closed] = await ground.db.select().from(relayTransaction).where(eq(relayTransaction.id, refused.id));
  expect(closed).toMatchObject({ state: 'reverted' });
});

test('a block that is taken back takes its actions back, and they are mined again by the same transaction', async () => {
  await miner.set(false);
  const row = await contribute(ground, person(0), 'reorganised');
  await start();
  await all([row], 'submitted');
  await ground.chain.mine();
  await all([row], 'mined');
  const before = await transactionOf(row);
  await ground.chain.call('anvil_reorg', [1, []]);
  await all([row], 'submitted');
  await miner.set(true);
  await all([row], 'final');
  const after = await transactionOf(row);
  expect(after).toMatchObject({ hash: before.hash, attempts: 1 });
  expect(after.minedBlockHash).not.toBe(before.minedBlockHash);
});

test('what was final on a chain that was cut short is sent again', async () => {
  const row = await contribute(ground, person(0), 'cut off');
  await start();
  await all([row], 'final');
  const { id: transactionId } = await transactionOf(row);
  await miner.set(false);
  await ground.chain.call('anvil_reorg', [20, []]);
  await miner.set(true);
  const settled = async () =>
    (await ground.db.select().from(relayTransaction).where(eq(relayTransaction.id, transactionId)))[0]!.isSettled;
  await expect.poll(settled, patience).toBe(false);
  await all([row], 'final');
  expect(await ground.registry.getFunction('contributionOf')(1n, contentOf('cut off'))).not.toBe(0n);
});

test('a database that ends its connections is worked with again, and nothing is lost', async () => {
  const process = await start();
  await expect.poll(() => troublesOf(process), patience).toEqual({});
  await ground.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'openledger-relayer%'`;
  const row = await contribute(ground, person(0), 'disconnected');
  await all([row], 'final');
  await expect.poll(() => troublesOf(process), patience).toEqual({});
});

test('a nonce that the same key used elsewhere costs nothing but time', async () => {
  const { chain, registry, relayer } = ground;
  await miner.set(false);
  const row = await contribute(ground, person(0), 'outbid');
  await start({ stuckSeconds: 600 });
  await all([row], 'submitted');
  const { nonce } = await transactionOf(row);
  const elsewhere = new Wallet(relayer.privateKey, registry.runner!.provider);
  const fee = parseEther('0.000001');
  const other = { to: relayer.address, nonce: Number(nonce), maxFeePerGas: fee, maxPriorityFeePerGas: fee };
  await elsewhere.sendTransaction(other);
  await chain.mine();
  await miner.set(true);
  await all([row], 'final');
  expect((await transactionOf(row)).nonce).toBe(nonce + 1n);
  const given = await ground.db.select().from(relayTransaction).where(eq(relayTransaction.nonce, nonce));
  expect(given).toMatchObject([{ state: 'replaced', isSettled: true }]);
});

test('one that blocks pass by is sent for a higher fee with the same nonce, and every attempt is remembered', async () => {
  const { chain, db } = ground;
  await miner.set(false);
  const row = await contribute(ground, person(0), 'too cheap');
  await start();
  await all([row], 'submitted');
  const before = await transactionOf(row);
  const passBy = async () => {
    await chain.call('anvil_setNextBlockBaseFeePerGas', ['0x12a05f200']);
    await chain.mine();
    return (await transactionOf(row)).attempts;
  };
  await expect.poll(passBy, { ...patience, interval: 200 }).toBeGreaterThan(1);
  await miner.set(true);
  await all([row], 'final');
  const after = await transactionOf(row);
  expect(after.nonce).toBe(before.nonce);
  expect(after.maxFeePerGas * 8n).toBeGreaterThanOrEqual(before.maxFeePerGas * 9n);
  const tried = await db.select().from(relayAttempt).where(eq(relayAttempt.transactionId, after.id));
  expect(tried.map(({ hash }) => hash)).toEqual(expect.arrayContaining([before.hash, after.hash]));
});

test('a nonce that nobody has is filled, so that what lies behind it is mined', async () => {
  const { chain, db } = ground;
  await miner.set(false);
  const relayer = await start({ batchRows: 1 });
  const rows = [await contribute(ground, person(0), 'forgotten'), await contribute(ground, person(1), 'behind it')];
  await all(rows, 'submitted');
  await relayer.stop();
  running.splice(0);
  // As after a database was put back to an earlier state, and the node has forgotten too.
  const missing = await transactionOf(rows[0]!);
  await chain.call('anvil_dropTransaction', [missing.hash]);
  await db.delete(relay).where(eq(relay.idempotencyKey, rows[0]!.idempotencyKey));
  await db.delete(relayTransaction).where(eq(relayTransaction.id, missing.id));
  await miner.set(true);
  await start();
  await all([rows[1]!], 'final');
});

test('without funds actions wait, /ready says what to send where, and they go once it has come', async () => {
  const { chain, relayer } = ground;
  const balance = await chain.call<string>('eth_getBalance', [relayer.address, 'latest']);
  await chain.call('anvil_setBalance', [relayer.address, '0x1']);
  const row = await contribute(ground, person(0), 'penniless');
  const process = await start();
  await expect.poll(() => troublesOf(process), patience).toHaveProperty('funds');
  expect((await troublesOf(process)).funds).toMatch(
    new RegExp(`^The relayer ${relayer.address} has 1 wei and needs \\d+ for its next transaction: send it some.`),
  );
  expect((await fetch(`${process.url}/ready`)).status).toBe(503);
  expect(await statesOf([row])).toEqual(['pending']);
  await chain.call('anvil_setBalance', [relayer.address, balance]);
  await all([row], 'final');
  expect(await troublesOf(process)).toEqual({});
});

test('a paused protocol fails nothing: actions wait until it goes on', async () => {
  const { registry, chain, manifest } = ground;
  const guardian = '0x976ea74026e726554db657fa54763abd0c3a0aa9';
  const call = (method: string) =>
    chain.call('eth_sendTransaction', [
      {
        from: guardian,
        to: manifest.contracts.DatanetRegistry,
        data: registry.interface.encodeFunctionData(method, []),
      },
    ]);
  await call('pause');
  await expect.poll(() => registry.getFunction('paused')(), patience).toBe(true);
  const row = await contribute(ground, person(0), 'while paused');
  const process = await start();
  await expect.poll(() => troublesOf(process), patience).toHaveProperty('pause');
  expect(await statesOf([row])).toEqual(['pending']);
});

test('a second process with the same key waits, and takes over when the first ends', async () => {
  const first = await start();
  const second = await start();
  await expect.poll(() => troublesOf(second), patience).toHaveProperty('lock');
  await first.stop();
  running.splice(0, 1);
  await expect.poll(() => troublesOf(second), patience).not.toHaveProperty('lock');
});

test('on another chain nothing is touched, and it says so', async () => {
  const other = await startLocalChain({ genesisTimestamp: 5_000n });
  try {
    await expect(start({ rpcUrls: [other.url] })).rejects.toThrow(
      'CHAIN_RPC_URL leads to another chain than the contracts were deployed on',
    );
  } finally {
    await other.stop();
  }
});
