import { modelStatus } from '../shadow/models.ts';
import { call, deadline, find, maybeFlaw, nonceOf, type Plan, sign } from '../world.ts';

export const modelPlans: readonly Plan[] = [
  {
    name: 'register a model',
    weight: 2,
    make(w) {
      if (w.shadow.models.size >= 8 && w.random.chance(0.9)) return undefined;
      return call('ModelRegistry', 'registerModel', w.random.pick(w.stage.cast.owners), [
        w.random.bytes32(),
        'model',
        'ipfs://model',
      ]);
    },
  },
  {
    name: 'publish a model version',
    weight: 5,
    make(w) {
      const { random, shadow } = w;
      const target = find(w, shadow.models, ({ status }) => status !== modelStatus.withdrawn);
      if (!target) return undefined;
      const datanets = [...shadow.datanets].filter(([, { versions }]) => versions > 0n && random.chance(0.6));
      const sources = datanets.map(([datanetId, { versions }]) => [datanetId, random.chance(0.95) ? versions : 99n]);
      const from = random.chance(0.95) ? target[1].owner : random.pick(w.stage.cast.everyone);
      const args = [target[0], random.bytes32(), 'ipfs://adapter', random.bytes32(), 16n, sources];
      return call('ModelRegistry', 'publishVersion', from, args);
    },
  },
  {
    name: 'look after a model',
    weight: 4,
    make(w) {
      const target = find(w, w.shadow.models, () => true);
      if (!target) return undefined;
      const [modelId, { owner, versions, status }] = target;
      const { random } = w;
      const from = random.chance(0.9) ? owner : random.pick([w.stage.cast.evaluator, ...w.stage.cast.everyone]);
      const next = status === modelStatus.active && random.chance(0.3) ? modelStatus.deprecated : modelStatus.active;
      return random.pick([
        call('ModelRegistry', 'setStatus', from, [modelId, next]),
        call('ModelRegistry', 'setPricing', from, [modelId, 10n ** 15n, 2n * 10n ** 15n]),
        call('ModelRegistry', 'recordEvaluation', from, [
          modelId,
          random.bytes32(),
          versions,
          random.amount(0n, 10n ** 18n),
          'ipfs://report',
        ]),
      ]);
    },
  },
  {
    name: 'register a worker',
    weight: 3,
    make(w) {
      const worker = w.random.pick(w.stage.cast.workers);
      if (w.random.chance(0.4)) return call('ModelRegistry', 'registerWorker', worker, ['https://worker.example']);
      const operator = w.random.pick(w.stage.cast.operators);
      const [until, flaw] = [deadline(w), maybeFlaw(w.random, 0.3)];
      const values = [worker, operator, nonceOf(w, 'ModelRegistry', worker), until];
      const args = [worker, 'https://worker.example', until, sign(w, worker, 'WorkerConsent', values, flaw)];
      return call('ModelRegistry', 'registerWorkerWithConsent', operator, args, flaw !== undefined);
    },
  },
  {
    name: 'hand a worker on',
    weight: 3,
    make(w) {
      const target = find(w, w.shadow.operators, () => true);
      if (!target) return undefined;
      const [worker, operator] = target;
      const next = w.random.pick([...w.stage.cast.operators, ...w.stage.cast.workers]);
      const willing = w.shadow.willing.get(`${worker} ${next}`);
      if (!willing && w.random.chance(0.8)) return call('ModelRegistry', 'setWilling', next, [worker, true]);
      const from = w.random.chance(0.9) ? operator : w.random.pick(w.stage.cast.outsiders);
      return w.random.chance(0.7)
        ? call('ModelRegistry', 'transferWorker', from, [worker, next, 'https://next.example'])
        : call('ModelRegistry', 'setEndpoint', from, [worker, 'https://other.example']);
    },
  },
  {
    name: 'deploy and undeploy an adapter',
    weight: 4,
    make(w) {
      const model = find(w, w.shadow.models, ({ versions }) => versions > 0n);
      const worker = find(w, w.shadow.operators, () => true);
      if (!model || !worker) return undefined;
      const version = BigInt(w.random.between(1, Number(model[1].versions)));
      const args = [model[0], worker[0], version];
      const from = w.random.pick([worker[0], worker[1], model[1].owner]);
      const deployed = w.shadow.deployed.get(args.join(' '));
      return call('ModelRegistry', deployed ? 'undeployAdapter' : 'deployAdapter', from, args);
    },
  },
];
