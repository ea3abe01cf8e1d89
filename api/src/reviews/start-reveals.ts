import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '@openledger/db';
import pino from 'pino';
import { createChainClient } from '../chain-client.ts';
import { readDeployment } from '../contracts.ts';
import { createKeys } from '../identity/secret.ts';
import { createProtocolReader } from '../onchain/reader.ts';
import { revealDue } from './reveals.ts';

export type StartReveals = {
  readonly databaseUrl: string;
  readonly rpcUrls: readonly string[];
  readonly contractsFile: string;
  /** API_SECRET, which the API sealed the reviews with; hex. */
  readonly secret: string;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  readonly logLevel: string;
};

/** Looks now and then which scores are due, until it is stopped. */
export async function startReveals(options: StartReveals): Promise<{ readonly stop: () => Promise<void> }> {
  const { databaseUrl, rpcUrls, contractsFile, secret, pollMs, logLevel } = options;
  const log = pino({ name: 'reveals', level: logLevel });
  const deployment = await readDeployment(contractsFile);
  const { db, close } = createDatabase({
    url: databaseUrl,
    max: 1,
    statementTimeoutMs: 30_000,
    name: 'openledger-reveals',
  });
  const protocol = createProtocolReader(createChainClient(rpcUrls), deployment);
  const { genesisHash } = deployment;
  const closing = new AbortController();
  const working = (async () => {
    while (!closing.signal.aborted) {
      const { handed, opened } = await revealDue({ db, protocol, genesisHash, keyFor: createKeys(secret), log }).catch(
        (error: unknown) => {
          log.warn({ err: error }, 'scores that are due could not be looked for; it is tried again');
          return { handed: 0, opened: 0 };
        },
      );
      if (handed + opened > 0) log.info({ handed, opened }, 'scores revealed');
      await sleep(pollMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  })();
  return {
    stop: async () => {
      closing.abort();
      await working;
      await close();
    },
  };
}
