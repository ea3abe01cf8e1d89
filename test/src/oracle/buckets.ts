import type { ChainEvent } from './event.ts';
import { actorsOf } from './facets.ts';
import { type Row, type State, zeroAddress } from './state.ts';
import type { Length } from './time.ts';

/** Adds to some columns of a rollup's row, whether they are counts or sums. */
export function add(row: object, flow: Readonly<Record<string, number | bigint>>): void {
  const columns = row as Record<string, number | bigint>;
  for (const [column, value] of Object.entries(flow)) {
    const before = columns[column];
    columns[column] = typeof before === 'bigint' ? before + BigInt(value) : Number(before) + Number(value);
  }
}

/** How many accounts this event shows for the first time. */
export function unseen({ tables }: State, event: ChainEvent): number {
  const here = new Set([...actorsOf(event).map(({ account }) => account), ...event.addresses]);
  return [...here].filter((address) => address !== zeroAddress && tables.account.find(address) === undefined).length;
}

/** How many accounts act for the first time in a bucket. */
export function newlyActive(state: State, event: ChainEvent, length: Length, bucket: bigint): number {
  return actorsOf(event).filter(
    ({ account }) => account !== zeroAddress && first(state, `${length} ${bucket} ${account}`),
  ).length;
}

/** One when a contributor submits to a datanet for the first time in a bucket. */
export function newlyContributing(state: State, event: ChainEvent, length: Length, bucket: bigint): number {
  if (event.name !== 'ContributionSubmitted') return 0;
  return Number(first(state, `${length} ${bucket} ${event.big('datanetId')} ${event.text('contributor')}`));
}

function first({ counted }: State, what: string): boolean {
  const before = counted.size;
  return counted.add(what).size > before;
}

export const protocolBucket = ({ tables }: State, length: Length, bucket: bigint): Row<'protocolHour'> =>
  tables[length === 'hour' ? 'protocolHour' : 'protocolDay'].open(
    () => ({
      bucket,
      events: 0,
      newAccounts: 0,
      activeAccounts: 0,
      datanetsCreated: 0,
      contributionsSubmitted: 0,
      contributionsAccepted: 0,
      contributionsRejected: 0,
      contributionsRevoked: 0,
      rowsAccepted: 0n,
      scores: 0,
      datanetVersions: 0,
      modelsRegistered: 0,
      modelVersions: 0,
      deployments: 0,
      undeployments: 0,
      inferences: 0,
      inTokens: 0n,
      outTokens: 0n,
      fees: 0n,
      attributed: 0n,
      unattributed: 0n,
      claims: 0,
      claimed: 0n,
      deposited: 0n,
      staked: 0n,
      slashed: 0n,
      disputes: 0,
      votes: 0,
    }),
    bucket,
  );

export const datanetBucket = (
  { tables }: State,
  length: Length,
  datanetId: bigint,
  bucket: bigint,
): Row<'datanetHour'> =>
  tables[length === 'hour' ? 'datanetHour' : 'datanetDay'].open(
    () => ({
      datanetId,
      bucket,
      events: 0,
      submitted: 0,
      accepted: 0,
      rejected: 0,
      revoked: 0,
      rowsAccepted: 0n,
      contributors: 0,
      scores: 0,
      versions: 0,
      trainings: 0,
      accessGrants: 0,
      attributions: 0,
      attributed: 0n,
    }),
    datanetId,
    bucket,
  );

export const modelBucket = ({ tables }: State, length: Length, modelId: bigint, bucket: bigint): Row<'modelHour'> =>
  tables[length === 'hour' ? 'modelHour' : 'modelDay'].open(
    () => ({
      modelId,
      bucket,
      events: 0,
      versions: 0,
      evaluations: 0,
      deployments: 0,
      undeployments: 0,
      inferences: 0,
      inTokens: 0n,
      outTokens: 0n,
      fees: 0n,
      attributed: 0n,
      unattributed: 0n,
    }),
    modelId,
    bucket,
  );
