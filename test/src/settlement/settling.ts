import { createDatabase } from '@openledger/db';
import { createSettler, type Settler, type SettlerOptions } from '@openledger/gpu-worker/settlement';
import { JsonRpcProvider } from 'ethers';
import type { Place } from './ground.ts';

const log = { info: () => {}, warn: () => {} };

/** A settler that settles everything at once, as soon as it is told to look. */
export const startSettling = (place: Place, more: Partial<SettlerOptions> = {}): Settler => {
  const { databaseUrl, rpcUrl, chainId, genesisHash, escrow, key } = place;
  const { sql, close } = createDatabase({ url: databaseUrl, max: 3 });
  const provider = new JsonRpcProvider(rpcUrl, BigInt(chainId), { staticNetwork: true, cacheTimeout: -1 });
  const quick = { enough: 1n, everyMs: 60_000, stuckMs: 300 };
  const settler = createSettler({
    ...{ sql, provider, chainId: BigInt(chainId), genesisHash, escrow, key, log: log as SettlerOptions['log'] },
    ...quick,
    ...more,
  });
  return {
    ...settler,
    stop: async () => {
      await settler.stop();
      provider.destroy();
      await close();
    },
  };
};
