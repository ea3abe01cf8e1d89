import { createDatabase } from '@openledger/db';
import {
  createKeeper,
  createSettler,
  type Keeper,
  type KeeperOptions,
  type Settler,
  type SettlerOptions,
} from '@openledger/gpu-worker/settlement';
import { JsonRpcProvider } from 'ethers';
import type { Place } from './ground.ts';

/** What both work with, and how that ends. */
const open = ({ databaseUrl, rpcUrl, chainId, genesisHash }: Place) => {
  const { db, sql, close } = createDatabase({ url: databaseUrl, max: 3 });
  const provider = new JsonRpcProvider(rpcUrl, BigInt(chainId), { staticNetwork: true, cacheTimeout: -1 });
  const troubles: string[] = [];
  const warn = ({ why, ...more }: { readonly why?: string }, message: string) => {
    if (message.includes('cannot be')) troubles.push(`${message}: ${why} ${Object.values(more)}`);
  };
  const log = { info: () => {}, warn } as unknown as SettlerOptions['log'];
  return {
    with: { db, sql, provider, chainId: BigInt(chainId), genesisHash, log, everyMs: 60_000, stuckMs: 300 },
    /** Looks, and fails where that did. */
    loud: (now: () => Promise<void>) => async () => {
      await now();
      if (troubles.length > 0) throw new Error(troubles.splice(0).join('\n'));
    },
    closing: (stop: () => Promise<void>) => async () => {
      await stop();
      provider.destroy();
      await close();
    },
  };
};

/** A settler that does everything at once, as soon as it is told to look. */
export const startSettling = (place: Place, more: Partial<SettlerOptions> = {}): Settler => {
  const opened = open(place);
  const { key, escrow, ledger } = place;
  const settler = createSettler({ ...opened.with, key, escrow, ledger, enough: 1n, receiptPatience: 0, ...more });
  return { ...settler, now: opened.loud(settler.now), stop: opened.closing(settler.stop) };
};

/** A keeper of epochs that is as quick. */
export const startKeeping = (place: Place, more: Partial<KeeperOptions> = {}): Keeper => {
  const opened = open(place);
  const { proposerKey, distributor, ledger } = place;
  const quick = { confirmations: 0, grace: 0 };
  const keeper = createKeeper({ ...opened.with, key: proposerKey, distributor, ledger, ...quick, ...more });
  return { ...keeper, now: opened.loud(keeper.now), stop: opened.closing(keeper.stop) };
};
