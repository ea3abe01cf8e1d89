import type { Connection } from '@openledger/db';
import { deployment, worker, type workerStates } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { sql } from 'drizzle-orm';

/** A worker as it tells of itself. */
export type WorkerRow = {
  readonly chainId: bigint;
  readonly genesisHash: Hex;
  readonly address: Hex;
  readonly operator: Hex;
  readonly endpoint: string;
  /** `onnx-cpu`, `onnx-webgpu`, `vllm`. */
  readonly backend: string;
  readonly baseModelHash: Hex;
  readonly softwareVersion: string;
  readonly state: (typeof workerStates)[number];
  readonly adapterSlots: number;
  readonly requestSlots: number;
  readonly startedAt: Date;
};

/** Writes that the worker is there, and when. */
export const writeWorker = async ({ db }: Connection, { chainId, ...row }: WorkerRow): Promise<void> => {
  await db.insert(deployment).values({ genesisHash: row.genesisHash, chainId }).onConflictDoNothing();
  const { genesisHash, address, ...told } = row;
  await db
    .insert(worker)
    .values({ ...row, lastSeenAt: sql`now()` })
    .onConflictDoUpdate({ target: [worker.genesisHash, worker.address], set: { ...told, lastSeenAt: sql`now()` } });
};
