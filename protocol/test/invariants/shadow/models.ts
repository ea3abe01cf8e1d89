import type { Hex, Value } from '../call.ts';
import { mayRead } from './datanets.ts';
import type { ModelRecord } from './records.ts';
import { mustBeSigned, useNonce } from './signatures.ts';
import {
  type Handlers,
  include,
  notPaused,
  one,
  patch,
  put,
  refuse,
  type Shadow,
  zeroAddress,
  zeroHash,
} from './state.ts';

export const modelStatus = { draft: 1n, active: 2n, deprecated: 3n, withdrawn: 4n };

function existingModel(s: Shadow, modelId: bigint): ModelRecord {
  return s.models.get(modelId) ?? refuse(0, `model ${modelId} does not exist`);
}

function ownedModel(s: Shadow, from: Hex, modelId: bigint): ModelRecord {
  const model = existingModel(s, modelId);
  if (model.owner !== from) refuse(0, `${from} does not own model ${modelId}`);
  return model;
}

export function hasVersion(s: Shadow, modelId: bigint, version: bigint): boolean {
  const model = s.models.get(modelId);
  return model !== undefined && version >= 1n && version <= model.versions;
}

function operates(s: Shadow, worker: Hex, from: Hex): void {
  const operator = s.operators.get(worker) ?? refuse(0, `${worker} is no worker`);
  if (from !== worker && from !== operator) refuse(0, `${from} does not operate ${worker}`);
}

function register(s: Shadow, worker: Hex, operator: Hex, endpoint: string): void {
  notPaused(s, 'ModelRegistry');
  if (endpoint === '') refuse(0, 'a worker needs an endpoint');
  const current = s.operators.get(worker);
  if (current !== undefined && current !== operator) refuse(5, `${worker} has another operator`);
  put(s, s.operators, worker, operator);
}

export const modelHandlers: Handlers = {
  registerModel(s, from, args) {
    const [, name] = args as [Hex, string, string];
    notPaused(s, 'ModelRegistry');
    if (name === '') refuse(0, 'a model needs a name');
    put(s, s.models, BigInt(s.models.size + 1), { owner: from, status: modelStatus.draft, versions: 0n });
  },
  publishVersion(s, from, args) {
    const [modelId, adapter, , , rank, sources] = args as [bigint, Hex, string, Hex, bigint, readonly Value[]];
    notPaused(s, 'ModelRegistry');
    const model = ownedModel(s, from, modelId);
    if (adapter === zeroHash || rank === 0n || rank > 1024n || sources.length > 64) refuse(0, 'not an adapter');
    if (model.status === modelStatus.withdrawn) refuse(0, `model ${modelId} is withdrawn`);
    const version = model.versions + 1n;
    patch(s, model, { versions: version });
    for (const source of sources as readonly [bigint, bigint][]) {
      const [datanetId, datanetVersion] = source;
      if (!s.dataRoots.has(`${datanetId} ${datanetVersion}`)) refuse(0, 'no such datanet version');
      if (!mayRead(s, datanetId, from)) refuse(0, `${from} has no access to datanet ${datanetId}`);
      const key = `${modelId} ${version} ${datanetId}`;
      if (s.trainedOn.has(key)) refuse(0, 'the same datanet twice');
      include(s, s.trainedOn, key);
    }
  },
  recordEvaluation(s, from, args) {
    const [modelId, , version, score] = args as [bigint, Hex, bigint, bigint, string];
    notPaused(s, 'ModelRegistry');
    if (existingModel(s, modelId).owner !== from && from !== s.setting.evaluator) refuse(0, 'not an evaluator');
    if (!hasVersion(s, modelId, version)) refuse(0, 'no such version');
    if (score > one) refuse(0, 'a score above one');
  },
  setPricing(s, from, args) {
    ownedModel(s, from, args[0] as bigint);
  },
  setStatus(s, from, args) {
    const [modelId, status] = args as [bigint, bigint];
    const model = ownedModel(s, from, modelId);
    if (status < 1n || status > 4n || status === model.status || model.status === modelStatus.withdrawn) {
      refuse(0, 'no such change of status');
    }
    patch(s, model, { status });
  },
  registerWorker(s, from, args) {
    register(s, from, from, args[0] as string);
  },
  registerWorkerWithConsent(s, from, args) {
    const [worker, endpoint, deadline, signature] = args as [Hex, string, bigint, string];
    if (s.now > deadline) refuse(5, 'the signature has expired');
    const nonce = useNonce(s, 'ModelRegistry', worker);
    mustBeSigned(s, worker, 'WorkerConsent', [worker, from, nonce, deadline], signature);
    register(s, worker, from, endpoint);
  },
  setEndpoint(s, from, args) {
    const [worker, endpoint] = args as [Hex, string];
    if (s.operators.get(worker) !== from) refuse(0, `${from} is not the operator`);
    register(s, worker, from, endpoint);
  },
  setWilling(s, from, args) {
    const [worker, willing] = args as [Hex, boolean];
    put(s, s.willing, `${worker} ${from}`, willing);
  },
  transferWorker(s, from, args) {
    const [worker, operator, endpoint] = args as [Hex, Hex, string];
    if (s.operators.get(worker) !== from) refuse(0, `${from} is not the operator`);
    if (operator === zeroAddress) refuse(0, 'nobody cannot operate a worker');
    if (!s.willing.get(`${worker} ${operator}`)) refuse(0, `${operator} did not agree`);
    put(s, s.willing, `${worker} ${operator}`, false);
    put(s, s.operators, worker, operator);
    register(s, worker, operator, endpoint);
  },
  deployAdapter(s, from, args) {
    const [modelId, worker, version] = args as [bigint, Hex, bigint];
    notPaused(s, 'ModelRegistry');
    operates(s, worker, from);
    if (existingModel(s, modelId).status !== modelStatus.active) refuse(0, `model ${modelId} is not active`);
    if (!hasVersion(s, modelId, version)) refuse(0, 'no such version');
    const key = `${modelId} ${worker} ${version}`;
    if (s.deployed.get(key)) refuse(0, 'already deployed');
    put(s, s.deployed, key, true);
  },
  undeployAdapter(s, from, args) {
    const [modelId, worker, version] = args as [bigint, Hex, bigint];
    if (existingModel(s, modelId).owner !== from) operates(s, worker, from);
    const key = `${modelId} ${worker} ${version}`;
    if (!s.deployed.get(key)) refuse(0, 'not deployed');
    put(s, s.deployed, key, false);
  },
};
