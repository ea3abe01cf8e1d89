import type { Connection } from '@openledger/db';
import { workerAdapter } from '@openledger/db/app';
import type { Hex } from '@openledger/protocol';
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { AdapterStatus, ServedModel } from '../served.ts';

type Row = Omit<typeof workerAdapter.$inferInsert, 'genesisHash' | 'worker' | 'updatedAt'>;

/** Postgres takes 65,535 parameters in a statement. */
const ROWS_AT_ONCE = 1_000;

/** Tells which adapters a worker is to serve, and how near each is; writes only what changed since it wrote last. */
export type AdapterRows = {
  readonly write: (models: readonly ServedModel[], adapters: readonly AdapterStatus[]) => Promise<void>;
};

/** Takes over what a former run of the same worker wrote. */
export const createAdapterRows = ({ db }: Connection, owner: { genesisHash: Hex; worker: Hex }): AdapterRows => {
  const own = and(eq(workerAdapter.genesisHash, owner.genesisHash), eq(workerAdapter.worker, owner.worker));
  let written: Map<string, string> | undefined;

  const removeBut = async (kept: ReadonlySet<string>): Promise<void> => {
    const { modelId, modelVersion } = workerAdapter;
    const rows = await db.select({ modelId, modelVersion }).from(workerAdapter).where(own);
    const gone = rows.filter((row) => !kept.has(keyOf(row)));
    for (let i = 0; i < gone.length; i += ROWS_AT_ONCE) {
      const keys = gone.slice(i, i + ROWS_AT_ONCE).map((row) => keyOf(row));
      await db.delete(workerAdapter).where(and(own, inArray(sql`${modelId} || '@' || ${modelVersion}`, keys)));
    }
  };

  const upsert = async (rows: readonly Row[]): Promise<void> => {
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
      await db
        .insert(workerAdapter)
        .values(rows.slice(i, i + ROWS_AT_ONCE).map((row) => ({ ...owner, ...row, updatedAt: sql`now()` })))
        .onConflictDoUpdate({
          target: [workerAdapter.genesisHash, workerAdapter.worker, workerAdapter.modelId, workerAdapter.modelVersion],
          set: excluded,
        });
    }
  };

  return {
    write: async (models, adapters) => {
      const statuses = new Map(adapters.map((status) => [status.hash, status]));
      const rows = models.map((model) => rowOf(model, statuses.get(model.adapterHash)));
      const now = new Map(rows.map((row) => [keyOf(row), fingerprint(row)]));
      const before = written;
      // Until all of it is there, what is written is not known.
      written = undefined;
      if (before === undefined || [...before.keys()].some((key) => !now.has(key))) await removeBut(new Set(now.keys()));
      await upsert(rows.filter((row) => before?.get(keyOf(row)) !== now.get(keyOf(row))));
      written = now;
    },
  };
};

const keyOf = ({ modelId, modelVersion }: Pick<Row, 'modelId' | 'modelVersion'>) => `${modelId}@${modelVersion}`;
const fingerprint = (row: Row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value));

const rowOf = ({ modelId, version, adapterHash }: ServedModel, status: AdapterStatus | undefined): Row => ({
  modelId,
  modelVersion: version,
  adapterHash,
  state: status?.state ?? 'known',
  pinned: status?.isPinned ?? false,
  bytes: BigInt(status?.bytes ?? 0),
  running: status?.leases ?? 0,
  fetchMs: rounded(status?.fetchMs),
  loadMs: rounded(status?.loadMs),
  lastUsedAt: status?.lastUsedAt ?? null,
  error: status?.error?.slice(0, 1_000) ?? null,
});

const rounded = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms));

const excluded = Object.fromEntries(
  (
    [
      ['adapterHash', 'adapter_hash'],
      ['state', 'state'],
      ['pinned', 'pinned'],
      ['bytes', 'bytes'],
      ['running', 'running'],
      ['fetchMs', 'fetch_ms'],
      ['loadMs', 'load_ms'],
      ['lastUsedAt', 'last_used_at'],
      ['error', 'error'],
      ['updatedAt', 'updated_at'],
    ] as const
  ).map(([field, column]) => [field, sql.raw(`excluded.${column}`)]),
);
