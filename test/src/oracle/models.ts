import { clipped } from './datanets.ts';
import type { ChainEvent } from './event.ts';
import { change, created, type Fold, nameIn, type Row, type State, stamped } from './state.ts';

const statuses = ['none', 'draft', 'active', 'deprecated', 'withdrawn'];

/** ModelRegistry: models, versions, training, evaluations, workers and deployments; what answers brought them. */
export const models: Fold = (state, event) => {
  const { tables } = state;
  const rewrite = (columns: (model: Row<'model'>) => Partial<Row<'model'>>) => {
    const model = tables.model.get(event.big('modelId'));
    change(model, event, columns(model));
  };
  switch (event.name) {
    case 'ModelRegistered':
      return register(state, event);
    case 'ModelVersionPublished':
      publish(state, event);
      return rewrite(() => ({ latestVersion: event.int('version') }));
    case 'ModelTrainedOn':
      return train(state, event);
    case 'ModelEvaluated':
      tables.modelEvaluation.put(
        {
          ...stamped(event),
          modelId: event.big('modelId'),
          benchmarkId: event.text('benchmarkId'),
          version: event.int('version'),
          score: event.big('score'),
          uri: event.text('uri'),
        },
        event.id,
      );
      return rewrite(({ evaluations }) => ({ evaluations: evaluations + 1 }));
    case 'ModelPricingUpdated':
      return rewrite(() => ({ inPer1k: event.big('inPer1k'), outPer1k: event.big('outPer1k') }));
    case 'ModelStatusUpdated':
      return rewrite(() => ({ status: nameIn(statuses, event.big('newStatus')) }));
    case 'WorkerRegistered':
      return registerWorker(state, event);
    case 'AdapterDeployed':
      return deploy(state, event, true);
    case 'AdapterUndeployed':
      return deploy(state, event, false);
    case 'InferenceSettled': {
      rewrite((model) => ({
        inferences: model.inferences + 1n,
        inTokens: model.inTokens + event.big('inTokens'),
        outTokens: model.outTokens + event.big('outTokens'),
        fees: model.fees + event.big('fee'),
      }));
      const worker = tables.worker.get(event.text('worker'));
      return change(worker, event, { inferences: worker.inferences + 1n });
    }
    case 'FeeDistributed': {
      const worker = tables.worker.get(tables.inference.get(event.text('requestId')).worker);
      return change(worker, event, { earned: worker.earned + event.big('worker') });
    }
  }
};

function register({ tables }: State, event: ChainEvent): void {
  tables.model.put(
    {
      id: event.big('modelId'),
      owner: event.text('owner'),
      baseModelId: event.text('baseModelId'),
      name: clipped(event.text('name')),
      uri: event.text('uri'),
      status: 'draft',
      inPer1k: 0n,
      outPer1k: 0n,
      latestVersion: 0,
      deployments: 0,
      evaluations: 0,
      inferences: 0n,
      inTokens: 0n,
      outTokens: 0n,
      fees: 0n,
      ...created(event),
    },
    event.big('modelId'),
  );
}

function publish({ tables }: State, event: ChainEvent): void {
  tables.modelVersion.put(
    {
      modelId: event.big('modelId'),
      version: event.int('version'),
      adapterHash: event.text('adapterHash'),
      adapterUri: event.text('adapterURI'),
      manifestHash: event.text('manifestHash'),
      rank: event.int('rank'),
      ...created(event),
    },
    event.big('modelId'),
    event.int('version'),
  );
}

function train({ tables }: State, event: ChainEvent): void {
  const row: Row<'modelTraining'> = {
    modelId: event.big('modelId'),
    modelVersion: event.int('modelVersion'),
    datanetId: event.big('datanetId'),
    datanetVersion: event.int('datanetVersion'),
    dataRoot: event.text('dataRoot'),
    ...created(event),
  };
  tables.modelTraining.put(row, row.modelId, row.modelVersion, row.datanetId, row.datanetVersion);
}

/** A worker registers once; later announcements renew its endpoint or hand it to another operator. */
function registerWorker({ tables }: State, event: ChainEvent): void {
  const address = event.text('worker');
  const row = tables.worker.open(
    () => ({ address, operator: '', endpoint: '', deployments: 0, inferences: 0n, earned: 0n, ...created(event) }),
    address,
  );
  change(row, event, { operator: event.text('operator'), endpoint: event.text('endpoint') });
}

/** Put up or taken down. What was taken down can be put up again; it is the same deployment then. */
function deploy({ tables }: State, event: ChainEvent, active: boolean): void {
  const modelId = event.big('modelId');
  const address = event.text('worker');
  const version = event.int('version');
  const row = tables.deployment.open(
    () => ({ modelId, worker: address, version, active, undeployedAt: null, ...created(event) }),
    modelId,
    address,
    version,
  );
  change(row, event, { active, undeployedAt: active ? null : event.timestamp });
  for (const holder of [tables.model.get(modelId), tables.worker.get(address)]) {
    change(holder, event, { deployments: holder.deployments + (active ? 1 : -1) });
  }
}
