import { index, onchainTable, primaryKey } from 'ponder';
import { count, int8, uint256 } from './columns.ts';

const zero = () => uint256().notNull();
const total = () => int8().notNull();

const protocolColumns = {
  /** Start of the hour or UTC day, Unix seconds. */
  bucket: int8().primaryKey(),
  events: count(),
  newAccounts: count(),
  activeAccounts: count(),
  datanetsCreated: count(),
  contributionsSubmitted: count(),
  contributionsAccepted: count(),
  contributionsRejected: count(),
  contributionsRevoked: count(),
  rowsAccepted: zero(),
  scores: count(),
  datanetVersions: count(),
  modelsRegistered: count(),
  modelVersions: count(),
  deployments: count(),
  undeployments: count(),
  inferences: count(),
  inTokens: total(),
  outTokens: total(),
  fees: zero(),
  attributed: zero(),
  unattributed: zero(),
  claims: count(),
  claimed: zero(),
  deposited: zero(),
  staked: zero(),
  slashed: zero(),
  disputes: count(),
  votes: count(),
};

const datanetColumns = {
  datanetId: uint256().notNull(),
  bucket: int8().notNull(),
  events: count(),
  submitted: count(),
  accepted: count(),
  rejected: count(),
  revoked: count(),
  rowsAccepted: zero(),
  /** Accounts with at least one submission in the bucket. */
  contributors: count(),
  scores: count(),
  versions: count(),
  trainings: count(),
  accessGrants: count(),
  attributions: count(),
  attributed: zero(),
};

const modelColumns = {
  modelId: uint256().notNull(),
  bucket: int8().notNull(),
  events: count(),
  versions: count(),
  evaluations: count(),
  deployments: count(),
  undeployments: count(),
  inferences: count(),
  inTokens: total(),
  outTokens: total(),
  fees: zero(),
  attributed: zero(),
  unattributed: zero(),
};

export const protocolHour = onchainTable('protocol_hour', protocolColumns);
export const protocolDay = onchainTable('protocol_day', protocolColumns);

export const datanetHour = onchainTable('datanet_hour', datanetColumns, (t) => ({
  pk: primaryKey({ columns: [t.datanetId, t.bucket] }),
  bucketIndex: index('datanet_hour_bucket_idx').on(t.bucket, t.datanetId),
}));
export const datanetDay = onchainTable('datanet_day', datanetColumns, (t) => ({
  pk: primaryKey({ columns: [t.datanetId, t.bucket] }),
  bucketIndex: index('datanet_day_bucket_idx').on(t.bucket, t.datanetId),
}));

export const modelHour = onchainTable('model_hour', modelColumns, (t) => ({
  pk: primaryKey({ columns: [t.modelId, t.bucket] }),
  bucketIndex: index('model_hour_bucket_idx').on(t.bucket, t.modelId),
}));
export const modelDay = onchainTable('model_day', modelColumns, (t) => ({
  pk: primaryKey({ columns: [t.modelId, t.bucket] }),
  bucketIndex: index('model_day_bucket_idx').on(t.bucket, t.modelId),
}));
