import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Base, readBase } from '@openledger/gpu-worker/base';
import { readCorpus } from '@openledger/gpu-worker/corpus';
import { openOnnxEngine } from '@openledger/gpu-worker/serving';
import { type Bench, round } from './report.ts';
import { attention8, everywhere16, writeAdapters } from './serving/adapters.ts';
import { memoryOf } from './serving/bytes.ts';
import { firstTokens, load, swap } from './serving/engine.ts';
import { openLoop } from './serving/openLoop.ts';
import { overload } from './serving/overload.ts';
import type { Plan } from './serving/plan.ts';
import { compareDecoders, compareOnWideBase } from './serving/rivals.ts';
import { throughput } from './serving/throughput.ts';
import { createWorkload, type Source, usual } from './serving/workload.ts';

const root = resolve(import.meta.dirname, '../../..');

/**
 * What a worker's engine does with 1, 10, 100 and 1,000 adapters of the shipped base, by S-LoRA's method: prompts of real text
 * and answers of 8 to 512 tokens that fit the context together, drawn alike; arrivals by the gamma distribution, adapters by
 * a power law. Beside it the bare base, and one session for each adapter, merged into the weights. What is compared takes
 * turns, and the ratio is the median of the turns' ratios: on a machine that others use as well, both suffer alike.
 */
export const serving: Bench = {
  name: 'serving',
  flags: ['--quick', '--large'],
  async run(flags, progress) {
    const folder = await mkdtemp(join(tmpdir(), 'openledger-serving-'));
    const isQuick = flags.has('--quick');
    const plan: Plan = {
      base: join(root, 'gpu-worker/base'),
      setting: flags.has('--large') ? everywhere16 : attention8,
      threads: availableParallelism(),
      rows: 16,
      counts: isQuick ? [1, 100] : [1, 10, 100, 1_000],
      requests: 32,
      arrivals: isQuick ? 48 : 96,
      turns: isQuick ? 4 : 8,
    };
    try {
      const base = await readBase(plan.base);
      const source = await readSource(join(folder, 'corpus'), base, progress);
      const most = Math.max(...plan.counts);
      progress(`writing ${most} adapters`);
      const adapters = await writeAdapters(join(folder, 'adapters'), base, plan.setting, most);
      const figures: Record<string, number> = { threads: plan.threads, rows: plan.rows, rank: plan.setting.rank };
      // Said at once as well: what was measured is not lost with what comes after it.
      const found = (some: Readonly<Record<string, number>>): void => {
        Object.assign(figures, some);
        progress(JSON.stringify(some));
      };
      const engine = await openOnnxEngine({
        folder: plan.base,
        threads: plan.threads,
        rows: plan.rows,
        queue: 1_000,
        maxRank: plan.setting.rank,
      });
      try {
        progress(`loading ${most} adapters`);
        const loading = await load(engine, adapters);
        progress('swapping them');
        const swapping = await swap(engine, adapters);
        found({
          load_p50_ms: round(loading.p50, 2),
          load_p99_ms: round(loading.p99, 2),
          swap_p50_ms: round(swapping.p50, 3),
          swap_p99_ms: round(swapping.p99, 3),
        });
        const measured = await throughput({ plan, engine, adapters, source, progress });
        found(measured.figures);
        found(await openLoop({ plan, engine, adapters, source, progress, most: measured.perSecond }));
        progress('first tokens, cold and warm');
        const [asked] = createWorkload(source, { ...usual, seed: 5, requests: 1, adapters: 1, rate: 1, context: 64 });
        const first = await firstTokens(engine, adapters.slice(0, 50), asked!);
        found({
          cold_first_token_ms: round(first.cold, 1),
          warm_first_token_ms: round(first.warm, 1),
        });
      } finally {
        await engine.close();
      }
      found(await compareDecoders({ plan, base, source, progress }));
      found(await compareOnWideBase({ plan, base, source, progress }));
      found(await memoryOf({ plan, adapters, progress }));
      found(await overload(plan, progress));
      return figures;
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

const readSource = async (folder: string, base: Base, progress: (message: string) => void): Promise<Source> => {
  progress('building the corpus from the installed packages');
  await promisify(execFile)(process.execPath, [join(root, 'gpu-worker/scripts/corpus.ts'), folder]);
  const { heldOut } = await readCorpus(folder);
  const tokens = heldOut.flatMap(({ text }) => [...base.tokenizer.encode(text, { withSpecial: false })]);
  return { tokens, begin: base.tokenizer.special.begin! };
};
