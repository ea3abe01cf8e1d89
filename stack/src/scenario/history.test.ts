import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { getContent } from '@openledger/db';
import { trainingRun } from '@openledger/db/app';
import { type KnownContribution, openVersion, readContent } from '@openledger/gpu-worker/attribution/version';
import { hashFiles } from '@openledger/gpu-worker/lora';
import { datanetTree } from '@openledger/protocol';
import { cardBenchmarkId } from '@openledger/protocol/attribution';
import { getAddress, JsonRpcProvider, keccak256 } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localWorker, outfitWorker } from '../worker-service.ts';
import { contentNamed } from './contents.ts';
import { playHistory } from './history.ts';
import { installedNodeModules } from './library.ts';
import { playLive } from './live.ts';
import type { ScenarioLog } from './log.ts';
import { type Play, preparePlay } from './play.ts';
import { building } from './policies/building.ts';
import { createStore } from './store.ts';
import { genesisDaysAgo, type Stage, setStage } from './test-stage.ts';
import { type Recipe, recipe } from './workshop/recipe.ts';
import { createRuns } from './workshop/runs.ts';
import type { weigh } from './workshop/train.ts';
import { openWorkshop, type Workshop } from './workshop/workshop.ts';
import type { World } from './world.ts';

const days = 23;
const genesis = genesisDaysAgo(days);
const until = Math.floor(Date.now() / 1_000);
const never = new AbortController().signal;
const failures: string[] = [];
const quiet = {
  happened: () => {},
  remembered: () => {},
  failed: (say: string, reason: string) => failures.push(`${say}: ${reason}`),
  progress: () => {},
};

let stage: Stage;
/** The chain as it was when the contracts had just been deployed. */
let deployed: string;
let play: Play;
let expected: ReturnType<typeof summary>;

const playOptions = (log: ScenarioLog, signal = never) => ({
  rpcUrl: stage.chain.url,
  manifest: stage.manifest,
  contents: createStore(stage.connection.db),
  log,
  blockTime: 1,
  nodeModules: installedNodeModules(),
  signal,
});
const prepare = (log: ScenarioLog, signal = never) => preparePlay(playOptions(log, signal));

beforeAll(async () => {
  stage = await setStage(genesis);
  deployed = await stage.chain.call<string>('evm_snapshot');
  play = await prepare(quiet);
  await playHistory({ play, log: quiet, until, signal: never });
  expected = summary(play);
}, 60_000);

afterAll(async () => {
  play?.close();
  await stage?.close();
}, 30_000);

/**
 * What a history comes to, whatever the blocks it came to it in. Left out are the votes on proposals still open: their
 * moments follow the second in which the vote began, which an interruption moves.
 */
function summary({ world }: Play) {
  const { contributions, datanets, proposals, disputes, history } = world;
  const isOver = (id: bigint) => proposals.get(id)?.ended !== undefined;
  const events = [...history].map(([kind, all]) => {
    const over = kind.startsWith('OpenGovernor.VoteCast') ? all.filter(({ args }) => isOver(args.proposalId)) : all;
    return `${kind} ${over.length}`;
  });
  return {
    contributions: [...contributions.values()].map(({ id, datanetId, contributor, contentHash, status }) => ({
      id,
      datanetId,
      contributor,
      contentHash,
      status,
    })),
    datanets: [...datanets.values()].map(({ name, owner, status, versions }) => ({ name, owner, status, versions })),
    roots: history.get('DatanetRegistry.DatanetVersionPublished')?.map(({ args }) => args.dataRoot),
    proposals: [...proposals.values()].map(({ description, tally, ended }) => ({
      description,
      ended,
      tally: ended === undefined ? 'open' : tally,
    })),
    disputes: [...disputes.values()].map(({ contributionId, open }) => ({ contributionId, open })),
    events: events.sort(),
  };
}

test('weeks of community life are on chain, and nothing that personas tried was refused', () => {
  expect(failures).toEqual([]);
  const { datanets, contributions, proposals, disputes } = expected;
  const count = (status: string) => contributions.filter((each) => each.status === status).length;
  expect(datanets.map(({ name }) => name)).toContain('Database Internals');
  expect(count('accepted')).toBeGreaterThan(30);
  expect(count('rejected')).toBeGreaterThan(3);
  expect(proposals.filter(({ ended }) => ended === 'executed').length).toBeGreaterThan(0);
  expect(disputes.length).toBeGreaterThan(0);
  for (const kind of [
    'DatanetRegistry.AccessGranted',
    'DatanetRegistry.RelayerAuthorized',
    'ModelRegistry.ModelPricingUpdated',
    'StakeManager.RoleStaked',
    'GOPEN.DelegateChanged',
    'LinearVesting.ERC20Released',
    'OpenGovernor.ProposalCanceled',
    'AttributionLedger.AlgorithmSet',
    'DisputeResolver.DisputeCountered',
  ]) {
    expect(play.world.happened(kind), kind).toBe(true);
  }
  // Nobody was there to train or to answer then: nothing of it is pretended.
  expect(play.world.happened('ModelRegistry.ModelVersionPublished')).toBe(false);
  expect(play.world.happened('InferenceEscrow.InferenceSettled')).toBe(false);
});

test('every published root is the Merkle tree of what the registry had accepted then', async () => {
  const { contracts, world } = play;
  const published = world.history.get('DatanetRegistry.DatanetVersionPublished') ?? [];
  expect(published.length).toBeGreaterThan(3);
  for (const { args, block } of published) {
    const accepted = [];
    let rows = 0n;
    for (const { id, datanetId, submittedBlock } of world.contributions.values()) {
      if (datanetId !== args.datanetId || submittedBlock >= block) continue;
      const data = contracts.encode('DatanetRegistry', 'contribution', [id]);
      const answer = await stage.chain.call<string>('eth_call', [
        { to: contracts.at('DatanetRegistry'), data },
        `0x${(block - 1).toString(16)}`,
      ]);
      const [onChain] = contracts.decodeResult('DatanetRegistry', 'contribution', answer);
      if (onChain.status !== 2n) continue;
      accepted.push({ contributionId: id, contentHash: onChain.contentHash });
      rows += onChain.rows;
    }
    expect(datanetTree(accepted).root).toBe(args.dataRoot);
    expect([BigInt(accepted.length), rows]).toEqual([args.contributions, args.rows]);
  }
}, 30_000);

test('every hash that a contribution or a score names is the hash of a stored content with its origin', async () => {
  for (const { contentHash } of play.world.contributions.values()) {
    const content = await getContent(stage.connection.db, contentHash);
    expect(content?.body && keccak256(content.body)).toBe(contentHash);
    expect(content?.provenance).toMatchObject({
      licence: expect.any(String),
      authors: expect.any(Array),
      package: expect.any(String),
    });
  }
  for (const { args } of play.world.history.get('DatanetRegistry.ContributionScored') ?? []) {
    const content = await getContent(stage.connection.db, args.evidenceHash);
    const evidence: unknown = JSON.parse(new TextDecoder().decode(content?.body ?? new Uint8Array()));
    expect(evidence).toMatchObject({ score: Number(args.score) / 1e18 });
  }
});

test('life goes on in real time from where history ended, one deed at a time', async () => {
  const stop = new AbortController();
  const lines: string[] = [];
  const live = await prepare({ ...quiet, happened: (say) => lines.push(say) }, stop.signal);
  const before = play.world.contributions.size;
  const playing = playLive({ play: live, pace: [10, 20], signal: stop.signal });
  while (lines.length < 6) await sleep(50);
  stop.abort();
  await expect(playing).rejects.toThrow();
  live.close();
  await play.catchUp();
  expect(failures).toEqual([]);
  expect(play.world.contributions.size).toBeGreaterThanOrEqual(before);
  expect(Math.abs((await play.chain.now()) - Date.now() / 1_000)).toBeLessThan(10);
}, 30_000);

/** Trained, extracted and weighed within seconds. */
const quick: Recipe = {
  ...recipe,
  schedule: { ...recipe.schedule, warmup: 2, steps: 8 },
  mostTexts: 2,
  heldOutRows: 8,
  attribution: {
    projection: { dimensions: 256, seed: 'test' },
    foreignRows: 8,
    subsets: { count: 2, seeds: 1 },
    queries: 4,
  },
};

/** Builders at work from what is on chain, until something has happened or all texts are decided; then they are stopped. */
async function build(until: (world: World) => unknown, weighs?: typeof weigh): Promise<Workshop> {
  const { connection, manifest, folder } = stage;
  const runs = createRuns(connection, {
    genesisHash: manifest.genesisHash as `0x${string}`,
    chainId: manifest.chainId,
  });
  const options = { contents: createStore(connection.db), runs, log: quiet, folder: join(folder, 'workshop') };
  const workshop = await openWorkshop({ ...options, recipe: quick, ...(weighs && { weighs }) });
  const stop = new AbortController();
  const builders = await preparePlay({ ...playOptions(quiet, stop.signal), building: building(workshop) });
  const playing = playLive({ play: builders, pace: [50, 100], workshop, signal: stop.signal });
  while (!until(builders.world)) await Promise.race([sleep(100), playing]);
  stop.abort();
  await expect(playing).rejects.toThrow();
  await workshop.close();
  builders.close();
  await play.catchUp();
  expect(failures).toEqual([]);
  return workshop;
}

test('a builder trains on what was accepted, and publishes what is better than the base alone, for the worker to serve', async () => {
  const { chain, connection, manifest } = stage;
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true });
  await outfitWorker(provider, manifest, 'http://127.0.0.1:4020');
  provider.destroy();
  const contents = createStore(connection.db);
  const served = (world: World) => world.latest('ModelRegistry.AdapterDeployed');
  // The card is begun, and stopped with everything else.
  const stopped: typeof weigh = (_, { signal }) =>
    new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const workshop = await build(served, stopped);

  const { world } = play;
  const { modelId, version, worker } = served(world)!.args;
  expect(worker).toBe(getAddress(localWorker.address));
  const published = world.latest('ModelRegistry.ModelVersionPublished', { modelId, version })!.args;
  const record = workshop.recordOf(published.manifestHash)!;
  expect(record.loss.after).toBeLessThan(record.loss.before);
  expect(record.trainedOn.filter((hash) => record.heldOut.includes(hash))).toEqual([]);
  const trainedOn = world.latest('ModelRegistry.ModelTrainedOn', { modelId, modelVersion: version })!.args;
  expect(trainedOn.dataRoot).toBe(record.source.dataRoot);
  const evaluated = world.latest('ModelRegistry.ModelEvaluated', { modelId, version })!.args;
  expect(Number(evaluated.score) / 1e18).toBeCloseTo(Math.exp(-record.loss.after), 6);

  const { files } = JSON.parse((await contents.text(contentNamed(published.adapterURI)!))!);
  const file = async (name: string) => (await getContent(connection.db, files[name]))!.body!;
  const adapter = { config: await file('adapter_config.json'), tensors: await file('adapter_model.safetensors') };
  expect(hashFiles(adapter)).toBe(published.adapterHash);
  const rows = await connection.db.select().from(trainingRun);
  expect(rows.filter(({ state }) => state === 'succeeded').map(({ adapterHash }) => adapterHash)).toContain(
    published.adapterHash,
  );
  expect(rows.filter(({ state }) => state === 'running')).toEqual([]);
}, 120_000);

test('whoever was stopped before its attribution card stood on chain makes it then, and answers can be attributed', async () => {
  const carded = (world: World) => world.latest('ModelRegistry.ModelEvaluated', { benchmarkId: cardBenchmarkId });
  const workshop = await build(carded);
  const { world } = play;
  const { modelId, version, score, uri } = carded(world)!.args;
  const { manifestHash, adapterHash } = world.latest('ModelRegistry.ModelVersionPublished', { modelId, version })!.args;
  const trained = world.latest('ModelRegistry.ModelTrainedOn', { modelId, modelVersion: version })!.args;
  const { datanetId, datanetVersion, dataRoot } = trained;
  const opened = await openVersion({
    read: readContent(stage.connection.db),
    onChain: {
      modelId,
      version: Number(version),
      adapterHash,
      manifestHash,
      datanets: [{ datanetId, version: Number(datanetVersion), dataRoot }],
      cardUris: [uri],
    },
    contributionsOf: async (ids) =>
      new Map(ids.map((id) => [id, world.contributions.get(id) as unknown as KnownContribution])),
  });
  const { source, trainedOn } = workshop.recordOf(manifestHash)!;
  expect(opened.record.datanets).toEqual([source]);
  const hashes = new Set(opened.contributions.values().map(({ contentHash }) => contentHash));
  expect(hashes).toEqual(new Set(trainedOn));
  expect(score).toBe(BigInt(Math.max(0, opened.card.figures[0]!.lds)) * 10n ** 12n);
}, 120_000);

test('a scenario asked to stop, then killed, comes to the same end, nothing doubled', async () => {
  await stage.chain.call('evm_revert', [deployed]);
  const asked = { at: 0 };
  expect(await runUntil(/"day 4:/, 'SIGTERM', asked)).toBe(0);
  expect(Date.now() - asked.at, 'ends at once').toBeLessThan(2_000);
  const block = await stage.chain.call<string>('eth_blockNumber');
  await sleep(2_500);
  expect(await stage.chain.call<string>('eth_blockNumber'), 'leaves the chain mining').not.toBe(block);

  expect(await runUntil(/"day 14:/, 'SIGKILL')).toBeNull();
  expect(await runUntil(/never/, 'SIGKILL')).toBe(0);
  const again = await prepare(quiet);
  await again.catchUp();
  expect(summary(again)).toEqual(expected);
  again.close();
}, 60_000);

/** Runs the scenario as the stack does, and signals it at a line that matches. @returns its exit code, null when killed. */
async function runUntil(line: RegExp, signal: NodeJS.Signals, asked = { at: 0 }): Promise<number | null> {
  const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    env: {
      ...process.env,
      CHAIN_RPC_URL: stage.chain.url,
      CONTRACTS_FILE: stage.manifestFile,
      DATABASE_URL: stage.databaseUrl,
      OPENLEDGER_STATE_DIR: stage.folder,
      SCENARIO_LIVE: 'off',
      OPENLEDGER_BLOCK_TIME: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  createInterface({ input: child.stdout! }).on('line', (text) => {
    if (!line.test(text) || asked.at !== 0) return;
    asked.at = Date.now();
    child.kill(signal);
  });
  return new Promise((resolve) => child.once('exit', resolve));
}
