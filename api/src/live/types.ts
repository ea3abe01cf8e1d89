import type { relayStates } from '@openledger/db/app';
import { builder } from '../schema/builder.ts';
import { entityOf, type Row } from '../schema/entity.ts';
import type { TableName } from '../schema/orders.ts';
import { SubmissionStateType } from '../submissions/types.ts';
import type { ContributionState, RewardsState } from './states.ts';
import type { Told } from './stream.ts';
import type { Stated } from './watch.ts';
import '../activity/types.ts';
import '../contributions/types.ts';
import '../inference/types.ts';
import '../rewards/types.ts';

export const FinalityEnum = builder.enumType('Finality', {
  description: 'When an event is told.',
  values: {
    LATEST: {
      value: 'LATEST' as const,
      description: 'As soon as it is indexed; told again as UNDONE if the chain takes it back.',
    },
    FINAL: { value: 'FINAL' as const, description: 'Once its block cannot be taken back any more; exactly once.' },
  },
});

const LiveKind = builder.enumType('LiveKind', {
  description: 'What a message tells.',
  values: {
    EVENT: { value: 'EVENT' as const, description: 'Something happened.' },
    UNDONE: { value: 'UNDONE' as const, description: 'The chain has taken something back.' },
  },
});

export const RelayState = builder.enumType('RelayState', {
  description: 'Where an action stands that a relayer sends.',
  values: Object.fromEntries(
    Object.entries({
      pending: 'Taken, and not sent yet.',
      submitted: 'In a transaction that was sent.',
      mined: 'In a block that may still be taken back.',
      final: 'In a block that cannot be taken back any more.',
      failed: 'It will not happen; the error says why.',
    } satisfies Record<(typeof relayStates)[number], string>).map(([value, description]) => [
      value.toUpperCase(),
      { value: value as (typeof relayStates)[number], description },
    ]),
  ) as Record<string, { value: (typeof relayStates)[number]; description: string }>,
});

const Undone = builder.objectRef<Extract<Told, { kind: 'UNDONE' }>>('Undone').implement({
  description: 'What the chain has taken back.',
  fields: (t) => ({
    chainId: t.field({ type: 'BigInt', description: 'The chain.', resolve: ({ chainId }) => chainId }),
    afterEventId: t.exposeString('afterEventId', {
      description:
        'Every event of that chain whose `eventId` sorts after this one is void, also those received before. What still holds of it is told again.',
    }),
  }),
});

type OpenFields = { drizzleField(options: object): never };
type OpenQueries = Record<string, { findFirst(config: object): Promise<object | undefined> }>;

/** A field with a row that is at hand: the database is asked only for what lies beyond its columns. */
function rowField<Parent>(
  t: unknown,
  table: TableName,
  key: string,
  options: { readonly description: string; readonly row: (parent: Parent) => object | null },
) {
  return (t as OpenFields).drizzleField({
    type: entityOf(table).ref,
    nullable: true,
    description: options.description,
    resolve: async (
      query: (config: object) => { with?: object; extras?: object },
      parent: Parent,
      _args: object,
      { db }: { db: { query: unknown } },
    ) => {
      const row = options.row(parent) as Record<string, unknown> | null;
      if (row === null) return null;
      const planned = query({ where: { [key]: { eq: row[key] } } });
      if (Object.keys({ ...planned.with, ...planned.extras }).length === 0) return row;
      const found = await (db.query as OpenQueries)[table]!.findFirst(planned);
      return { ...found, ...row };
    },
  });
}

type EventTold = Extract<Told, { kind: 'EVENT' }>;

/** What every message of a stream of events says. */
function messageFields(t: unknown) {
  const fields = t as import('@pothos/core').ObjectFieldBuilder<typeof builder.$inferSchemaTypes, Told>;
  return {
    kind: fields.field({ type: LiveKind, description: 'What it tells.', resolve: ({ kind }) => kind }),
    cursor: fields.exposeString('cursor', {
      description:
        'Where the stream stands after this message; opaque. Subscribe with it as `after` to go on from here.',
    }),
    final: fields.boolean({
      description: 'Whether the event can no longer be taken back. Until then it may be told UNDONE, and told again.',
      resolve: (message) => message.kind === 'EVENT' && message.final,
    }),
    finalBlock: fields.field({
      type: 'BigInt',
      nullable: true,
      description: 'The newest final block of the event’s chain; null for chains of which only the time is known.',
      resolve: ({ finalBlock }) => finalBlock,
    }),
    event: rowField<Told>(fields, 'activity', 'id', {
      description: 'What happened; null when kind is UNDONE.',
      row: (message) => (message.kind === 'EVENT' ? message.event : null),
    }),
    undone: fields.field({
      type: Undone,
      nullable: true,
      description: 'What was taken back; null when kind is EVENT.',
      resolve: (message) => (message.kind === 'UNDONE' ? message : null),
    }),
  };
}

export const ActivityMessage = builder.objectRef<Told>('ActivityMessage').implement({
  description: 'Something that happened on a chain, or was taken back.',
  fields: (t) => messageFields(t),
});

export const InferenceMessage = builder.objectRef<Told>('InferenceMessage').implement({
  description: 'A settled answer, or that some were taken back.',
  fields: (t) => ({
    ...messageFields(t),
    inference: (t as unknown as OpenFields).drizzleField({
      type: entityOf('inference').ref,
      nullable: true,
      description: 'The answer; null when kind is UNDONE, or when it has been taken back in the meantime.',
      resolve: (query: (config: object) => object, message: Told, _args: object, { db }: { db: { query: unknown } }) =>
        message.kind === 'UNDONE'
          ? null
          : (db.query as OpenQueries).inference!.findFirst(
              query({ where: { requestId: { eq: (message as EventTold).event.subjectId } } }),
            ),
    }) as never,
  }),
});

export const ContributionStatusMessage = builder
  .objectRef<Stated<ContributionState>>('ContributionStatusMessage')
  .implement({
    description: 'Where a contribution stands.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', {
        description: 'Stands for this state; opaque. Subscribe with it as `after` to be told of others only.',
      }),
      final: t.exposeBoolean('final', { description: 'Whether this state can no longer be taken back.' }),
      contribution: rowField<ContributionState>(t, 'contribution', 'id', {
        description: 'The contribution as it is now; null while it is not on chain.',
        row: ({ contribution }) => contribution satisfies Row<'contribution'> | null,
      }),
      state: t.field({
        type: SubmissionStateType,
        nullable: true,
        description: 'Where the submission stands; null where none was asked for.',
        resolve: ({ state }) => state,
      }),
      error: t.exposeString('error', {
        nullable: true,
        description: 'Why it failed; null unless it did. For one that was refused, submission(id) has the findings.',
      }),
    }),
  });

export const AccountRewardsMessage = builder.objectRef<Stated<RewardsState>>('AccountRewardsMessage').implement({
  description: 'What an account earned and claimed so far.',
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Stands for this state; opaque. Subscribe with it as `after` to be told of others only.',
    }),
    final: t.exposeBoolean('final', { description: 'Whether this state can no longer be taken back.' }),
    account: t.field({ type: 'Address', description: 'The account.', resolve: ({ account }) => account }),
    rewards: rowField<RewardsState>(t, 'rewardAccount', 'account', {
      description: 'What it earned and claimed; null while it earned nothing.',
      row: ({ rewards }) => rewards,
    }),
  }),
});
