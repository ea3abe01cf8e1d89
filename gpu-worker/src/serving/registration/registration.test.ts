import { type Connection, createDatabase, migrate } from '@openledger/db';
import { deployment, telemetrySample, worker, workerAdapter } from '@openledger/db/app';
import { chainDdl, createTestDatabase, type TestDatabase } from '@openledger/db/testing';
import type { Hex } from '@openledger/protocol';
import { modelRegistryAbi } from '@openledger/protocol/abi';
import { developmentAccounts, type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { deployProtocol, type Manifest } from '@openledger/protocol/deploy';
import { Contract, JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { createStaticCatalogue } from '../catalogue/index.ts';
import type { AdapterStatus, AdapterStore, ServedModel } from '../served.ts';
import { createReadingEngine } from '../store/readingEngine.fixture.ts';
import { createRegistration, type Registration, type RegistrationOptions } from './index.ts';

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const [deployer, operator] = developmentAccounts(2);
const endpoint = 'http://127.0.0.1:4020';

let chain: LocalChain;
let provider: JsonRpcProvider;
let manifest: Manifest;
let database: TestDatabase;
let connection: Connection;
const open: Registration[] = [];
let told: string[] = [];
const tell = (_fields: object, message: string) => void told.push(message);
const log = { info: tell, warn: tell } as RegistrationOptions['log'];

beforeAll(async () => {
  database = await createTestDatabase(inject('postgresUrl'));
  connection = createDatabase({ url: database.url, max: 4 });
  await connection.sql.unsafe(chainDdl().join(';'));
  await migrate(database.url);
  chain = await startLocalChain();
  provider = new JsonRpcProvider(chain.url, chain.chainId, {
    staticNetwork: true,
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  const { address } = deployer!;
  manifest = await deployProtocol({
    provider,
    deployer: new Wallet(deployer!.privateKey, provider),
    config: {
      tge: 1_700_000_000n,
      beneficiaries: { community: address, investors: address, team: address, ecosystem: address, liquidity: address },
      guardian: address,
      rootProposer: address,
    },
  });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((registration) => registration.close()));
  await connection.db.delete(deployment);
  await connection.db.delete(telemetrySample);
  await connection.sql`truncate chain.worker`;
  told = [];
});
afterAll(async () => {
  provider?.destroy();
  await chain?.stop();
  await connection.close();
  await database.drop();
});

const store = (statuses: () => readonly AdapterStatus[]): AdapterStore => ({
  acquire: () => Promise.reject(new Error('not asked here')),
  preload: async () => {},
  bring: async () => '',
  retire: () => {},
  status: statuses,
  counts: () => ({
    warm: 6,
    stored: 5,
    cold: 4,
    refused: 3,
    fetched: 2,
    fetchedBytes: 1,
    unloaded: 8,
    removed: 9,
  }),
  close: async () => {},
});
const model = (modelId: bigint, version = 1): ServedModel => ({
  name: `model-${modelId}@${version}`,
  modelId,
  version,
  adapterHash: hash(Number(modelId) * 100 + version),
  adapterUri: 'https://models.example/',
  owner: `0x${'1'.repeat(40)}`,
  createdAt: 1,
  inPer1k: 0n,
  outPer1k: 0n,
  allowed: undefined,
});
const status = (of: ServedModel, changes: Partial<AdapterStatus> = {}): AdapterStatus => ({
  hash: of.adapterHash,
  state: 'loaded',
  isPinned: false,
  bytes: 10,
  leases: 0,
  fetchMs: 1.4,
  loadMs: 2.6,
  lastUsedAt: undefined,
  error: undefined,
  ...changes,
});
const register = (options: Partial<RegistrationOptions> = {}): Registration => {
  const engine = {
    ...createReadingEngine(),
    status: () => ({
      running: 3,
      waiting: 1,
      room: 9,
      cacheUsage: 0.25,
      busyRatio: 0.5,
      promptTokens: 100,
      generatedTokens: 50,
      runningAdapters: [],
      waitingAdapters: [],
      loaded: [hash(101)],
      swaps: 4,
      swapMs: 8,
      swapsSaved: 2,
    }),
  };
  const registration = createRegistration({
    connection,
    chainId: manifest.chainId,
    genesisHash: manifest.genesisHash,
    provider,
    modelRegistry: manifest.contracts.ModelRegistry,
    key: Wallet.createRandom().privateKey,
    endpoint,
    baseModelHash: hash(1),
    softwareVersion: '0.1.0',
    adapterSlots: 100,
    engine,
    store: store(() => []),
    catalogue: createStaticCatalogue([]),
    log,
    aliveMs: 20,
    sampleMs: 20,
    chainMs: 50,
    ...options,
  });
  open.push(registration);
  return registration;
};
const registry = () => new Contract(manifest.contracts.ModelRegistry, modelRegistryAbi as never, provider);
const announced = async (of: Hex): Promise<string[]> => {
  const { filters } = registry();
  const events = await registry().queryFilter(filters.WorkerRegistered!(of));
  return events.map((event) => (event as unknown as { args: { endpoint: string } }).args.endpoint);
};
const funded = async (): Promise<string> => {
  const { address, privateKey } = Wallet.createRandom();
  await chain.call('anvil_setBalance', [address, `0x${parseEther('1').toString(16)}`]);
  return privateKey;
};
const rowOf = async (address: Hex) =>
  (await connection.db.select().from(worker)).find((row) => row.address === address);

test('a worker whose key can pay puts itself on chain, and is left alone once the chain has its endpoint', async () => {
  const key = await funded();
  const first = register({ key });
  await vi.waitFor(() => expect(first.standing()?.is).toBe('registered'), 10_000);
  expect(await announced(first.address)).toEqual([endpoint]);
  // What the indexer makes of the event.
  await connection.sql`insert into chain.worker values (${first.address}, ${first.address}, ${endpoint}, 0, 0, 0, 1, 1, '0x', 1, 1)`;
  const again = register({ key });
  await vi.waitFor(() => expect(again.standing()).toMatchObject({ is: 'registered', sent: undefined }), 10_000);
  const moved = register({ key, endpoint: 'https://worker.example' });
  await vi.waitFor(() => expect(moved.standing()?.is).toBe('registered'), 10_000);
  expect(await announced(first.address)).toEqual([endpoint, 'https://worker.example']);
});

test('one that cannot pay says what to do, serves all the same, and registers once it can', async () => {
  const registration = register();
  await vi.waitFor(() => expect(registration.standing()?.is).toBe('unable'), 10_000);
  expect(told).toEqual([
    `The worker's account ${registration.address} has 0.0 of the chain's coin, which does not pay for registering; send it some, or register it as its operator (registerWorkerWithConsent)`,
  ]);
  await registration.setState('ready');
  expect(await rowOf(registration.address)).toMatchObject({ state: 'ready', operator: registration.address });
  await chain.call('anvil_setBalance', [registration.address, `0x${parseEther('1').toString(16)}`]);
  await vi.waitFor(() => expect(registration.standing()?.is).toBe('registered'), 10_000);
});

test('one that another operates tells its operator to announce a new endpoint', async () => {
  const key = await funded();
  const other = operator!.address;
  const asOperator = new Contract(
    manifest.contracts.ModelRegistry,
    modelRegistryAbi as never,
    new Wallet(operator!.privateKey, provider),
  );
  const address = new Wallet(key).address.toLowerCase() as Hex;
  await (await asOperator.getFunction('setWilling')(address, true)).wait();
  const asWorker = asOperator.connect(new Wallet(key, provider)) as Contract;
  await (await asWorker.getFunction('registerWorker')('http://old.example')).wait();
  await (await asWorker.getFunction('transferWorker')(address, other, 'http://old.example')).wait();
  const registration = register({ key });
  await vi.waitFor(() => expect(registration.standing()).toMatchObject({ is: 'unable', operator: other }), 10_000);
  expect(told[0]).toContain(`its operator ${other} may call setEndpoint(${address}, "${endpoint}")`);
  await vi.waitFor(async () => expect((await rowOf(address))?.operator).toBe(other));
});

test('the API sees the worker, what it holds of each deployed version, and its figures', async () => {
  const [one, two, three] = [model(1n), model(2n), model(3n)] as const;
  let models: readonly ServedModel[] = [one, two];
  let statuses: readonly AdapterStatus[] = [status(one, { leases: 2, isPinned: true, lastUsedAt: new Date(0) })];
  const catalogue = { find: () => undefined, all: () => models };
  const registration = register({
    catalogue,
    store: store(() => statuses),
    figures: () => ({ 'openledger:asked_total': 7 }),
  });
  await registration.setState('ready');
  const { lastSeenAt, startedAt, ...row } = (await rowOf(registration.address))!;
  expect(row).toEqual({
    genesisHash: manifest.genesisHash,
    address: registration.address,
    operator: registration.address,
    endpoint,
    backend: 'reading',
    baseModelHash: hash(1),
    softwareVersion: '0.1.0',
    state: 'ready',
    adapterSlots: 100,
    requestSlots: 1,
  });
  expect(lastSeenAt.getTime()).toBeGreaterThan(startedAt.getTime() - 1_000);
  const adapters = async () =>
    (await connection.db.select().from(workerAdapter).orderBy(workerAdapter.modelId)).map(
      ({ updatedAt, genesisHash, worker, ...rest }) => rest,
    );
  const known = { running: 0, pinned: false, bytes: 0n, fetchMs: null, loadMs: null, lastUsedAt: null, error: null };
  expect(await adapters()).toEqual([
    {
      ...known,
      modelId: 1n,
      modelVersion: 1,
      adapterHash: hash(101),
      state: 'loaded',
      pinned: true,
      bytes: 10n,
      running: 2,
      fetchMs: 1,
      loadMs: 3,
      lastUsedAt: new Date(0),
    },
    { ...known, modelId: 2n, modelVersion: 1, adapterHash: hash(201), state: 'known' },
  ]);
  models = [one, three];
  statuses = [status(one), status(three, { state: 'failed', error: 'not there' })];
  await vi.waitFor(async () =>
    expect((await adapters()).map(({ modelId, state, error }) => [modelId, state, error])).toEqual([
      [1n, 'loaded', null],
      [3n, 'failed', 'not there'],
    ]),
  );
  await vi.waitFor(async () => {
    const samples = await connection.db.select().from(telemetrySample);
    const values = Object.fromEntries(samples.map(({ metric, value }) => [metric, value]));
    expect(values).toEqual({
      'vllm:num_requests_running': 3,
      'vllm:num_requests_waiting': 1,
      'vllm:kv_cache_usage_perc': 0.25,
      'vllm:prompt_tokens_total': 100,
      'vllm:generation_tokens_total': 50,
      'openledger:engine_busy_ratio': 0.5,
      'openledger:adapters_loaded': 1,
      'openledger:adapters_stored': 2,
      'openledger:adapters_idle': 1,
      'openledger:adapters_failed': 1,
      'openledger:adapter_swaps_total': 4,
      'openledger:adapter_swap_seconds_total': 0.008,
      'openledger:adapter_swaps_saved_total': 2,
      'openledger:adapters_found_loaded_total': 6,
      'openledger:adapters_found_stored_total': 5,
      'openledger:adapters_found_nowhere_total': 4,
      'openledger:adapters_refused_total': 3,
      'openledger:adapters_fetched_total': 2,
      'openledger:adapters_fetched_bytes_total': 1,
      'openledger:adapters_unloaded_total': 8,
      'openledger:adapters_removed_total': 9,
      'openledger:asked_total': 7,
    });
  });
  await registration.close();
  expect((await rowOf(registration.address))?.state).toBe('draining');
});

test('rows of an earlier run that are of no use any more go, and figures of a week ago', async () => {
  const key = Wallet.createRandom().privateKey;
  const before = register({ key, catalogue: createStaticCatalogue([model(1n), model(2n)]) });
  await before.setState('ready');
  await before.close();
  await connection.sql`insert into app.telemetry_sample (worker, metric, value, taken_at)
    values (${before.address}, 'old', 1, now() - interval '8 days')`;
  const after = register({ key, catalogue: createStaticCatalogue([model(2n, 2)]) });
  await after.setState('ready');
  const rows = await connection.db.select().from(workerAdapter);
  expect(rows.map(({ modelId, modelVersion }) => [modelId, modelVersion])).toEqual([[2n, 2]]);
  await vi.waitFor(async () => {
    const samples = await connection.db.select().from(telemetrySample);
    expect(samples.filter(({ metric }) => metric === 'old')).toEqual([]);
  });
});

test('nothing is lost while the database is away: it is told once, and goes on', async () => {
  const registration = register();
  await registration.setState('ready');
  await vi.waitFor(() => expect(registration.standing()).toBeDefined(), 10_000);
  told = [];
  await connection.sql`alter table app.worker rename to gone`;
  await vi.waitFor(() => expect(told).toEqual(['it failed, and is tried again']));
  await connection.sql`alter table app.gone rename to worker`;
  await vi.waitFor(() => expect(told).toEqual(['it failed, and is tried again', 'it works again']));
});
