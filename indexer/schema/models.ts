import { boolean, index, integer, onchainTable, primaryKey, text } from 'ponder';
import { count, eventProvenance, hex, int8, provenance, uint256 } from './columns.ts';

export const model = onchainTable(
  'model',
  {
    id: uint256().primaryKey(),
    owner: hex().notNull(),
    baseModelId: hex().notNull(),
    /** At most 200 characters of it; the activity log has it all. */
    name: text().notNull(),
    uri: text().notNull(),
    status: text().$type<'draft' | 'active' | 'deprecated' | 'withdrawn'>().notNull(),
    /** Wei of OPEN for 1,000 prompt tokens. */
    inPer1k: uint256().notNull(),
    /** Wei of OPEN for 1,000 generated tokens. */
    outPer1k: uint256().notNull(),
    latestVersion: count(),
    /** Deployments standing now. */
    deployments: count(),
    evaluations: count(),
    inferences: int8().notNull(),
    inTokens: int8().notNull(),
    outTokens: int8().notNull(),
    fees: uint256().notNull(),
    ...provenance,
  },
  (t) => ({
    ownerIndex: index('model_owner_idx').on(t.owner, t.id),
    baseIndex: index('model_base_idx').on(t.baseModelId, t.id),
    statusIndex: index('model_status_idx').on(t.status, t.id),
    nameIndex: index('model_name_idx').on(t.name, t.id),
    inferencesIndex: index('model_inferences_idx').on(t.inferences, t.id),
    feesIndex: index('model_fees_idx').on(t.fees, t.id),
    updatedIndex: index('model_updated_idx').on(t.updatedAt, t.id),
  }),
);

export const modelVersion = onchainTable(
  'model_version',
  {
    modelId: uint256().notNull(),
    version: integer().notNull(),
    adapterHash: hex().notNull(),
    adapterUri: text().notNull(),
    manifestHash: hex().notNull(),
    rank: integer().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.modelId, t.version] }),
    createdIndex: index('model_version_created_idx').on(t.createdAt, t.modelId, t.version),
    adapterIndex: index('model_version_adapter_idx').on(t.adapterHash),
  }),
);

/** Which datanet version went into which model version. */
export const modelTraining = onchainTable(
  'model_training',
  {
    modelId: uint256().notNull(),
    modelVersion: integer().notNull(),
    datanetId: uint256().notNull(),
    datanetVersion: integer().notNull(),
    dataRoot: hex().notNull(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.modelId, t.modelVersion, t.datanetId, t.datanetVersion] }),
    datanetIndex: index('model_training_datanet_idx').on(t.datanetId, t.modelId, t.modelVersion, t.datanetVersion),
    versionIndex: index('model_training_version_idx').on(t.datanetId, t.datanetVersion, t.modelId, t.modelVersion),
    createdIndex: index('model_training_created_idx').on(
      t.createdAt,
      t.modelId,
      t.modelVersion,
      t.datanetId,
      t.datanetVersion,
    ),
  }),
);

export const modelEvaluation = onchainTable(
  'model_evaluation',
  {
    ...eventProvenance,
    modelId: uint256().notNull(),
    benchmarkId: hex().notNull(),
    version: integer().notNull(),
    /** 1e18 fixed point. */
    score: uint256().notNull(),
    uri: text().notNull(),
  },
  (t) => ({
    modelIndex: index('model_evaluation_model_idx').on(t.modelId, t.id),
    versionIndex: index('model_evaluation_version_idx').on(t.modelId, t.version, t.id),
    benchmarkIndex: index('model_evaluation_benchmark_idx').on(t.benchmarkId, t.score, t.id),
    scoreIndex: index('model_evaluation_score_idx').on(t.score, t.id),
  }),
);

export const worker = onchainTable(
  'worker',
  {
    address: hex().primaryKey(),
    operator: hex().notNull(),
    endpoint: text().notNull(),
    /** Deployments standing now. */
    deployments: count(),
    inferences: int8().notNull(),
    /** Wei of OPEN credited to its operator. */
    earned: uint256().notNull(),
    ...provenance,
  },
  (t) => ({
    operatorIndex: index('worker_operator_idx').on(t.operator, t.address),
    createdIndex: index('worker_created_idx').on(t.createdAt, t.address),
    inferencesIndex: index('worker_inferences_idx').on(t.inferences, t.address),
    earnedIndex: index('worker_earned_idx').on(t.earned, t.address),
  }),
);

export const deployment = onchainTable(
  'deployment',
  {
    modelId: uint256().notNull(),
    worker: hex().notNull(),
    version: integer().notNull(),
    active: boolean().notNull(),
    /** Set once it was taken down. */
    undeployedAt: int8(),
    ...provenance,
  },
  (t) => ({
    pk: primaryKey({ columns: [t.modelId, t.worker, t.version] }),
    versionIndex: index('deployment_version_idx').on(t.modelId, t.version, t.worker),
    workerIndex: index('deployment_worker_idx').on(t.worker, t.modelId, t.version),
    createdIndex: index('deployment_created_idx').on(t.createdAt, t.modelId, t.worker, t.version),
    activeIndex: index('deployment_active_idx').on(t.active, t.createdAt, t.modelId, t.worker, t.version),
  }),
);
