import { createHash } from 'node:crypto';
import type { Rows } from '../../factory/index.ts';
import { writeConfig } from '../../lora/index.ts';
import { type Model, writeModel } from '../../onnx/index.ts';
import { LdsError } from './errors.ts';
import { openJournal } from './journal.ts';
import type { RetrainingRecipe } from './recipe.ts';
import { openRetrainer } from './retrainer.ts';

export type RetrainOptions = {
  readonly recipe: RetrainingRecipe;
  readonly rows: Rows;
  readonly queries: Rows;
  /** Rows of each subset, by their index. */
  readonly subsets: readonly (readonly number[])[];
  /** Each subset is trained so many times, from the recipe's seed on, and the losses' mean is taken. */
  readonly seeds: number;
  /** Where retrainings are kept that are done; one that was stopped goes on from there. */
  readonly file?: string;
  readonly onProgress?: (progress: { readonly done: number; readonly retrainings: number }) => void;
  readonly signal?: AbortSignal;
};

/**
 * Trains an adapter on each subset of the rows.
 *
 * @returns [queries][subsets]: each query's loss afterwards, nats, the sum over its tokens, the mean over the seeds.
 * @throws LdsError when the file is of other retrainings, or a subset is empty; DivergedError; the signal's reason.
 */
export const retrainSubsets = async (base: Model, options: RetrainOptions): Promise<Float64Array[]> => {
  const { recipe, rows, queries, subsets, seeds, file, onProgress, signal } = options;
  const empty = subsets.findIndex(({ length }) => length === 0);
  if (empty !== -1) throw new LdsError(`Subset ${empty} has no rows to train on`);
  const journal = await openJournal(file, hashOf(base, options));
  const found = new Map(journal.done.map(({ subset, seed, losses }) => [`${subset} ${seed}`, losses]));
  const retrainings = subsets.length * seeds;
  try {
    if (found.size < retrainings) {
      const retrainer = await openRetrainer(base, { recipe, rows, queries });
      try {
        // Seed by seed: what was stopped half way is a whole measurement with fewer seeds.
        for (let seed = recipe.seed; seed < recipe.seed + seeds; seed++) {
          for (const [subset, some] of subsets.entries()) {
            if (found.has(`${subset} ${seed}`)) continue;
            const losses = [...(await retrainer.lossesAfter(some, seed, signal))];
            await journal.add({ subset, seed, losses });
            found.set(`${subset} ${seed}`, losses);
            onProgress?.({ done: found.size, retrainings });
          }
        }
      } finally {
        await retrainer.close();
      }
    }
  } finally {
    await journal.close();
  }
  const count = queries.ids.length / queries.sequence;
  return Array.from({ length: count }, (_, query) =>
    Float64Array.from(subsets, (_, subset) => {
      let sum = 0;
      for (let seed = recipe.seed; seed < recipe.seed + seeds; seed++) sum += found.get(`${subset} ${seed}`)![query]!;
      return sum / seeds;
    }),
  );
};

/** Of all that decides the losses. */
const hashOf = (base: Model, { recipe, rows, queries, subsets, seeds }: RetrainOptions): string => {
  const { config, threads: _, ...others } = recipe;
  const options = Object.entries({ ...others, seeds }).sort(([left], [right]) => (left < right ? -1 : 1));
  const hash = createHash('sha256')
    .update(JSON.stringify(options))
    .update(writeConfig(config))
    .update(writeModel(base));
  for (const { sequence, ids, labels } of [rows, queries]) hash.update(`${sequence}`).update(ids).update(labels);
  return hash.update(JSON.stringify(subsets)).digest('hex');
};
