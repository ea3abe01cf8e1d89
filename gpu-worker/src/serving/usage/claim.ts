import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';

/** This process's claim to be the one that answers as its worker. */
export type Claim = {
  /** Whether no other process answers as the same worker on the same database. */
  readonly isAlone: boolean;
  readonly release: () => Promise<void>;
};

/** Postgres notices within moments that a process was killed. */
const [TRIES, REST_MS] = [5, 200];

/** Holds a lock on a connection of its own, as long as the process lives. */
export const claimWorker = async (
  sql: Sql,
  { genesisHash, worker }: { genesisHash: Hex; worker: Hex },
): Promise<Claim> => {
  const own = await sql.reserve();
  const name = `worker ${genesisHash} ${worker}`;
  // A machine that vanished does not keep it for hours.
  await own`set tcp_keepalives_idle = 10`;
  await own`set tcp_keepalives_interval = 5`;
  await own`set tcp_keepalives_count = 3`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [row] = await own<[{ held: boolean }]>`select pg_try_advisory_lock(hashtextextended(${name}, 0)) as held`;
    if (row.held) {
      const release = async () => {
        await own`select pg_advisory_unlock(hashtextextended(${name}, 0))`.catch(() => {});
        own.release();
      };
      return { isAlone: true, release };
    }
    await sleep(REST_MS);
  }
  own.release();
  return { isAlone: false, release: async () => {} };
};
