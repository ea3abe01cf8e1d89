import { telemetrySample, worker } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, gt, inArray, sql } from 'drizzle-orm';
import { rowsOfApp, secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';
import { adaptersField } from './serving.ts';
import { isOnline, SILENT_SECONDS } from './silence.ts';
import { throughputs } from './throughput.ts';

/** Figures older than this say nothing about now. */
const STALE_MINUTES = 10;

type Figure = {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly takenAt: Date;
};
type Live = typeof worker.$inferSelect & { readonly isOnline: boolean };

const lives = loaderOf(async (addresses: readonly Hex[], { app, genesisHash }) => {
  const rows = await rowsOfApp(
    app.db
      .select({
        row: worker,
        isOnline,
      })
      .from(worker)
      .where(and(eq(worker.genesisHash, genesisHash), inArray(worker.address, [...addresses]))),
  );
  return addresses.map((address) => {
    const found = rows.find(({ row }) => row.address === address);
    return found ? { ...found.row, isOnline: found.isOnline } : null;
  });
});

const figures = loaderOf(async (addresses: readonly Hex[], { app }) => {
  const { worker: of, metric, labels, value, takenAt } = telemetrySample;
  const rows = await rowsOfApp(
    app.db
      .selectDistinctOn([of, metric, labels], { of, metric, labels, value, takenAt })
      .from(telemetrySample)
      .where(and(inArray(of, [...addresses]), gt(takenAt, sql`now() - make_interval(mins => ${STALE_MINUTES})`)))
      .orderBy(of, metric, labels, sql`${takenAt} desc`),
  );
  return addresses.map((address) => rows.filter((row) => row.of === address));
});

const WorkerState = builder.enumType('WorkerState', {
  description: 'What a worker says of itself.',
  values: {
    STARTING: { value: 'starting', description: 'It loads its base model.' },
    READY: { value: 'ready', description: 'It takes requests.' },
    DRAINING: { value: 'draining', description: 'It finishes what it has and takes nothing new.' },
  },
});

const WorkerFigure = builder.objectRef<Figure>('WorkerFigure').implement({
  description: 'A figure that a worker measured.',
  fields: (t) => ({
    metric: t.exposeString('metric', { description: 'Its Prometheus name.' }),
    labels: t.field({ type: 'JSON', description: 'Its labels.', resolve: ({ labels }) => labels }),
    value: t.exposeFloat('value', { description: 'What was measured, in the unit its name ends with.' }),
    takenAt: t.field({ type: 'DateTime', description: 'When.', resolve: ({ takenAt }) => secondsOf(takenAt) }),
  }),
});

const WorkerLive = builder.objectRef<Live>('WorkerLive').implement({
  description: 'What a worker says of itself now. Off chain, so believe it as far as you believe its operator.',
  fields: (t) => ({
    isOnline: t.exposeBoolean('isOnline', {
      description: `Whether it was heard of in the last ${SILENT_SECONDS} seconds.`,
    }),
    state: t.field({ type: WorkerState, description: 'What it said last.', resolve: ({ state }) => state }),
    endpoint: t.exposeString('endpoint', { description: 'Where it serves.' }),
    backend: t.exposeString('backend', { description: 'The engine behind it: onnx-cpu, vllm and so on.' }),
    baseModelHash: t.field({
      type: 'Bytes32',
      description: 'keccak256 of the base model it has loaded.',
      resolve: ({ baseModelHash }) => baseModelHash,
    }),
    softwareVersion: t.exposeString('softwareVersion', { description: 'The version of its software.' }),
    adapterSlots: t.exposeInt('adapterSlots', { description: 'Adapters that fit at once.' }),
    requestSlots: t.exposeInt('requestSlots', { description: 'Requests it takes at once.' }),
    startedAt: t.field({
      type: 'DateTime',
      description: 'When it started.',
      resolve: ({ startedAt }) => secondsOf(startedAt),
    }),
    lastSeenAt: t.field({
      type: 'DateTime',
      description: 'When it was last heard of.',
      resolve: ({ lastSeenAt }) => secondsOf(lastSeenAt),
    }),
    running: t.int({
      nullable: true,
      description: 'Requests that it answers now, as it said last; null where it has not for a minute.',
      complexity: 2,
      resolve: async ({ address }, _args, context) => (await throughputs(context).load(address)).running,
    }),
    waiting: t.int({
      nullable: true,
      description: 'Requests that wait there for their turn; null where it has not said for a minute.',
      complexity: 2,
      resolve: async ({ address }, _args, context) => (await throughputs(context).load(address)).waiting,
    }),
    tokensPerSecond: t.float({
      nullable: true,
      description: 'Tokens that it generated a second in the last two minutes; null where it did not say.',
      complexity: 2,
      resolve: async ({ address }, _args, context) => (await throughputs(context).load(address)).tokensPerSecond,
    }),
    adapters: t.field(adaptersField),
    figures: t.field({
      type: [WorkerFigure],
      description: `The newest value of each figure that it measured in the last ${STALE_MINUTES} minutes.`,
      complexity: { field: 10, multiplier: 5 },
      resolve: async ({ address }, _args, context) => [...(await figures(context).load(address))],
    }),
  }),
});

export const liveField: FieldsOf<'worker'> = (t) => ({
  live: t.field({
    type: WorkerLive,
    nullable: true,
    description: 'What it says of itself now; null for one that never reported to this API.',
    complexity: 5,
    select: { columns: { address: true } },
    resolve: (row, _args, context) => lives(context).load((row as { address: Hex }).address),
  }),
});
