import { bigram } from './bigram.fixture.ts';
import type { Job } from './job.ts';
import { createRandom } from './random.ts';
import { packDocuments } from './rows.ts';

/** Documents in which each token decides the next, but for one in eight. */
const documents = (count: number, seed: number): number[][] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    let token = 1 + random.below(15);
    return Array.from({ length: 20 }, () => {
      token = random.next() < 1 / 8 ? 1 + random.below(15) : 1 + ((token * 7) % 15);
      return token;
    });
  });
};

/** A training that takes less than a second, with everything that can be asked of one. */
export const exampleJob = (changes: Partial<Job> = {}): Job => ({
  ...bigram(16),
  data: packDocuments(documents(30, 1), { sequence: 12, separator: 0 }),
  heldOut: packDocuments(documents(10, 2), { sequence: 12, separator: 0 }),
  batch: 4,
  accumulate: 2,
  schedule: { peak: 0.05, warmup: 5, steps: 40, decay: 'cosine', floor: 0.005 },
  clip: 1,
  seed: 7,
  evaluation: { every: 10 },
  threads: 1,
  ...changes,
});

/** Long enough to be killed in. */
export const longSchedule = { peak: 0.05, warmup: 5, steps: 400, decay: 'cosine', floor: 0.005 } as const;
