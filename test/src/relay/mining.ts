import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalChain } from '@openledger/protocol/chain';

export type Miner = {
  /** Mines blocks one after another, or stops doing so. */
  readonly set: (on: boolean) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** A block each few milliseconds, whoever sends or not; it begins switched on. */
export async function startMiner(chain: LocalChain, everyMs = 40): Promise<Miner> {
  await chain.setAutomine(false);
  let on = true;
  let ended = false;
  let idle = Promise.resolve();
  const run = async () => {
    while (!ended) {
      if (on) {
        idle = chain.mine(1).catch(() => {});
        await idle;
      }
      await sleep(everyMs);
    }
  };
  const running = run();
  return {
    set: async (next) => {
      on = next;
      await idle;
    },
    stop: async () => {
      ended = true;
      await running;
      await chain.setAutomine(true);
    },
  };
}
