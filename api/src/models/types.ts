import { modelRollups } from '../analytics/rollups.ts';
import {
  address,
  bigint,
  bool,
  bytes32,
  enumOf,
  eventProvenance,
  int,
  name,
  provenance,
  text,
  time,
} from '../schema/columns.ts';
import { entity } from '../schema/entity.ts';
import { cardField } from './card.ts';
import { lineageField } from './lineage.ts';
import { liveField } from './live.ts';
import { deploymentLiveField, modelServingField, versionServingField } from './serving.ts';

const status = enumOf('ModelStatus', 'Whether a model is offered.', {
  draft: 'Not offered yet.',
  active: 'Offered.',
  deprecated: 'Still served, replaced by something better.',
  withdrawn: 'No longer offered.',
});

entity('model', {
  name: 'Model',
  description: 'A specialised model: versions of an adapter on a base model, trained on datanets.',
  columns: {
    id: bigint('Its number on chain.', 'modelId'),
    owner: address('Who owns it.', 'ownerAddress'),
    baseModelId: bytes32('The base model its adapters are for.'),
    name: name('Its name.'),
    uri: text('Where its description is.'),
    status: status('Whether it is offered.'),
    inPer1k: bigint('Wei of OPEN for 1,000 prompt tokens.', 'inputPricePer1k'),
    outPer1k: bigint('Wei of OPEN for 1,000 generated tokens.', 'outputPricePer1k'),
    latestVersion: int('The number of its latest version; 0 before the first.'),
    deployments: int('How many deployments stand now.', 'deploymentCount'),
    evaluations: int('How many evaluations were recorded.', 'evaluationCount'),
    inferences: bigint('How many answers of it were settled.', 'inferenceCount'),
    inTokens: bigint('Prompt tokens of those answers.', 'inputTokens'),
    outTokens: bigint('Generated tokens of those answers.', 'outputTokens'),
    fees: bigint('Wei of OPEN paid for those answers.'),
    ...provenance,
  },
  one: { ownerRow: ['owner', 'Who owns it.'] },
  many: {
    versionRows: ['versions', 'Its published versions.'],
    trainingRows: ['trainings', 'Which datanet versions went into which of its versions.'],
    evaluationRows: ['evaluations', 'How its versions did on benchmarks.'],
    deploymentRows: ['deployments', 'Where its versions are or were served.'],
    inferenceRows: ['inferences', 'Its settled answers.'],
    attributionRows: ['attributions', 'Contributions’ parts in its answers.'],
    activityRows: ['activity', 'Every event that names it.'],
  },
  fields: (t) => ({ ...modelRollups(t), ...modelServingField(t) }),
});

entity('modelVersion', {
  name: 'ModelVersion',
  description: 'A published adapter of a model.',
  columns: {
    modelId: bigint('Its model’s number on chain.'),
    version: int('Its number, from 1.'),
    adapterHash: bytes32('keccak256 of the adapter’s file.'),
    adapterUri: text('Where the adapter is.'),
    manifestHash: bytes32('keccak256 of its training manifest.'),
    rank: int('Rank of the LoRA adapter.'),
    ...provenance,
  },
  one: { modelRow: ['model', 'The model it is a version of.'] },
  many: {
    trainingRows: ['trainings', 'The datanet versions that went into it.'],
    evaluationRows: ['evaluations', 'How it did on benchmarks.'],
    deploymentRows: ['deployments', 'Where it is or was served.'],
  },
  fields: (t) => ({ ...lineageField(t), ...versionServingField(t), ...cardField(t) }),
});

entity('modelTraining', {
  name: 'ModelTraining',
  description: 'That a datanet version went into a model version.',
  columns: {
    modelId: bigint('The model’s number on chain.'),
    modelVersion: int('The model’s version.', 'modelVersionNumber'),
    datanetId: bigint('The datanet’s number on chain.'),
    datanetVersion: int('The datanet’s version.', 'datanetVersionNumber'),
    dataRoot: bytes32('The Merkle root of that datanet version.'),
    ...provenance,
  },
  one: {
    modelRow: ['model', 'The model.'],
    modelVersionRow: ['modelVersion', 'The model’s version.'],
    datanetRow: ['datanet', 'The datanet.'],
    datanetVersionRow: ['datanetVersion', 'The datanet’s version.'],
  },
});

entity('modelEvaluation', {
  name: 'ModelEvaluation',
  description: 'How a model version did on a benchmark.',
  columns: {
    ...eventProvenance,
    modelId: bigint('The model’s number on chain.'),
    benchmarkId: bytes32('The benchmark.'),
    version: int('The model’s version.'),
    score: bigint('The score; 1e18 is a full score.'),
    uri: text('Where the details are.'),
  },
  one: { modelRow: ['model', 'The model.'], modelVersionRow: ['modelVersion', 'The model’s version.'] },
});

entity('worker', {
  name: 'Worker',
  description: 'A machine that serves models, settles their fees and posts their attributions.',
  columns: {
    address: address('Its address.'),
    operator: address('Who is paid for its work.', 'operatorAddress'),
    endpoint: text('Where it serves.'),
    deployments: int('How many deployments stand now.', 'deploymentCount'),
    inferences: bigint('How many answers it settled.', 'inferenceCount'),
    earned: bigint('Wei of OPEN credited to its operator.'),
    ...provenance,
  },
  one: { accountRow: ['account', 'The account it acts as.'], operatorRow: ['operator', 'Who is paid for its work.'] },
  many: {
    deploymentRows: ['deployments', 'What it serves or served.'],
    inferenceRows: ['inferences', 'Answers it settled.'],
    batchRows: ['batches', 'Attribution batches it posted.'],
    disputeRows: ['disputes', 'Disputes about it.'],
  },
  fields: liveField,
});

entity('deployment', {
  name: 'Deployment',
  description: 'That a worker serves a model version, or did.',
  columns: {
    modelId: bigint('The model’s number on chain.'),
    worker: address('The worker.', 'workerAddress'),
    version: int('The model’s version.'),
    active: bool('Whether it stands.'),
    undeployedAt: time('When it was taken down.'),
    ...provenance,
  },
  one: {
    modelRow: ['model', 'The model.'],
    modelVersionRow: ['modelVersion', 'The model’s version.'],
    workerRow: ['worker', 'The worker.'],
  },
  fields: deploymentLiveField,
});
