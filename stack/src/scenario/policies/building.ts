import { cardBenchmarkId } from '@openledger/protocol/attribution';
import { id } from 'ethers';
import { active, draft, type ModelPlan, modelNamed, modelPlans, statusOf } from '../acts/models.ts';
import { contentUri, jsonContent } from '../contents.ts';
import { persona } from '../personas.ts';
import { call, type Intent, type Policy, type Scene } from '../scene.ts';
import type { Made, TrainingRecord } from '../workshop/made.ts';
import type { Workshop } from '../workshop/workshop.ts';

/** Names the measure that every version is recorded with. */
export const heldOutBenchmark = id('openledger/held-out-token-probability');

/** Versions of a model that stay deployed. */
const kept = 2;

/** Builders publish what they have trained, say how good it is and open it; the worker's operator has it served. */
export function building(workshop: Workshop): Policy {
  return (scene) => {
    if (!scene.live) return [];
    return modelPlans.flatMap((plan) => {
      const modelId = modelNamed(scene.world, plan);
      if (modelId === undefined) return [];
      const made = workshop.made().find(({ record }) => record.model === plan.name);
      if (made !== undefined) return publishing(scene, { plan, modelId, made });
      return following(scene, { plan, modelId, workshop });
    });
  };
}

type Of = { readonly plan: ModelPlan; readonly modelId: bigint };

function publishing({ contracts, world }: Scene, { plan, modelId, made }: Of & { made: Made }): readonly Intent[] {
  if (world.happened('ModelRegistry.ModelVersionPublished', { manifestHash: made.manifest.hash })) return [];
  const { source, adapterHash, recipe } = made.record;
  const uri = contentUri(made.adapter);
  const sources = [{ datanetId: source.datanetId, version: source.version }];
  const args = [modelId, adapterHash, uri, made.manifest.hash, recipe.rank, sources];
  return [
    {
      by: plan.by,
      calls: [call(contracts, 'ModelRegistry', 'publishVersion', args, 400_000n)],
      contents: made.contents,
      say: `${plan.by} published a version of ${plan.name}, trained on version ${source.version} of ${plan.datanet}`,
      key: `model/publish/${made.manifest.hash}`,
    },
  ];
}

/** What comes after publishing, one step at a time. */
function following(
  scene: Scene,
  { plan, modelId, workshop }: Of & { workshop: Pick<Workshop, 'recordOf' | 'cardOf'> },
): readonly Intent[] {
  const { world, contracts } = scene;
  const { by, name } = plan;
  const published = world.latest('ModelRegistry.ModelVersionPublished', { modelId })?.args;
  const record = published === undefined ? undefined : workshop.recordOf(published.manifestHash);
  if (published === undefined || record === undefined) return [];
  const version: bigint = published.version;
  const one = (who: Intent['by'], fn: string, args: readonly unknown[], say: string): Intent => ({
    by: who,
    calls: [call(contracts, 'ModelRegistry', fn, args)],
    say,
    key: `model/${fn}/${args.join('/')}`,
  });

  const isEvaluated = (benchmarkId: string) =>
    world.happened('ModelRegistry.ModelEvaluated', { modelId, version, benchmarkId });

  // First, since nobody is paid for answers before.
  const made = workshop.cardOf(published.manifestHash);
  if (made !== undefined && !isEvaluated(cardBenchmarkId)) {
    const { card, content } = made;
    const { lds, low, high } = card.figures[0]!;
    const args = [modelId, cardBenchmarkId, version, ldsScore(lds), contentUri(content)];
    const say = `${by} published the attribution card of version ${version} of ${name}: LDS ${part(lds)} (${part(low)} to ${part(high)})`;
    return [{ ...one(by, 'recordEvaluation', args, say), contents: [content] }];
  }
  if (!isEvaluated(heldOutBenchmark)) {
    const { before, after } = record.loss;
    const content = evaluationOf(record, version);
    const args = [modelId, heldOutBenchmark, version, scoreOf(after), contentUri(content)];
    const say = `${by} recorded how well version ${version} of ${name} does on text it never saw: loss ${after.toFixed(2)}, the base alone ${before.toFixed(2)}`;
    return [{ ...one(by, 'recordEvaluation', args, say), contents: [content] }];
  }
  const status = statusOf(world, modelId);
  if (status === draft) return [one(by, 'setStatus', [modelId, active], `${by} opened ${name}`)];
  const worker = workerOf(scene);
  if (status !== active || worker === undefined) return [];
  if (!world.happened('ModelRegistry.AdapterDeployed', { modelId, worker, version })) {
    return [
      one('odile', 'deployAdapter', [modelId, worker, version], `odile had version ${version} of ${name} served`),
    ];
  }
  const stale = deployedVersions(scene, modelId, worker).slice(0, -kept)[0];
  if (stale === undefined) return [];
  return [one('odile', 'undeployAdapter', [modelId, worker, stale], `odile took version ${stale} of ${name} down`)];
}

function evaluationOf({ model, adapterHash, heldOut, heldOutTokens, loss }: TrainingRecord, version: bigint) {
  return jsonContent({
    schema: 'openledger.evaluation/1',
    benchmark: 'held-out-token-probability',
    model,
    version: Number(version),
    adapterHash,
    heldOut,
    tokens: heldOutTokens,
    loss,
    probability: { before: Math.exp(-loss.before), after: Math.exp(-loss.after) },
  });
}

/** The geometric mean of what a token held out was given as its probability, 1e18 fixed point. */
function scoreOf(loss: number): bigint {
  return BigInt(Math.round(Math.exp(-loss) * 1e9)) * 1_000_000_000n;
}

/** An LDS in parts per million as the registry keeps scores, 1e18 fixed point; none below 0. */
const ldsScore = (lds: number): bigint => BigInt(Math.max(0, lds)) * 10n ** 12n;

const part = (ppm: number): string => (ppm / 1e6).toFixed(2);

/** The worker that odile runs; undefined before it is registered. */
export function workerOf({ world }: Pick<Scene, 'world'>): `0x${string}` | undefined {
  return world.latest('ModelRegistry.WorkerRegistered', { operator: persona('odile').address })?.args.worker;
}

/** Versions of a model that stand deployed on a worker, oldest first. */
export function deployedVersions({ world }: Pick<Scene, 'world'>, modelId: bigint, worker: string): readonly bigint[] {
  const of = (event: string) =>
    (world.history.get(`ModelRegistry.${event}`) ?? []).filter(
      ({ args }) => args.modelId === modelId && String(args.worker).toLowerCase() === worker.toLowerCase(),
    );
  const down = of('AdapterUndeployed');
  return of('AdapterDeployed')
    .filter(
      (deployed) => !down.some(({ args, block }) => args.version === deployed.args.version && block >= deployed.block),
    )
    .map(({ args }) => args.version as bigint)
    .sort((a, b) => (a < b ? -1 : 1));
}
