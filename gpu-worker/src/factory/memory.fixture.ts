import type { Job } from './job.ts';
import { layered } from './layered.fixture.ts';
import { predictMemory } from './memory.ts';
import { asInputs } from './parameter.ts';
import { runTraining } from './training.ts';

// A process of its own that trains three steps, and tells what was predicted and what it took at most.

const { model, names } = layered(24, 256);
const ids = Int32Array.from({ length: 32 * 128 }, (_, at) => at % 256);
const job: Job = {
  ...asInputs(model, names),
  data: { sequence: 128, ids, labels: ids },
  batch: 32,
  schedule: { peak: 1e-3, warmup: 0, steps: 3, decay: 'none', floor: 0 },
  seed: 1,
  threads: 2,
};
const predicted = predictMemory(job).total;
const before = process.memoryUsage().rss;
await runTraining(job);
process.stdout.write(JSON.stringify({ predicted, measured: process.resourceUsage().maxRSS * 1024 - before }));
