import { trainingRun } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, desc, eq, inArray } from 'drizzle-orm';
import { rowsOfApp, secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import { entityOf, type FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';

type Key = { readonly modelId: bigint; readonly version: number };
type Lineage = Key & {
  readonly adapterHash: Hex;
  readonly baseModelId: Hex;
  readonly latestVersion: number;
  readonly datanets: number;
  readonly contributions: bigint;
  readonly rows: bigint;
};
type Run = typeof trainingRun.$inferSelect;

const lineages = loaderOf(
  async (keys: readonly Key[], { db }) => {
    const rows = await db.query.modelVersion.findMany({
      columns: { modelId: true, version: true, adapterHash: true },
      where: { OR: keys.map(({ modelId, version }) => ({ modelId, version })) },
      with: {
        modelRow: { columns: { baseModelId: true, latestVersion: true } },
        trainingRows: {
          columns: { datanetId: true },
          with: { datanetVersionRow: { columns: { contributions: true, rows: true } } },
        },
      },
    });
    return keys.map((key): Lineage | null => {
      const row = rows.find(({ modelId, version }) => modelId === key.modelId && version === key.version);
      if (!row) return null;
      const { modelId, version, adapterHash, modelRow, trainingRows } = row;
      const sum = (of: 'contributions' | 'rows') =>
        trainingRows.reduce((total, { datanetVersionRow }) => total + (datanetVersionRow?.[of] ?? 0n), 0n);
      return {
        modelId,
        version,
        adapterHash,
        baseModelId: modelRow.baseModelId,
        latestVersion: modelRow.latestVersion,
        datanets: new Set(trainingRows.map(({ datanetId }) => datanetId)).size,
        contributions: sum('contributions'),
        rows: sum('rows'),
      };
    });
  },
  ({ modelId, version }) => `${modelId}/${version}`,
);

/** The run that made each adapter: published with the adapter, so no longer its owner's alone. */
const runs = loaderOf(async (hashes: readonly Hex[], { app, genesisHash }) => {
  const rows = await rowsOfApp(
    app.db
      .select()
      .from(trainingRun)
      .where(and(eq(trainingRun.genesisHash, genesisHash), inArray(trainingRun.adapterHash, [...hashes])))
      .orderBy(desc(trainingRun.createdAt)),
  );
  return hashes.map((hash) => rows.find(({ adapterHash }) => adapterHash === hash) ?? null);
});

const TrainingRun = builder.objectRef<Run>('TrainingRun').implement({
  description: 'The making of an adapter, as its trainer recorded it.',
  fields: (t) => ({
    settings: t.field({
      type: 'JSON',
      description: 'Hyperparameters, by the trainer’s names.',
      resolve: ({ settings }) => settings,
    }),
    seed: t.field({
      type: 'BigInt',
      description: 'The seed of everything random in it.',
      resolve: ({ seed }) => BigInt.asUintN(64, seed),
    }),
    metrics: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Losses and evaluations, by name.',
      resolve: ({ metrics }) => metrics,
    }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it began.',
      resolve: ({ startedAt }) => secondsOf(startedAt),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended.',
      resolve: ({ endedAt }) => secondsOf(endedAt),
    }),
  }),
});

const ModelLineage = builder.objectRef<Lineage>('ModelLineage').implement({
  description: 'Where a model version comes from.',
  fields: (t) => {
    const neighbour = (step: number, description: string) =>
      t.field({
        type: entityOf('modelVersion').ref,
        nullable: true,
        description,
        resolve: ({ modelId, version, latestVersion }) => {
          const other = version + step;
          return other >= 1 && other <= latestVersion ? ({ modelId, version: other } as never) : null;
        },
      });
    return {
      baseModelId: t.field({
        type: 'Bytes32',
        description: 'The base model its adapter is for.',
        resolve: ({ baseModelId }) => baseModelId,
      }),
      previous: neighbour(-1, 'The version before it; null for the first.'),
      next: neighbour(1, 'The version after it; null for the latest.'),
      datanetCount: t.exposeInt('datanets', { description: 'How many datanets it was trained on: see trainings.' }),
      contributionCount: t.field({
        type: 'BigInt',
        description: 'How many contributions were in the datanet versions it was trained on.',
        resolve: ({ contributions }) => contributions,
      }),
      rowCount: t.field({ type: 'BigInt', description: 'Rows of data in those.', resolve: ({ rows }) => rows }),
      trainingRun: t.field({
        type: TrainingRun,
        nullable: true,
        description: 'How its adapter was made; null where it was made elsewhere.',
        resolve: ({ adapterHash }, _args, context) => runs(context).load(adapterHash),
      }),
    };
  },
});

export const lineageField: FieldsOf<'modelVersion'> = (t) => ({
  lineage: t.field({
    type: ModelLineage,
    nullable: true,
    description: 'Where it comes from: base model, earlier versions, how much data, and the run that made it.',
    complexity: 10,
    select: { columns: { modelId: true, version: true } },
    resolve: (row, _args, context) => lineages(context).load(row as Key),
  }),
});
