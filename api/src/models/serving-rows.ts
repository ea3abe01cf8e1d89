import { worker, workerAdapter } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, getColumns, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';
import { isOnline } from './silence.ts';

/** Of one model, version or worker: those used last. */
export const MOST = 100;

/** That a worker serves a model version, as it says itself. */
export type Serving = typeof workerAdapter.$inferSelect & { readonly isOnline: boolean };

/** Those of some addresses that are on chain; their rows are read where more of them is asked for. */
export const workersOnChain = loaderOf(async (addresses: readonly Hex[], { db }) => {
  const rows = await db.query.worker.findMany({
    columns: { address: true },
    where: { address: { in: [...addresses] } },
  });
  return addresses.map((address) => rows.find((row) => row.address === address) ?? null);
});

/** Rows of some models, versions or workers: of each those used last, what is online first. */
async function servingsOf(
  { app, genesisHash }: ApiContext,
  where: SQL | undefined,
  of: SQL,
): Promise<readonly Serving[]> {
  const { lastUsedAt, modelId, modelVersion, worker: by } = workerAdapter;
  const place = sql<number>`row_number() over (partition by ${of}
    order by ${isOnline} desc, ${lastUsedAt} desc nulls last, ${modelId}, ${modelVersion} desc, ${by})::int`;
  const ranked = app.db
    .select({ ...getColumns(workerAdapter), isOnline: isOnline.as('is_online'), place: place.as('place') })
    .from(workerAdapter)
    .innerJoin(worker, and(eq(worker.genesisHash, workerAdapter.genesisHash), eq(worker.address, by)))
    .where(and(eq(workerAdapter.genesisHash, genesisHash), where))
    .as('ranked');
  return rowsOfApp(app.db.select().from(ranked).where(lte(ranked.place, MOST)).orderBy(ranked.place));
}

export const byModel = loaderOf(async (modelIds: readonly bigint[], context) => {
  const { modelId } = workerAdapter;
  const rows = await servingsOf(context, inArray(modelId, [...modelIds]), sql`${modelId}`);
  return modelIds.map((id) => rows.filter((row) => row.modelId === id));
});

export type Version = { readonly modelId: bigint; readonly version: number };

export const byVersion = loaderOf(
  async (versions: readonly Version[], context) => {
    const { modelId, modelVersion } = workerAdapter;
    const wanted = versions.map((of) => and(eq(modelId, of.modelId), eq(modelVersion, of.version)));
    const rows = await servingsOf(context, or(...wanted), sql`${modelId}, ${modelVersion}`);
    return versions.map((of) => rows.filter((row) => row.modelId === of.modelId && row.modelVersion === of.version));
  },
  ({ modelId, version }) => `${modelId}/${version}`,
);

export const byWorker = loaderOf(async (addresses: readonly Hex[], context) => {
  const rows = await servingsOf(context, inArray(workerAdapter.worker, [...addresses]), sql`${workerAdapter.worker}`);
  return addresses.map((address) => rows.filter((row) => row.worker === address));
});

export type Deployment = Version & { readonly worker: Hex; readonly active: boolean };

export const ofDeployment = loaderOf(
  async (deployments: readonly Deployment[], context) => {
    const { modelId, modelVersion, worker: by } = workerAdapter;
    const wanted = deployments.map((of) =>
      and(eq(by, of.worker), eq(modelId, of.modelId), eq(modelVersion, of.version)),
    );
    const rows = await servingsOf(context, or(...wanted), sql`${by}, ${modelId}, ${modelVersion}`);
    return deployments.map(
      (of) =>
        rows.find((row) => row.worker === of.worker && row.modelId === of.modelId && row.modelVersion === of.version) ??
        null,
    );
  },
  ({ worker: by, modelId, version }) => `${by}/${modelId}/${version}`,
);
