import { workerAdapterStates } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import { entityOf, type FieldsOf } from '../schema/entity.ts';
import {
  byModel,
  byVersion,
  byWorker,
  type Deployment,
  MOST,
  ofDeployment,
  type Serving,
  type Version,
  workersOnChain,
} from './serving-rows.ts';

/** What is asked of a list like that is asked of this many, as its price has it. */
const TYPICAL = 10;

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
