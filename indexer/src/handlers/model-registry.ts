import {
  datanet,
  deployment,
  model,
  modelEvaluation,
  modelTraining,
  modelVersion,
  worker as workers,
} from 'ponder:schema';
import type { Hex } from 'viem';
import { record } from '../activity.ts';
import { oneOf } from '../enums.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { created, stamped, updated } from '../provenance.ts';
import { clip } from '../text.ts';

const statuses = ['none', 'draft', 'active', 'deprecated', 'withdrawn'] as const;

on('ModelRegistry:ModelRegistered', async (e) => {
  const { modelId, owner, baseModelId, name, uri } = e.args;
  await e.db.insert(model).values({
    id: modelId,
    owner,
    baseModelId,
    name: clip(name),
    uri,
    status: 'draft',
    inPer1k: 0n,
    outPer1k: 0n,
    inferences: 0n,
    inTokens: 0n,
    outTokens: 0n,
    fees: 0n,
    ...created(e),
  });
  return record(e, { protocol: { modelsRegistered: 1 } });
});

on('ModelRegistry:ModelVersionPublished', async (e) => {
  const { modelId, version, adapterHash, adapterURI, manifestHash, rank } = e.args;
  await e.db
    .insert(modelVersion)
    .values({ modelId, version, adapterHash, adapterUri: adapterURI, manifestHash, rank, ...created(e) });
  await e.db.update(model, { id: modelId }).set({ latestVersion: version, ...updated(e) });
  return record(e, { protocol: { modelVersions: 1 }, models: new Map([[modelId, { versions: 1 }]]) });
});

on('ModelRegistry:ModelTrainedOn', async (e) => {
  const { modelId, modelVersion: version, datanetId, datanetVersion, dataRoot } = e.args;
  await e.db
    .insert(modelTraining)
    .values({ modelId, modelVersion: version, datanetId, datanetVersion, dataRoot, ...created(e) });
  await e.db.update(datanet, { id: datanetId }).set((row) => ({ trainings: row.trainings + 1, ...updated(e) }));
  return record(e, { datanets: new Map([[datanetId, { trainings: 1 }]]) });
});

on('ModelRegistry:ModelEvaluated', async (e) => {
  const { modelId, benchmarkId, version, score, uri } = e.args;
  await e.db.insert(modelEvaluation).values({ ...stamped(e), modelId, benchmarkId, version, score, uri });
  await e.db.update(model, { id: modelId }).set((row) => ({ evaluations: row.evaluations + 1, ...updated(e) }));
  return record(e, { models: new Map([[modelId, { evaluations: 1 }]]) });
});

on('ModelRegistry:ModelPricingUpdated', async (e) => {
  const { modelId, inPer1k, outPer1k } = e.args;
  await e.db.update(model, { id: modelId }).set({ inPer1k, outPer1k, ...updated(e) });
  return record(e);
});

on('ModelRegistry:ModelStatusUpdated', async (e) => {
  const status = oneOf(statuses, e.args.newStatus);
  if (status === 'none') throw new Error(`Model ${e.args.modelId} cannot go back to having no status`);
  await e.db.update(model, { id: e.args.modelId }).set({ status, ...updated(e) });
  return record(e);
});

on('ModelRegistry:WorkerRegistered', async (e) => {
  const { worker, operator, endpoint } = e.args;
  await e.db
    .insert(workers)
    .values({ address: worker, operator, endpoint, inferences: 0n, earned: 0n, ...created(e) })
    .onConflictDoUpdate({ operator, endpoint, ...updated(e) });
  return record(e);
});

on('ModelRegistry:AdapterDeployed', async (e) => {
  const { modelId, worker, version } = e.args;
  await e.db
    .insert(deployment)
    .values({ modelId, worker, version, active: true, ...created(e) })
    .onConflictDoUpdate({ active: true, undeployedAt: null, ...updated(e) });
  await countDeployment(e, modelId, worker, 1);
  return record(e, { protocol: { deployments: 1 }, models: new Map([[modelId, { deployments: 1 }]]) });
});

on('ModelRegistry:AdapterUndeployed', async (e) => {
  const { modelId, worker, version } = e.args;
  await e.db
    .update(deployment, { modelId, worker, version })
    .set({ active: false, undeployedAt: e.timestamp, ...updated(e) });
  await countDeployment(e, modelId, worker, -1);
  return record(e, { protocol: { undeployments: 1 }, models: new Map([[modelId, { undeployments: 1 }]]) });
});

const countDeployment = async (e: Occurrence, modelId: bigint, worker: Hex, by: 1 | -1) => {
  await e.db.update(model, { id: modelId }).set((row) => ({ deployments: row.deployments + by, ...updated(e) }));
  await e.db.update(workers, { address: worker }).set((row) => ({ deployments: row.deployments + by, ...updated(e) }));
};

on('ModelRegistry:EIP712DomainChanged', (e) => record(e));
