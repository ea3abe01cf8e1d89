import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parts } from './attribution/parts.ts';
import { type Bench, round } from './report.ts';

const root = resolve(import.meta.dirname, '../../..');

/**
 * Whether attribution finds what retraining finds, what it costs, and whether attacks on it pay. Each part has data, models
 * and subsets of its own, and seeds that decide them; the parts that are named are measured, or all.
 */
export const attribution: Bench = {
  name: 'attribution',
  flags: ['--quick', ...parts.map(({ name }) => `--${name}`)],
  async run(flags, progress) {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-attribution-'));
    const asked = parts.filter(({ name }) => flags.has(`--${name}`));
    const threads = availableParallelism();
    const figures: Record<string, number> = { threads };
    try {
      for (const part of asked.length > 0 ? asked : parts) {
        const own = join(folder, part.name);
        await mkdir(own);
        const started = performance.now();
        const plan = { isQuick: flags.has('--quick'), threads, base: join(root, 'gpu-worker/base'), folder: own };
        const found = await part.run(plan, (message) => progress(`${part.name}: ${message}`));
        const seconds = round((performance.now() - started) / 1_000, 1);
        // Said at once as well: what was measured is not lost with what comes after it.
        progress(JSON.stringify({ part: part.name, seconds, ...found }));
        Object.assign(figures, found, { [`${part.name}_seconds`]: seconds });
        await rm(own, { recursive: true });
      }
      return figures;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
