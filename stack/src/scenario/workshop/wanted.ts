import { baseModel, type ModelPlan, modelNamed, modelPlans, statusOf, withdrawn } from '../acts/models.ts';
import { datanetOfTheme } from '../policies/contributing.ts';
import type { Scene } from '../scene.ts';
import { themes } from '../themes.ts';

/** A version that a builder wants to train: of which model, on which version of its datanet. */
export type Wanted = {
  readonly plan: ModelPlan;
  readonly modelId: bigint;
  readonly datanetId: bigint;
  readonly version: number;
  readonly dataRoot: `0x${string}`;
  /** Where the version's list of contributions is. */
  readonly uri: string;
  readonly base: string;
};

/** A model is not trained again sooner than so many seconds after its last version. */
const rest = 600;

/** What there is to train now: models without a version first, then those whose datanet has a newer one. */
export function wanted(scene: Scene): readonly Wanted[] {
  const { world, now } = scene;
  const fresh: Wanted[] = [];
  const again: Wanted[] = [];
  for (const plan of modelPlans) {
    const theme = themes.find(({ name }) => name === plan.datanet);
    const modelId = modelNamed(world, plan);
    const datanet = theme === undefined ? undefined : datanetOfTheme(scene, theme);
    if (modelId === undefined || datanet === undefined || statusOf(world, modelId) === withdrawn) continue;
    const published = world.latest('DatanetRegistry.DatanetVersionPublished', { datanetId: datanet.id })?.args;
    if (published === undefined) continue;
    const { version, dataRoot, uri } = published;
    const one = { plan, modelId, datanetId: datanet.id, version: Number(version), dataRoot, uri, base: baseModel };
    const last = world.latest('ModelRegistry.ModelTrainedOn', { modelId, datanetId: datanet.id });
    if (last === undefined) fresh.push(one);
    else if (last.args.datanetVersion < version && now - last.time >= rest) again.push(one);
  }
  return [...fresh, ...again];
}
