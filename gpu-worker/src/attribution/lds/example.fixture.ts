import { exampleConfig, referenceWeights } from '../../base/example.fixture.ts';
import { trainingModel } from '../../base/index.ts';
import { createRandom, padExamples, type Rows } from '../../factory/index.ts';
import { newConfig } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { RetrainingRecipe } from './recipe.ts';

export const exampleBase = async (): Promise<Model> => trainingModel(exampleConfig, await referenceWeights());

/** So small that an adapter is trained in tens of milliseconds. */
export const exampleRecipe: RetrainingRecipe = {
  config: newConfig({ rank: 2, alpha: 4, targetModules: 'all-linear', taskType: 'CAUSAL_LM' }),
  batch: 8,
  schedule: { peak: 0.02, warmup: 2, steps: 30, decay: 'cosine', floor: 0 },
  seed: 3,
  threads: 1,
};

/** Rows of subjects in turn, each of which has four tokens of its own, with two of no subject behind them; the prompt is one token. */
export const exampleRows = (count: number, { subjects, seed }: { subjects: number; seed: number }): Rows => {
  const random = createRandom(seed);
  const examples = Array.from({ length: count }, (_, row) => ({
    ids: [
      60,
      ...Array.from({ length: 7 }, () => 3 + 4 * (row % subjects) + random.below(4)),
      ...Array.from({ length: 2 }, () => 30 + random.below(30)),
    ],
    prompt: 1,
  }));
  return padExamples(examples, { sequence: 12, separator: 1 });
};
