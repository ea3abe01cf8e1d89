import type { Hex } from '@openledger/protocol';
import { parseEther } from 'ethers';
import { createRpc, rebuildIndex } from '../../oracle/index.ts';
import { allowAlgorithm, pass, tune } from '../../settlement/governance.ts';
import { type Ground, layGround } from '../../settlement/ground.ts';
import { startKeeping, startSettling } from '../../settlement/settling.ts';
import { attributeAnswers } from './answers.ts';
import { type Published, publishAttributed } from './version.ts';

/** A chain where answers were paid for, attributed, and summed up in an epoch, and a database rebuilt from it. */
export type World = {
  readonly ground: Ground;
  readonly published: Published;
  readonly requestIds: readonly Hex[];
  readonly stop: () => Promise<void>;
};

export type WorldOptions = {
  readonly answers: number;
  readonly onProgress?: (message: string) => void;
};

/** Seconds of a challenge window, of an epoch, and of a root's timelock. */
const short = 60;

/** Stops what it started when something fails. */
export const layWorld = async ({ answers, onProgress = () => {} }: WorldOptions): Promise<World> => {
  const ground = await layGround({ deposit: '1000' });
  try {
    const { place, manifest, provider, db, payers } = ground;
    const rpc = createRpc(place.rpcUrl);
    const rebuild = async () => rebuildIndex(db, { rpc, manifest, toBlock: BigInt(await provider.getBlockNumber()) });
    const settle = async () => {
      const settler = startSettling(place, { mostReceipts: 64 });
      await settler.now();
      await settler.stop();
      await rebuild();
    };
    const keep = async () => {
      const keeper = startKeeping(place);
      await keeper.now();
      await keeper.stop();
      await rebuild();
    };
    await allowAlgorithm(ground);
    for (const name of ['CHALLENGE_WINDOW', 'EPOCH_LENGTH', 'ROOT_DELAY'] as const) {
      await tune(ground, name, BigInt(short));
    }
    onProgress('a version is trained on, measured and published');
    const published = await publishAttributed(ground);
    await rebuild();
    onProgress(`${answers} answers are attributed`);
    const fees = Array.from({ length: answers }, (_, n) => parseEther('0.01') + BigInt(n) * 1_000_003n);
    const requestIds = await ground.answer(payers[0]!, fees, {
      promised: parseEther('900'),
      version: published.version,
    });
    await attributeAnswers(ground, published, requestIds);
    onProgress('what they cost is collected, and their receipts are posted');
    await settle();
    await settle();
    onProgress('batches become final, and an epoch pays');
    await pass(ground, short);
    await settle();
    await keep();
    await keep();
    await pass(ground, short);
    await keep();
    return { ground, published, requestIds, stop: ground.stop };
  } catch (error) {
    await ground.stop();
    throw error;
  }
};
