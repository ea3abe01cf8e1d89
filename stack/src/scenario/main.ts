import { join } from 'node:path';
import { createDatabase } from '@openledger/db';
import { readManifest } from '@openledger/protocol/deploy';
import { type Logger, pino } from 'pino';
import { askQuestions } from './asking/asking.ts';
import { readScenarioConfig, type ScenarioConfig } from './config.ts';
import { earning } from './earning/earning.ts';
import { createGrants, type Grants } from './earning/grants.ts';
import { playHistory } from './history.ts';
import { installedNodeModules } from './library.ts';
import { playLive } from './live.ts';
import { createScenarioLog, type ScenarioLog } from './log.ts';
import { type Play, preparePlay } from './play.ts';
import { building } from './policies/building.ts';
import { readProgress, writeProgress } from './progress.ts';
import { createStore } from './store.ts';
import { createRuns } from './workshop/runs.ts';
import { openWorkshop, type Workshop } from './workshop/workshop.ts';

/** A chain that lags this far behind the wall clock has history to play, seconds. */
const historyLag = 2 * 3_600;

/** Plays history where there is some to play, then goes on in real time until nothing is left or it is stopped. */
async function run(config: ScenarioConfig, logger: Logger, signal: AbortSignal): Promise<void> {
  const { rpcUrl, contractsFile, databaseUrl, stateDir, blockTime, apiUrl } = config;
  const manifest = await readManifest(contractsFile);
  const { genesisHash } = manifest;
  const connection = createDatabase({ url: databaseUrl, max: 2, name: 'openledger-scenario' });
  const contents = createStore(connection.db);
  const log = createScenarioLog(logger);
  const nodeModules = installedNodeModules();
  const runs = createRuns(connection, { genesisHash: genesisHash as `0x${string}`, chainId: manifest.chainId });
  const workshop = await openWorkshop({ contents, runs, log, folder: join(stateDir, 'workshop') });
  const grants = createGrants(contents);
  const play = await preparePlay({
    rpcUrl,
    manifest,
    contents,
    log,
    blockTime,
    nodeModules,
    building: building(workshop),
    earning: earning(grants),
    signal,
  });
  try {
    const chainTime = await play.chain.now();
    const now = Math.floor(Date.now() / 1_000);
    if (now - chainTime > historyLag) {
      const daysLeft = ((now - chainTime) / 86_400).toFixed(0);
      log.progress(0, `playing ${daysLeft} days of a community's life, up to now`);
      await writeProgress(stateDir, { genesisHash, phase: 'history', chainTime });
      await playHistory({
        play,
        log,
        until: now,
        signal,
        onDay: (time) => writeProgress(stateDir, { genesisHash, phase: 'history', chainTime: time }),
      });
    } else {
      if ((await readProgress(stateDir, genesisHash))?.phase === 'history') {
        logger.warn('the chain was started anew in the middle of its history: what was left of it is skipped');
      }
      await play.chain.moveToNow();
      await play.chain.releaseClock();
    }
    await writeProgress(stateDir, { genesisHash, phase: 'live', chainTime: await play.chain.now() });
    log.progress(1, config.live ? 'history is played; life goes on' : 'history is played');
    if (!config.live) return;
    await live({ play, workshop, grants, log, apiUrl }, signal);
  } finally {
    await workshop.close();
    play.close();
    await connection.close();
  }
}

type Live = { play: Play; workshop: Workshop; grants: Grants; log: ScenarioLog; apiUrl: string | undefined };

/** People act and models are asked at the same time; when one fails the other ends too. */
async function live({ play, workshop, grants, log, apiUrl }: Live, signal: AbortSignal): Promise<void> {
  const failing = new AbortController();
  const until = AbortSignal.any([signal, failing.signal]);
  const onDone = () => log.happened('every text has been contributed and decided; people go on asking models');
  const acting = playLive({ play, workshop, grants, onDone, signal: until });
  const asking = apiUrl === undefined ? undefined : askQuestions({ play, apiUrl, log, signal: until });
  try {
    await Promise.all([acting, asking]);
  } finally {
    failing.abort();
    await Promise.allSettled([acting, asking]);
  }
}

const stopping = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
const logger = pino();
try {
  const config = readScenarioConfig(process.env);
  logger.level = config.logLevel;
  await run(config, logger, stopping.signal);
} catch (error) {
  if (!stopping.signal.aborted) {
    logger.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
