import { join } from 'node:path';
import { startEpochs } from '@openledger/gpu-worker/settlement';
import type { Hex } from '@openledger/protocol';
import type { Stack } from '@openledger/stack';
import { personaKey } from '@openledger/stack/scenario';
import type { Session } from '../../drive/session.ts';
import { short } from './governance.ts';

/** Waits until something is so. @throws Error with what did not come about */
export type Until = (what: () => string, isSo: () => Promise<boolean>) => Promise<void>;

/** Lets the keeper close an epoch, propose what it pays and accept that. */
export const keepEpoch = async (
  { urls }: Stack,
  session: Session,
  { stateDir, until }: { stateDir: string; until: Until },
): Promise<void> => {
  const keeper = await startEpochs({
    ...{ databaseUrl: urls.database, rpcUrls: [urls.rpc], contractsFile: join(stateDir, 'deployment.json') },
    ...{ key: personaKey('rhea') as Hex, every: undefined, confirmations: 0, grace: 0, pollMs: 500 },
    ...{ host: '127.0.0.1', port: 0, logLevel: 'silent' },
  });
  try {
    await session.travel(short + 1n);
    await until(
      () => 'A proposed reward root',
      async () => keeper.figures().proposed > 0,
    );
    await session.travel(short + 1n);
    await until(
      () => 'An accepted reward root',
      async () => keeper.figures().accepted > 0,
    );
  } finally {
    await keeper.stop();
  }
};
