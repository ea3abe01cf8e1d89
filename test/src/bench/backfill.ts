import { readFile } from 'node:fs/promises';
import { startIndexer } from '@openledger/indexer/testing';
import postgres from 'postgres';
import type { FreshProtocol } from '../drive/index.ts';
import type { Place } from './place.ts';

export type Backfill = {
  events: number;
  /** From the start of the indexer's process until `/ready` answers 200. */
  seconds: number;
  /** The most memory that the process ever had, MB. */
  rssMb: number;
};

/** Indexes a chain from nothing, as a new user does: an empty database, the indexer as a process of its own. */
export async function measureBackfill(place: Place, fresh: FreshProtocol, patienceMs: number): Promise<Backfill> {
  const databaseUrl = await place.createDatabase();
  const indexer = await startIndexer({
    DATABASE_URL: databaseUrl,
    CHAIN_RPC_URL: fresh.rpcUrl,
    CONTRACTS_FILE: await place.writeManifest(fresh.manifest),
    LOG_LEVEL: 'warn',
  });
  try {
    const seconds = (await indexer.ready(patienceMs)) / 1_000;
    const rssMb = await peakMemory(indexer.pid);
    const sql = postgres(databaseUrl, { max: 1 });
    const [row] = await sql<{ events: number }[]>`select count(*)::int as events from chain.activity`;
    await sql.end();
    return { events: row?.events ?? 0, seconds, rssMb };
  } finally {
    await indexer.stop();
  }
}

/** Peak resident memory of a process, MB; what it has now where the system does not tell the peak. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const kilobytes = status?.match(/^VmHWM:\s+(\d+) kB/m)?.[1];
  return kilobytes === undefined ? Number.NaN : Math.round(Number(kilobytes) / 1_024);
}
