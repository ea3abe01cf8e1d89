import type { Connection } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { computeAddress } from 'ethers';
import type { Logger } from 'pino';
import type { Engine } from '../engine.ts';
import { regularly } from '../regularly.ts';
import type { AdapterStore, Catalogue } from '../served.ts';
import { createAdapterRows } from './adapterRows.ts';
import { type ChainStanding, type ChainWorkerOptions, ensureRegistered } from './chainWorker.ts';
import { dropOldFigures, type Figures, figuresOf, writeFigures } from './telemetry.ts';
import { type WorkerRow, writeWorker } from './workerRow.ts';

export type RegistrationOptions = Pick<
  WorkerRow,
  'chainId' | 'genesisHash' | 'endpoint' | 'baseModelHash' | 'softwareVersion' | 'adapterSlots'
> &
  Pick<ChainWorkerOptions, 'provider' | 'modelRegistry' | 'key'> & {
    readonly connection: Connection;
    readonly engine: Engine;
    readonly store: AdapterStore;
    readonly catalogue: Catalogue;
    readonly log: Pick<Logger, 'info' | 'warn'>;
    /** Figures beside the engine's that are kept over time. */
    readonly figures?: () => Figures;
    /** Milliseconds between two signs of life; 5,000 without it. */
    readonly aliveMs?: number;
    /** Between two samples; 15,000 without it. */
    readonly sampleMs?: number;
    /** Between two looks at the worker's standing on chain; 60,000 without it. */
    readonly chainMs?: number;
  };

/** A worker that is known: on chain, to the API, and by its figures. */
export type Registration = {
  readonly address: Hex;
  /** How it stands on chain; undefined until the chain answered. */
  readonly standing: () => ChainStanding | undefined;
  /** Says at once that requests are taken now, or that no more are. */
  readonly setState: (state: WorkerRow['state']) => Promise<void>;
  /** Says a last time that it is draining. */
  readonly close: () => Promise<void>;
};

/** Begins as `starting`. Never fails: what does not work now is told in the log, and tried again. */
export const createRegistration = (options: RegistrationOptions): Registration => {
  const { connection, engine, store, catalogue, log, key, endpoint, genesisHash, provider, modelRegistry } = options;
  const address = computeAddress(key).toLowerCase() as Hex;
  const adapterRows = createAdapterRows(connection, { genesisHash, worker: address });
  const startedAt = new Date();
  let state: WorkerRow['state'] = 'starting';
  let standing: ChainStanding | undefined;
  const told = (doing: string) => (error: Error | undefined) => {
    if (error === undefined) log.info({ doing }, 'it works again');
    else log.warn({ doing, error: error.message }, 'it failed, and is tried again');
  };

  const alive = regularly(
    options.aliveMs ?? 5_000,
    async () => {
      await writeWorker(connection, {
        ...pick(options, ['chainId', 'genesisHash', 'endpoint', 'baseModelHash', 'softwareVersion', 'adapterSlots']),
        address,
        operator: standing?.operator ?? address,
        backend: engine.info.backend,
        requestSlots: engine.info.maxRunning,
        state,
        startedAt,
      });
      await adapterRows.write(catalogue.all(), store.status());
    },
    told('telling the API that this worker is there'),
  );

  const sampling = regularly(
    options.sampleMs ?? 15_000,
    async () => {
      const figures = { ...figuresOf(engine.status(), store), ...options.figures?.() };
      await writeFigures(connection, address, figures);
    },
    told('keeping figures'),
  );
  const dropping = regularly(3_600_000, () => dropOldFigures(connection), told('dropping old figures'));

  const registering = regularly(
    options.chainMs ?? 60_000,
    async () => {
      if (standing?.is === 'registered') return;
      const before = standing;
      standing = await ensureRegistered({ provider, modelRegistry, key, endpoint, sql: connection.sql });
      if (standing.is === 'registered') log.info({ worker: address, ...standing }, 'this worker is on chain');
      else if (before?.is !== 'unable' || before.why !== standing.why) log.warn({ worker: address }, standing.why);
    },
    told('registering this worker on chain'),
  );

  return {
    address,
    standing: () => standing,
    setState: async (next) => {
      state = next;
      await alive.now();
    },
    close: async () => {
      await Promise.all([registering.stop(), sampling.stop(), dropping.stop(), alive.stop()]);
      state = 'draining';
      await alive.now();
    },
  };
};

const pick = <T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> =>
  Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
