import { datanetDay, datanetHour, modelDay, modelHour, protocolDay, protocolHour } from 'ponder:schema';
import type { Occurrence } from './occurrence.ts';
import { plus } from './plus.ts';

type Delta<row> = { readonly [key in Exclude<keyof row, 'bucket' | 'datanetId' | 'modelId'>]?: row[key] };
export type ProtocolDelta = Delta<typeof protocolHour.$inferSelect>;
export type DatanetDelta = Delta<typeof datanetHour.$inferSelect>;
export type ModelDelta = Delta<typeof modelHour.$inferSelect>;

/** Seconds. */
const lengths = { hour: 3_600n, day: 86_400n };

/** Start of the hour or UTC day that holds a time; all in Unix seconds. */
export const bucketOf = (length: keyof typeof lengths, timestamp: bigint): bigint =>
  timestamp - (timestamp % lengths[length]);

const protocolZero = {
  rowsAccepted: 0n,
  inTokens: 0n,
  outTokens: 0n,
  fees: 0n,
  attributed: 0n,
  unattributed: 0n,
  claimed: 0n,
  deposited: 0n,
  staked: 0n,
  slashed: 0n,
};
const datanetZero = { rowsAccepted: 0n, attributed: 0n };
const modelZero = { inTokens: 0n, outTokens: 0n, fees: 0n, attributed: 0n, unattributed: 0n };

/** Adds to the protocol's hour and day; who is active is counted apart for each. */
export const bumpProtocol = async (e: Occurrence, hour: ProtocolDelta, day: ProtocolDelta) => {
  await e.db
    .insert(protocolHour)
    .values({ bucket: bucketOf('hour', e.timestamp), ...protocolZero, ...hour })
    .onConflictDoUpdate((row) => plus(row, hour));
  await e.db
    .insert(protocolDay)
    .values({ bucket: bucketOf('day', e.timestamp), ...protocolZero, ...day })
    .onConflictDoUpdate((row) => plus(row, day));
};

/** Adds to one datanet's hour and day. */
export const bumpDatanet = async (e: Occurrence, datanetId: bigint, hour: DatanetDelta, day: DatanetDelta) => {
  await e.db
    .insert(datanetHour)
    .values({ datanetId, bucket: bucketOf('hour', e.timestamp), ...datanetZero, ...hour })
    .onConflictDoUpdate((row) => plus(row, hour));
  await e.db
    .insert(datanetDay)
    .values({ datanetId, bucket: bucketOf('day', e.timestamp), ...datanetZero, ...day })
    .onConflictDoUpdate((row) => plus(row, day));
};

/** Adds to one model's hour and day. */
export const bumpModel = async (e: Occurrence, modelId: bigint, delta: ModelDelta) => {
  await e.db
    .insert(modelHour)
    .values({ modelId, bucket: bucketOf('hour', e.timestamp), ...modelZero, ...delta })
    .onConflictDoUpdate((row) => plus(row, delta));
  await e.db
    .insert(modelDay)
    .values({ modelId, bucket: bucketOf('day', e.timestamp), ...modelZero, ...delta })
    .onConflictDoUpdate((row) => plus(row, delta));
};
