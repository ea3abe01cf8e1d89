import { readFile } from 'node:fs/promises';
import { createDatabase } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { ManifestError, readManifest } from '@openledger/protocol/deploy';
import { computeAddress, id } from 'ethers';
import { createSettler } from '../settlement/index.ts';
import { type Attributor, createAttributor, createSeal } from './attributing/index.ts';
import { createCatalogue, type LiveCatalogue } from './catalogue/index.ts';
import { ConfigError, type WorkerConfig } from './config.ts';
import { announceChain, checkDatabase } from './database.ts';
import {
  attributingShown,
  createAccess,
  createAttributions,
  createDoor,
  createFlights,
  createLanguage,
  createMetrics,
  createReceipts,
  createTargets,
  settlingShown,
} from './door/index.ts';
import type { Engine } from './engine.ts';
import { listen } from './listen.ts';
import { createLog } from './log.ts';
import { openEngine, readBase } from './openEngine.ts';
import { createVouchers } from './payments/vouchers.ts';
import { callThrough, openProvider } from './provider.ts';
import { createRegistration } from './registration/index.ts';
import { createRetriever } from './retrieval/index.ts';
import type { AdapterStore } from './served.ts';
import { createAdapterStore, createPlacement } from './store/index.ts';
import { endAbandoned } from './usage/abandoned.ts';
import { claimWorker } from './usage/claim.ts';
import { createLedger } from './usage/ledger.ts';
import { withinReason } from './withinReason.ts';

export { ConfigError, readConfig, type WorkerConfig } from './config.ts';
export { StartError } from './startError.ts';

/** A worker that answers. */
export type Worker = {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /** Its account. */
  readonly address: Hex;
  readonly engine: Engine;
  readonly store: AdapterStore;
  readonly catalogue: LiveCatalogue;
  /** Settles with the reason when it can no longer answer; never rejects. */
  readonly failed: Promise<Error>;
  /**
   * Takes no more requests, lets those under way end for so long, and lets go of everything.
   *
   * @param patience milliseconds; 30,000 without it.
   */
  readonly stop: (options?: { readonly patience?: number }) => Promise<void>;
};

export type WorkerOptions = {
  /** Milliseconds that a reader may take to read what was sent; 30,000 without it. */
  readonly readerPatience?: number;
  /** Milliseconds between two looks at what is to be attributed; 5,000 without it. */
  readonly attributionMs?: number;
};

/**
 * Starts a worker: the engine, the adapters that the chain says, and the door through which they are asked.
 *
 * @example
 * const worker = await startWorker(readConfig(process.env));
 * await fetch(`${worker.url}/v1/models`);
 * await worker.stop();
 * @throws ConfigError for a wrong manifest; StartError for an unreachable database, a base that cannot be served, or a busy port.
 */
export const startWorker = async (
  config: WorkerConfig,
  { readerPatience = 30_000, attributionMs = 5_000 }: WorkerOptions = {},
): Promise<Worker> => {
  const startedAt = new Date();
  const log = createLog(config.logLevel);
  const address = computeAddress(config.key).toLowerCase() as Hex;
  const { chainId, genesisHash, contracts } = await readManifest(config.contractsFile).catch((error: unknown) => {
    throw error instanceof ManifestError ? new ConfigError(`CONTRACTS_FILE ${error.message}`) : error;
  });
  const chain = { chainId, genesisHash, escrow: contracts.InferenceEscrow.toLowerCase() as Hex };
  await checkDatabase(config.databaseUrl);
  /** Undone in the opposite order. */
  const undo: (() => unknown)[] = [];
  const opened = <T>(value: T, close: () => unknown): T => {
    undo.push(close);
    return value;
  };
  const undoAll = async () => {
    for (const close of undo.splice(0).reverse()) await close();
  };

  try {
    const connection = createDatabase({
      url: config.databaseUrl,
      max: 10,
      name: 'openledger-worker',
      statementTimeoutMs: 30_000,
    });
    opened(connection, connection.close);
    const { db, sql } = connection;
    await announceChain(connection, chain);
    const claim = await claimWorker(sql, { genesisHash, worker: address });
    opened(claim, claim.release);
    if (claim.isAlone) {
      const abandoned = await endAbandoned(sql, { genesisHash, worker: address });
      if (abandoned > 0) log.warn({ requests: abandoned }, 'requests of an earlier run ended without an answer');
    } else log.warn({ worker: address }, 'another process answers as this worker: give each a key of its own');
    const provider = openProvider(config.rpcUrls, chainId);
    opened(provider, () => provider.destroy());
    const files = await readBase(config);
    const engine = await openEngine(config, log);
    opened(engine, engine.close);
    const language = createLanguage(files);
    const store = await createAdapterStore({ ...config.adapters, engine, db });
    opened(store, store.close);
    const attributor = config.attributes
      ? createAttributor({
          ...{ connection, databaseUrl: config.databaseUrl, chain, key: config.key },
          ...{ baseFolder: config.base.folder, store, log, everyMs: attributionMs },
        })
      : noAttributor;
    opened(attributor, attributor.stop);
    const seal = createSeal(config.key);
    const usage = createLedger({ db, chain, worker: address, log, seal, onTask: attributor.wake });
    const catalogue = await createCatalogue({
      sql,
      worker: address,
      baseModelId: id(config.base.name) as Hex,
      onTrouble: (error) => {
        if (error === undefined) log.info('what is deployed can be read again');
        else log.warn({ err: error }, 'what is deployed cannot be read now');
      },
    });
    opened(catalogue, catalogue.close);
    const placement = createPlacement({
      catalogue,
      store,
      pinned: config.adapters.pinned,
      onTrouble: ({ name }, error) => log.warn({ model: name, why: error.message }, 'an adapter cannot be placed'),
    });
    opened(placement, placement.close);

    const settler = createSettler({
      ...{ db, sql, provider, chainId, genesisHash, key: config.key, log },
      ...{ escrow: chain.escrow, ledger: contracts.AttributionLedger.toLowerCase() as Hex },
      patience: config.settleSeconds,
      receiptPatience: config.postSeconds,
      // Whoever wants to be paid within seconds looks that often.
      everyMs: 1_000 * Math.min(15, config.settleSeconds, config.postSeconds),
    });
    opened(settler, settler.stop);

    const flights = createFlights(engine.info, engine.status);
    const metrics = createMetrics({
      ...{ engine, store, catalogue, flights, baseName: config.base.name },
      settling: settler.figures,
      attributing: attributor.figures,
    });
    const vouchers = createVouchers({ chain, worker: address, call: callThrough(provider) });
    let notReady: string | undefined;
    const door = createDoor({
      engine,
      store,
      usage,
      language,
      flights,
      metrics,
      log,
      targets: createTargets({
        base: config.base,
        catalogue,
        maxContext: engine.info.maxContext,
        startedAt: Math.floor(startedAt.getTime() / 1000),
      }),
      access: createAccess({ db, genesisHash, worker: address, vouchers, isOpen: config.access === 'open' }),
      receipts: createReceipts(db, address),
      attributions: createAttributions({ db, whenReady: attributor.whenReady }),
      retriever: createRetriever({ sql, genesisHash }),
      notReady: () => notReady,
      standing: () => ({
        settling: settlingShown(settler.figures()),
        attributing: attributingShown(attributor.figures()),
      }),
      patience: readerPatience,
    });
    const listening = await listen(door, config);
    opened(listening, () => listening.close(0));

    const registration = createRegistration({
      connection,
      provider,
      modelRegistry: contracts.ModelRegistry.toLowerCase() as Hex,
      key: config.key,
      chainId,
      genesisHash,
      endpoint: config.publicUrl ?? listening.url,
      baseModelHash: id(config.base.name) as Hex,
      softwareVersion: await ownVersion(),
      adapterSlots: slotsOf(config, engine),
      engine,
      store,
      catalogue,
      log,
      figures: () => ({
        'openledger:answers_settled_total': settler.figures().settled,
        'openledger:answers_attributed_total': attributor.figures().attributed,
      }),
    });
    opened(registration, registration.close);
    await registration.setState('ready');
    const failed = engine.failed.then((error) => {
      notReady = 'The engine failed.';
      log.error({ err: error }, 'the engine failed');
      return error;
    });
    log.info({ url: listening.url, worker: address, backend: engine.info.backend, access: config.access }, 'listening');

    return {
      url: listening.url,
      address,
      engine,
      store,
      catalogue,
      failed,
      stop: async ({ patience = 30_000 } = {}) => {
        notReady = 'This worker is about to stop.';
        flights.drain();
        await registration.setState('draining').catch(() => {});
        const began = performance.now();
        await withinReason(flights.landed(), patience);
        await listening.close(Math.max(1_000, patience - (performance.now() - began)));
        await usage.close();
        await undoAll();
      },
    };
  } catch (error) {
    await undoAll();
    throw error;
  }
};

/** What is answered waits, sealed, for a process that attributes. */
const noAttributor: Attributor = {
  wake: () => {},
  whenReady: async () => {},
  figures: () => ({ attributed: 0, seconds: 0, waiting: {} }),
  stop: async () => {},
};

/** Adapters that fit in memory at once. */
const slotsOf = ({ adapters }: WorkerConfig, { info }: Engine): number => {
  const fitting =
    info.adapterBytes === undefined ? info.maxRunning : Math.floor(adapters.hostBytes / info.adapterBytes);
  return Math.min(Math.max(1, fitting), 2 ** 31 - 1);
};

const ownVersion = async (): Promise<string> =>
  JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')).version;
