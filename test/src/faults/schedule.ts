import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readChainStatus } from '@openledger/indexer';
import type { startIndexer } from '@openledger/indexer/testing';
import { writeManifest } from '@openledger/protocol/deploy';
import postgres from 'postgres';
import { type Difference, verifyIndex } from '../oracle/index.ts';
import { askAt, headOf } from './call.ts';
import { createDice } from './dice.ts';
import type { Ground } from './ground.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { behind, foreign, forked, frozen, keepBranch, type Outlook, truthful } from './outlook.ts';
import type { Plan, Step } from './plan.ts';
import { type Provider, startProvider } from './provider.ts';
import { haveTraffic } from './traffic.ts';
import type { World } from './world.ts';

/** How one schedule went. */
export type Report = {
  readonly seed: number;
  /** How often each thing happened: steps by name, faults by kind. */
  readonly happened: Readonly<Record<string, number>>;
  /** Whether there was anything to compare in the end. */
  readonly isCompared: boolean;
  /** Events on the chain in the end. */
  readonly events: number;
  /** Rows of the index that differ from the oracle's. */
  readonly differences: number;
  readonly first: Difference | undefined;
  /** What else should not have been: the indexer ended for good, indexed anew, or never got to the head. */
  readonly failures: readonly string[];
  /** From the end of the last fault until the index stood at the head. */
  readonly settledAfter: number;
  readonly seconds: number;
};

export type ScheduleOptions = {
  readonly ground: Ground;
  readonly plan: Plan;
  /** Starts the indexer; the real one where left out. */
  readonly launch?: typeof startIndexer;
  readonly onProgress?: (message: string) => void;
  /** Gives up. */
  readonly signal?: AbortSignal | undefined;
};

type Run = {
  readonly ground: Ground;
  readonly plan: Plan;
  readonly keeper: Keeper;
  readonly providers: readonly Provider[];
  readonly database: string;
  readonly databaseUrl: string;
  readonly manifestFile: string;
  /** The chain behind the providers; a reset puts another in its place. */
  world: World;
  readonly happened: Map<string, number>;
  readonly signal: AbortSignal | undefined;
};

/**
 * Runs one schedule against the real indexer, lets it settle, and compares every row with the oracle's, which reads the
 * chain itself. The same plan makes the same chain and the same choices; when the indexer meets them is its own affair.
 * @throws the signal's reason, all that it started being ended.
 */
export async function runSchedule(options: ScheduleOptions): Promise<Report> {
  const { ground, plan, onProgress = () => {} } = options;
  const started = performance.now();
  const database = `schedule_${plan.seed}`;
  const manifestFile = join(ground.folder, `${database}.json`);
  const [databaseUrl] = await Promise.all([
    ground.createDatabase(database),
    ground.world.restore(),
    ground.namesake.restore(),
    writeManifest(manifestFile, ground.world.manifest),
  ]);
  const providers: Provider[] = [];
  const keeper = createKeeper(
    () => ({
      DATABASE_URL: databaseUrl,
      CHAIN_RPC_URL: providers.map(({ url }) => url).join(','),
      CONTRACTS_FILE: manifestFile,
      CHAIN_POLL_MS: '100',
    }),
    options.launch,
  );
  const run: Run = {
    ground,
    plan,
    keeper,
    providers,
    database,
    databaseUrl,
    manifestFile,
    world: ground.world,
    happened: new Map(),
    signal: options.signal,
  };
  try {
    for (let i = 0; i < plan.providers; i++) {
      const dice = createDice(`provider ${i} of ${plan.seed}`);
      providers.push(await startProvider({ upstream: () => run.world.chain.url, dice }));
    }
    for (const [i, step] of plan.steps.entries()) {
      run.signal?.throwIfAborted();
      onProgress(JSON.stringify(step));
      count(run, step.do);
      await take(run, step, i);
    }
    return { ...(await judge(run, onProgress)), seconds: (performance.now() - started) / 1_000 };
  } finally {
    await keeper.end('SIGKILL');
    await Promise.all(providers.map((provider) => provider.stop()));
    await ground.dropDatabase(database);
    await rm(manifestFile, { force: true });
  }
}

async function take(run: Run, step: Step, place: number): Promise<void> {
  const { keeper, world } = run;
  const dice = createDice(`step ${place} of ${run.plan.seed}`);
  switch (step.do) {
    case 'traffic':
      return haveTraffic(world, dice, step.scenes);
    case 'crowd':
      return world.within(step.blocks, () => haveTraffic(world, dice, step.scenes));
    case 'mine':
      return world.chain.mine(step.blocks);
    case 'wait':
      return void (await wait(step.ms));
    case 'catch up':
      return settled(run, catchUpMs).catch(() => count(run, 'not caught up'));
    case 'reorganise':
      return reorganise(run, step, place);
    case 'suffer':
      return run.providers[step.provider]!.suffer(step.rates);
    case 'believe':
      return believe(run, step.provider, await outlookOf(run, step));
    case 'agree':
      return agree(run);
    case 'start':
      return keeper.start();
    case 'kill':
    case 'stop':
      await keeper.end(step.do === 'kill' ? 'SIGKILL' : 'SIGTERM');
      await wait(step.pause);
      return keeper.start();
    case 'drop database':
      return keeper.withoutDatabase(() => run.ground.createDatabase(run.database));
    case 'reset chain':
      return keeper.forgive(() => resetChain(run, dice.between(0, 2_500)));
  }
}

async function reorganise(run: Run, step: Extract<Step, { do: 'reorganise' }>, place: number): Promise<void> {
  const { world, providers, plan } = run;
  const traffic = (name: string, scenes: number) =>
    haveTraffic(world, createDice(`${name} ${place} of ${plan.seed}`), scenes);
  const back = await world.mark();
  await world.within(step.depth, () => traffic('taken back', Math.ceil(step.depth / 3)));
  await wait(step.stands);
  if (step.left !== undefined) {
    const branch = await keepBranch(
      askAt(() => world.chain.url),
      step.depth,
    );
    believe(run, step.left, forked(branch));
    count(run, 'left on a branch');
  }
  const more = createDice(`more ${place} of ${plan.seed}`).between(0, 3);
  const replace = async () => {
    await back();
    await world.within(step.depth + more, () => traffic('instead', step.scenes));
  };
  if (step.inSight) return replace();
  await holding(providers, replace);
}

/** Lets no provider answer until `work` is done. */
const holding = (providers: readonly Provider[], work: () => Promise<void>): Promise<void> => {
  const [first, ...others] = providers;
  return first === undefined ? work() : first.during(() => holding(others, work));
};

async function outlookOf({ world, ground }: Run, step: Extract<Step, { do: 'believe' }>): Promise<Outlook> {
  const at = (url: string) => askAt(() => url);
  switch (step.outlook) {
    case 'behind':
      return behind(step.blocks);
    case 'frozen':
      return frozen((await headOf(at(world.chain.url))) - step.blocks);
    case 'foreign':
      return foreign('foreign', at(ground.foreign.url));
    case 'namesake':
      return foreign('namesake', at((world === ground.world ? ground.namesake : ground.world).chain.url));
  }
}

const believe = ({ providers }: Run, who: number, outlook: Outlook): void => {
  for (const [i, provider] of providers.entries()) provider.believe(i === who ? outlook : truthful);
};

const agree = ({ providers }: Run): void => {
  for (const provider of providers) {
    provider.suffer({});
    provider.believe(truthful);
  }
};

/** The chain begins anew, the contracts are deployed again, and after a while somebody tells the indexer. */
async function resetChain(run: Run, unnoticed: number): Promise<void> {
  const { ground, keeper } = run;
  agree(run);
  run.world = run.world === ground.world ? ground.namesake : ground.world;
  await wait(unnoticed);
  await keeper.end('SIGTERM');
  await writeManifest(run.manifestFile, run.world.manifest);
  await keeper.start();
}

/** Ends all faults, waits for the index to reach the head, and compares. */
async function judge(run: Run, onProgress: (message: string) => void) {
  const { world, providers, keeper, plan, happened } = run;
  agree(run);
  await world.chain.mine();
  const failures: string[] = [];
  const fail = (error: unknown): undefined => {
    run.signal?.throwIfAborted();
    failures.push(`${error instanceof Error ? error.message : error}: ${keeper.lastWords()}`);
  };
  const ended = performance.now();
  await settled(run, patienceMs).catch(fail);
  const settledAfter = (performance.now() - ended) / 1_000;
  onProgress(`settled after ${settledAfter.toFixed(1)} s`);
  // What did not reach the head is compared where it stands.
  const { manifest, chain } = world;
  const comparison = { databaseUrl: run.databaseUrl, rpcUrl: chain.url, manifest };
  const verdict = await verifyIndex(comparison).catch(fail);
  await keeper.end('SIGTERM');
  failures.push(...keeper.complaints());
  for (const { injected } of providers) for (const [kind, times] of injected) count(run, kind, times);
  count(run, 'restarts', keeper.restarts());
  return {
    seed: plan.seed,
    happened: Object.fromEntries([...happened].sort()),
    isCompared: verdict !== undefined,
    events: verdict?.events ?? 0,
    differences: verdict?.differences ?? 0,
    first: verdict?.tables.find(({ first }) => first !== undefined)?.first,
    failures,
    settledAfter,
  };
}

const patienceMs = 90_000;
const catchUpMs = 8_000;

/** Waits until the index stands at the head. A block's time tells it from one of the same number on another chain. */
async function settled({ world, databaseUrl, signal }: Run, patience: number): Promise<void> {
  let stands = 'nothing can be read';
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    for (const started = performance.now(); performance.now() - started < patience; await wait(100)) {
      signal?.throwIfAborted();
      const head = await world.chain.call<Head>('eth_getBlockByNumber', ['latest', false]);
      const status = await readChainStatus((text) => sql.unsafe(text)).catch(() => undefined);
      if (status === undefined) continue;
      if (status.ready && status.block === BigInt(head.number) && status.timestamp === BigInt(head.timestamp)) return;
      stands = `it stands at block ${status.block} of ${Number(head.number)}${status.ready ? '' : ' and is not ready'}`;
    }
  } finally {
    await sql.end({ timeout: 1 });
  }
  throw new Error(`The index did not reach the head within ${patience / 1_000} s: ${stands}`);
}

type Head = { readonly number: string; readonly timestamp: string };

const count = ({ happened }: Run, what: string, times = 1): void =>
  void happened.set(what, (happened.get(what) ?? 0) + times);
