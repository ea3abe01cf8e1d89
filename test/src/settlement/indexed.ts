import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexedTo, type RunningIndexer, startIndexer } from '@openledger/indexer/testing';
import { formatManifest } from '@openledger/protocol/deploy';
import { allowAlgorithm, tune } from './governance.ts';
import { type Ground, type GroundOptions, layGround } from './ground.ts';

/** A ground that is indexed, where governance allowed the algorithm, and everything waits for a minute only. */
export type IndexedGround = Ground & {
  readonly indexer: RunningIndexer;
  /** Waits until the index has come to the newest block. */
  readonly indexed: () => Promise<void>;
};

/** Milliseconds: thousands of answers in a block take the index a while on a busy machine. */
const patienceMs = 300_000;

/** Seconds of a challenge window, of an epoch, and of a root's timelock. */
export const short = 60;

export const layIndexedGround = async (options: GroundOptions = {}): Promise<IndexedGround> => {
  const ground = await layGround({ ...options, isIndexed: true });
  const folder = await mkdtemp(join(tmpdir(), 'openledger-settlement-'));
  let indexer: RunningIndexer | undefined;
  const stop = async () => {
    await indexer?.stop();
    await rm(folder, { recursive: true, force: true });
    await ground.stop();
  };
  try {
    await allowAlgorithm(ground);
    for (const name of ['CHALLENGE_WINDOW', 'EPOCH_LENGTH', 'ROOT_DELAY'] as const) {
      await tune(ground, name, BigInt(short));
    }
    const file = join(folder, 'contracts.json');
    await writeFile(file, formatManifest(ground.manifest));
    const { databaseUrl, rpcUrl } = ground.place;
    indexer = await startIndexer({ DATABASE_URL: databaseUrl, CHAIN_RPC_URL: rpcUrl, CONTRACTS_FILE: file });
    await indexer.ready();
    const indexed = async () =>
      void (await indexedTo(ground.sql, BigInt(await ground.provider.getBlockNumber()), patienceMs));
    await indexed();
    return { ...ground, indexer, indexed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
