import { worker, workerAdapter, workerAdapterStates } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, getColumns, inArray, lte, or, type SQL, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { rowsOfApp, secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import { entityOf, type FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';
import { isOnline } from './silence.ts';

/** Of one model, version or worker: those used last. */
const MOST = 100;
/** What is asked of a list like that is asked of this many, as its price has it. */
const TYPICAL = 10;

type Serving = typeof workerAdapter.$inferSelect & { readonly isOnline: boolean };

const readings: Readonly<Record<(typeof workerAdapterStates)[number], string>> = {
  known: 'It has read of it on the chain.',
  fetching: 'It fetches its files.',
  stored: 'It has its files on its disk.',
  loading: 'It loads it.',
  loaded: 'It has it in memory: answers begin at once.',
  failed: 'It cannot serve it; the error says why.',
};

const ServingState = builder.enumType('ServingState', {
  description: 'How close an adapter is to a worker’s model.',
  values: Object.fromEntries(
    workerAdapterStates.map((value) => [value.toUpperCase(), { value, description: readings[value] }]),
  ) as Record<string, { value: (typeof workerAdapterStates)[number]; description: string }>,
});

const ServingType = builder.objectRef<Serving>('Serving').implement({
  description:
    'That a worker serves a model version, and how, as it says itself. Off chain, so believe it as far as you believe its operator.',
  fields: (t) => ({
    modelId: t.field({ type: 'BigInt', description: 'The model’s number on chain.', resolve: (row) => row.modelId }),
    version: t.exposeInt('modelVersion', { description: 'The model’s version.' }),
    workerAddress: t.field({ type: 'Address', description: 'The worker.', resolve: (row) => row.worker }),
    worker: t.field({
      type: entityOf('worker').ref,
      nullable: true,
      description: 'The worker; null while it is not on chain.',
      resolve: ({ worker: address }, _args, context) => workersOnChain(context).load(address) as never,
    }),
    isOnline: t.exposeBoolean('isOnline', { description: 'Whether the worker was heard of in the last minute.' }),
    state: t.expose('state', { type: ServingState, description: 'How close its adapter is to the worker’s model.' }),
    pinned: t.exposeBoolean('pinned', { description: 'Whether it stays in memory whatever else is asked for.' }),
    bytes: t.field({
      type: 'BigInt',
      description: 'Of its files; 0 until they are there.',
      resolve: (row) => row.bytes,
    }),
    running: t.exposeInt('running', { description: 'Requests that use it now.' }),
    fetchMs: t.exposeInt('fetchMs', { nullable: true, description: 'Milliseconds that fetching its files took last.' }),
    loadMs: t.exposeInt('loadMs', { nullable: true, description: 'Milliseconds that loading it took last.' }),
    lastUsedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was last asked for.',
      resolve: (row) => secondsOf(row.lastUsedAt),
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it cannot be served.' }),
    updatedAt: t.field({
      type: 'DateTime',
      description: 'When the worker last said so.',
      resolve: (row) => secondsOf(row.updatedAt),
    }),
  }),
});

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

const byModel = loaderOf(async (modelIds: readonly bigint[], context) => {
  const { modelId } = workerAdapter;
  const rows = await servingsOf(context, inArray(modelId, [...modelIds]), sql`${modelId}`);
  return modelIds.map((id) => rows.filter((row) => row.modelId === id));
});

type Version = { readonly modelId: bigint; readonly version: number };

const byVersion = loaderOf(
  async (versions: readonly Version[], context) => {
    const { modelId, modelVersion } = workerAdapter;
    const wanted = versions.map((of) => and(eq(modelId, of.modelId), eq(modelVersion, of.version)));
    const rows = await servingsOf(context, or(...wanted), sql`${modelId}, ${modelVersion}`);
    return versions.map((of) => rows.filter((row) => row.modelId === of.modelId && row.modelVersion === of.version));
  },
  ({ modelId, version }) => `${modelId}/${version}`,
);

const byWorker = loaderOf(async (addresses: readonly Hex[], context) => {
  const rows = await servingsOf(context, inArray(workerAdapter.worker, [...addresses]), sql`${workerAdapter.worker}`);
  return addresses.map((address) => rows.filter((row) => row.worker === address));
});

type Deployment = Version & { readonly worker: Hex; readonly active: boolean };

const ofDeployment = loaderOf(
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

const list = { type: [ServingType] as [typeof ServingType], complexity: { field: 5, multiplier: TYPICAL } };

export const modelServingField: FieldsOf<'model'> = (t) => ({
  serving: t.field({
    ...list,
    description: `Where its versions are served now, as the workers say: the ${MOST} used last.`,
    select: { columns: { id: true } },
    resolve: async (row, _args, context) => [...(await byModel(context).load((row as { id: bigint }).id))],
  }),
});

export const versionServingField: FieldsOf<'modelVersion'> = (t) => ({
  serving: t.field({
    ...list,
    description: `Where it is served now, as the workers say: the ${MOST} used last.`,
    select: { columns: { modelId: true, version: true } },
    resolve: async (row, _args, context) => [...(await byVersion(context).load(row as Version))],
  }),
});

export const deploymentLiveField: FieldsOf<'deployment'> = (t) => ({
  live: t.field({
    type: ServingType,
    nullable: true,
    description: 'How its worker serves it now; null where the worker never said, and once it was taken down.',
    complexity: 5,
    select: { columns: { modelId: true, version: true, worker: true, active: true } },
    resolve: (row, _args, context) => {
      const of = row as Deployment;
      return of.active ? ofDeployment(context).load(of) : null;
    },
  }),
});

/** What a worker serves, for the type that says how it is. */
export const adaptersField = {
  ...list,
  description: `The adapters that it serves: the ${MOST} used last.`,
  resolve: async ({ address }: { readonly address: Hex }, _args: object, context: ApiContext) => [
    ...(await byWorker(context).load(address)),
  ],
};
