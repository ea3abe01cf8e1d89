import type { chainTables } from '@openledger/db/chain';
import type { ArgBuilder, ObjectRef } from '@pothos/core';
import { badInput } from '../errors.ts';
import { builder, type Types } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { reading } from '../schema/reading.ts';

type Protocol = (typeof chainTables)['protocolHour']['$inferSelect'];
type Datanet = (typeof chainTables)['datanetHour']['$inferSelect'];
type Model = (typeof chainTables)['modelHour']['$inferSelect'];

/** Buckets that one answer holds at most: 41 days of hours, 2.7 years of days. */
export const MAX_BUCKETS = 1000;

export const RollupInterval = builder.enumType('RollupInterval', {
  description: 'How long a bucket is.',
  values: {
    HOUR: { value: 'hour', description: 'An hour.' },
    DAY: { value: 'day', description: 'A UTC day.' },
  },
});
type Interval = 'hour' | 'day';

/** A type over one row of counters: what each counts, in one line. */
function rollupType<R extends { bucket: bigint }>(
  name: string,
  description: string,
  counters: { readonly [C in Exclude<keyof R, 'bucket' | 'datanetId' | 'modelId'>]: string },
): ObjectRef<Types, R> {
  const ref = builder.objectRef<R>(name);
  ref.implement({
    description,
    fields: (t) => ({
      bucket: t.field({
        type: 'DateTime',
        description: 'The start of the hour or UTC day.',
        resolve: ({ bucket }) => bucket,
      }),
      ...Object.fromEntries(
        (Object.entries(counters) as [keyof R & string, string][]).map(([column, what]) => [
          column,
          t.field({ type: 'BigInt', description: what, resolve: (row) => BigInt(row[column] as bigint | number) }),
        ]),
      ),
    }),
  });
  return ref;
}

export const ProtocolRollup = rollupType<Protocol>(
  'ProtocolRollup',
  'What happened on the whole protocol in an hour or a day. Hours and days without events have no row.',
  {
    events: 'Events.',
    newAccounts: 'Accounts seen for the first time.',
    activeAccounts: 'Accounts that caused an event.',
    datanetsCreated: 'Datanets created.',
    contributionsSubmitted: 'Contributions submitted.',
    contributionsAccepted: 'Contributions accepted.',
    contributionsRejected: 'Contributions rejected.',
    contributionsRevoked: 'Contributions revoked.',
    rowsAccepted: 'Rows of data accepted.',
    scores: 'Scores revealed.',
    datanetVersions: 'Datanet versions published.',
    modelsRegistered: 'Models registered.',
    modelVersions: 'Model versions published.',
    deployments: 'Adapters deployed.',
    undeployments: 'Adapters taken down.',
    inferences: 'Answers settled.',
    inTokens: 'Prompt tokens settled.',
    outTokens: 'Generated tokens settled.',
    fees: 'Wei of OPEN paid for answers.',
    attributed: 'Wei of OPEN that became payable to contributors.',
    unattributed: 'Wei of OPEN that no evidence supported.',
    claims: 'Claims.',
    claimed: 'Wei of OPEN claimed.',
    deposited: 'Wei of OPEN paid into the escrow.',
    staked: 'Wei of OPEN staked.',
    slashed: 'Wei of OPEN slashed.',
    disputes: 'Disputes raised.',
    votes: 'Votes cast.',
  },
);

const DatanetRollup = rollupType<Datanet>('DatanetRollup', 'What happened in a datanet in an hour or a day.', {
  events: 'Events.',
  submitted: 'Contributions submitted.',
  accepted: 'Contributions accepted.',
  rejected: 'Contributions rejected.',
  revoked: 'Contributions revoked.',
  rowsAccepted: 'Rows of data accepted.',
  contributors: 'Accounts that submitted something.',
  scores: 'Scores revealed.',
  versions: 'Versions published.',
  trainings: 'Model versions trained on it.',
  accessGrants: 'Permissions granted.',
  attributions: 'Attributions that became final.',
  attributed: 'Wei of OPEN those gave.',
});

const ModelRollup = rollupType<Model>('ModelRollup', 'What happened with a model in an hour or a day.', {
  events: 'Events.',
  versions: 'Versions published.',
  evaluations: 'Evaluations recorded.',
  deployments: 'Adapters deployed.',
  undeployments: 'Adapters taken down.',
  inferences: 'Answers settled.',
  inTokens: 'Prompt tokens settled.',
  outTokens: 'Generated tokens settled.',
  fees: 'Wei of OPEN paid for its answers.',
  attributed: 'Wei of OPEN that became payable to contributors.',
  unattributed: 'Wei of OPEN that no evidence supported.',
});

type Range = { interval: Interval; from?: bigint | null | undefined; to?: bigint | null | undefined };

export function rangeArgs(arg: ArgBuilder<Types>) {
  return {
    interval: arg({ type: RollupInterval, required: true, description: 'How long a bucket is.' }),
    from: arg({ type: 'DateTime', description: 'Only buckets that start then or later.' }),
    to: arg({ type: 'DateTime', description: 'Only buckets that start before then.' }),
  };
}

/** The newest buckets of a range, newest first; `oldestFirst` turns them round for the client. */
export function bucketsOf({ from, to }: Range) {
  if (from != null && to != null && from >= to) throw badInput('from is not before to: no bucket lies between them.');
  const bucket = { ...(from != null && { gte: from }), ...(to != null && { lt: to }) };
  return { where: { bucket }, orderBy: { bucket: 'desc' as const }, limit: MAX_BUCKETS };
}

/** The buckets of the interval asked for; a row holds both kinds when a query asks for both. */
function bucketsIn<R>(row: object, interval: Interval): R[] {
  return oldestFirst((row as Record<'hourRows' | 'dayRows', R[]>)[interval === 'hour' ? 'hourRows' : 'dayRows']);
}

export function oldestFirst<R>(rows: readonly R[]): R[] {
  return [...rows].reverse();
}

const cost = { field: 5, multiplier: 50 };
const about = (what: string) => `${what}, oldest first; the newest ${MAX_BUCKETS} of the range when it holds more.`;

export const datanetRollups: FieldsOf<'datanet'> = (t) => ({
  rollups: t.field({
    type: [DatanetRollup],
    description: about('What happened in it by hour or day'),
    extensions: reading({
      kind: 'buckets',
      hour: 'datanetHour',
      day: 'datanetDay',
      max: MAX_BUCKETS,
      parentId: 'datanetId',
    }),
    complexity: cost,
    args: rangeArgs(t.arg),
    select: (args) =>
      args.interval === 'hour' ? { with: { hourRows: bucketsOf(args) } } : { with: { dayRows: bucketsOf(args) } },
    resolve: (row, { interval }) => bucketsIn<Datanet>(row, interval),
  }),
});

export const modelRollups: FieldsOf<'model'> = (t) => ({
  rollups: t.field({
    type: [ModelRollup],
    description: about('What happened with it by hour or day'),
    extensions: reading({ kind: 'buckets', hour: 'modelHour', day: 'modelDay', max: MAX_BUCKETS, parentId: 'modelId' }),
    complexity: cost,
    args: rangeArgs(t.arg),
    select: (args) =>
      args.interval === 'hour' ? { with: { hourRows: bucketsOf(args) } } : { with: { dayRows: bucketsOf(args) } },
    resolve: (row, { interval }) => bucketsIn<Model>(row, interval),
  }),
});

export const aboutProtocolRollups = about('What happened on the whole protocol by hour or day');
export const rollupCost = cost;
