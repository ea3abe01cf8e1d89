import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createDatabase } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { ManifestError, readManifest } from '@openledger/protocol/deploy';
import { checkDatabase } from '../../serving/database.ts';
import { createLog } from '../../serving/log.ts';
import { openProvider } from '../../serving/provider.ts';
import { StartError } from '../../serving/startError.ts';
import { type EpochsConfig, EpochsConfigError } from './config.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { statusOf } from './status.ts';

export type RunningKeeper = Keeper & {
  /** Where `/ready` is, without a slash at the end. */
  readonly url: string;
};

/** Starts a keeper of epochs with its status. @throws EpochsConfigError, StartError */
export const startEpochs = async (config: EpochsConfig): Promise<RunningKeeper> => {
  const log = createLog(config.logLevel);
  const { chainId, genesisHash, contracts } = await readManifest(config.contractsFile).catch((error: unknown) => {
    throw error instanceof ManifestError ? new EpochsConfigError(`CONTRACTS_FILE ${error.message}`) : error;
  });
  await checkDatabase(config.databaseUrl);
  const { db, sql, close } = createDatabase({
    url: config.databaseUrl,
    max: 3,
    name: 'openledger-epochs',
    statementTimeoutMs: 120_000,
  });
  const provider = openProvider(config.rpcUrls, chainId);
  const lower = (address: string) => address.toLowerCase() as Hex;
  const keeper = createKeeper({
    ...{ db, sql, provider, chainId, genesisHash, log, key: config.key },
    distributor: lower(contracts.RewardDistributor),
    ledger: lower(contracts.AttributionLedger),
    ...(config.every === undefined ? {} : { every: config.every }),
    ...{ confirmations: config.confirmations, grace: config.grace, everyMs: config.pollMs },
  });
  const stop = async () => {
    await keeper.stop();
    provider.destroy();
    await close();
  };
  try {
    const { url, close: closeServer } = await listen(keeper, config);
    log.info({ url }, 'epochs are kept');
    return {
      ...keeper,
      url,
      stop: async () => {
        await closeServer();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

const listen = async (keeper: Keeper, { host, port }: EpochsConfig) => {
  const server = createAdaptorServer({ fetch: statusOf(keeper).fetch, overrideGlobalObjects: false }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'another process listens there already. Stop it, or set EPOCHS_PORT to another port'
          : `${error.message}. Set EPOCHS_HOST to an address of this machine`;
      reject(new StartError(`Cannot listen on ${host}:${port}: ${why}.`));
    });
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`, close };
};
