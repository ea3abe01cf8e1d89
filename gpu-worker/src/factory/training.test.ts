import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DivergedError, MemoryError } from './errors.ts';
import { evaluate } from './evaluate.ts';
import { exampleJob, longSchedule } from './example.fixture.ts';
import type { Job } from './job.ts';
import { predictMemory } from './memory.ts';
import type { Progress } from './progress.ts';
import { packDocuments } from './rows.ts';
import { train } from './train.ts';
import { runTraining, type Trained, type TrainOptions } from './training.ts';

let folder: string;
let count = 0;
const freshFile = (): string => join(folder, `${count++}`, 'checkpoint.safetensors');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'training-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const hex = ({ parameters }: Pick<Trained, 'parameters'>): string =>
  Buffer.concat(parameters.map(({ values }) => Buffer.from(values.buffer))).toString('hex');

const recorded = async (job: Job, options: TrainOptions = {}): Promise<{ trained: Trained; told: Progress[] }> => {
  const told: Progress[] = [];
  const onProgress = (progress: Progress): void => {
    told.push(progress);
    options.onProgress?.(progress);
  };
  return { trained: await runTraining(job, { ...options, onProgress }), told };
};

test('two trainings with one seed give the same bytes, on two threads of computation as well', async () => {
  const job = exampleJob({ threads: 2 });
  const first = hex(await runTraining(job));
  expect(hex(await runTraining(job))).toBe(first);
  expect(hex(await runTraining({ ...job, seed: 8 }))).not.toBe(first);
});

test('a training that is killed and resumed, again and again, gives the bytes of one that was not', async () => {
  const file = freshFile();
  const whole = hex(await runTraining(exampleJob({ schedule: longSchedule })));
  for (const lines of [5, 60, 100]) expect((await runUntil(file, lines)).killed).toBe(true);
  expect(await runUntil(file, Infinity)).toEqual({ line: `steps ${whole}`, killed: false });
}, 120_000);

/** Runs the training's process and kills it after so many lines, unless it ends before. */
const runUntil = (file: string, lines: number): Promise<{ line: string; killed: boolean }> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'killed.fixture.ts'), file, '1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      if (text.split('\n').length > lines) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (_, signal) => resolve({ line: text.trim().split('\n').at(-1)!, killed: signal === 'SIGKILL' }));
  });

test('a training that is cancelled stops within a step, and what it wrote goes on to the same end', async () => {
  const whole = hex(await runTraining(exampleJob()));
  const job = exampleJob({ checkpoint: { file: freshFile(), every: 1000 } });
  const controller = new AbortController();
  const cancelled = await recorded(job, {
    signal: controller.signal,
    onProgress: ({ step }) => step === 13 && controller.abort(),
  });
  expect([cancelled.trained.ended, cancelled.trained.steps]).toEqual(['cancelled', 13]);
  const resumed = await recorded(job);
  expect(resumed.told[0]).toMatchObject({ kind: 'step', step: 14 });
  expect([resumed.trained.ended, hex(resumed.trained)]).toEqual(['steps', whole]);
});

test('a training in its thread leaves this one free, tells its progress and can be cancelled', async () => {
  const job = exampleJob({ schedule: { peak: 0.05, warmup: 5, steps: 100_000, decay: 'linear', floor: 0 } });
  const controller = new AbortController();
  let told = 0;
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const trained = await train(job, {
    signal: controller.signal,
    onProgress: () => {
      told++;
      if (told === 100) controller.abort();
    },
  });
  clearInterval(timer);
  expect(trained.ended).toBe('cancelled');
  expect(trained.steps).toBeGreaterThan(50);
  expect(ticks).toBeGreaterThan(10);
});

test('a checkpoint of another training is not taken for this one', async () => {
  const job = exampleJob({ checkpoint: { file: freshFile(), every: 10 } });
  await runTraining(job);
  const before = await readFile(job.checkpoint!.file);
  await expect(runTraining({ ...job, seed: 8 })).rejects.toThrow(/belongs to another training .* its data, weights or/);
  expect(await readFile(job.checkpoint!.file)).toEqual(before);
});

test('a loss that is not a number ends the training at its step, and the checkpoint from before stays', async () => {
  const file = freshFile();
  // So steep a rate overflows float32 after some steps.
  const schedule = { peak: 1e37, warmup: 0, steps: 40, decay: 'none', floor: 0 } as const;
  const job = exampleJob({ schedule, checkpoint: { file, every: 1 }, evaluation: { every: 1000 } });
  const told: Progress[] = [];
  const failure = await runTraining(job, { onProgress: (progress) => told.push(progress) }).catch((error) => error);
  expect(failure).toBeInstanceOf(DivergedError);
  expect(failure.message).toMatch(
    new RegExp(`^Step ${told.length + 1}: the (loss|norm of the gradient) is (NaN|-?Infinity)`),
  );
  expect(existsSync(file)).toBe(told.length > 0);
  const threaded = await train({ ...job, checkpoint: { file: freshFile(), every: 1 } }).catch((error) => error);
  expect([threaded instanceof DivergedError, threaded.step]).toEqual([true, failure.step]);
});

test('a training that would take more memory than it may is refused with what would fit', async () => {
  const job = exampleJob({ memoryLimit: 1e9 });
  const { total } = predictMemory(job);
  await expect(runTraining({ ...job, memoryLimit: total })).resolves.toMatchObject({ ended: 'steps' });
  const refused = train({ ...job, memoryLimit: total - 1 });
  await expect(refused).rejects.toThrow(MemoryError);
  await expect(refused).rejects.toThrow(
    /would take .* MB \(parameters .*\); it may take .* Batches of 2, 4 for a step/,
  );
});

test('training stops when the rows held out no longer gain, and the best weights are those that are kept', async () => {
  // Few rows, learned by heart: what is held out gains at first, then loses.
  const data = packDocuments([[1, 8, 12, 10, 11, 3, 7, 5, 6, 13, 2, 15]], { sequence: 12, separator: 0 });
  const schedule = { peak: 0.3, warmup: 0, steps: 500, decay: 'none', floor: 0 } as const;
  const job = exampleJob({ data, schedule, optimizer: { weightDecay: 0 }, evaluation: { every: 2, patience: 3 } });
  const { trained, told } = await recorded(job);
  const losses = told.flatMap((progress) => (progress.kind === 'evaluation' ? [progress] : []));
  const best = losses.reduce((least, other) => (other.loss < least.loss ? other : least));
  expect(trained).toMatchObject({ ended: 'patience', best: { step: best.step, loss: best.loss } });
  expect(trained.steps).toBe(best.step + 6);
  const again = await evaluate(job.model, { rows: job.heldOut!, batch: 4, parameters: trained.parameters, threads: 1 });
  expect(again.perToken).toBe(best.loss);
});

test('four batches of two give the step of one batch of eight', async () => {
  const schedule = { peak: 0.05, warmup: 0, steps: 3, decay: 'none', floor: 0 } as const;
  const [small, large] = [
    await runTraining(exampleJob({ schedule, batch: 2, accumulate: 4 })),
    await runTraining(exampleJob({ schedule, batch: 8, accumulate: 1 })),
  ];
  const [a, b] = [small.parameters[0]!.values, large.parameters[0]!.values];
  expect(Math.max(...a.map((value, at) => Math.abs(value - b[at]!)))).toBeLessThan(1e-6);
});

test('what is learned by heart has next to no loss', async () => {
  const data = packDocuments([[1, 8, 12, 10, 11, 3, 7, 5, 6, 13, 2]], { sequence: 12, separator: 0 });
  const schedule = { peak: 0.3, warmup: 0, steps: 100, decay: 'none', floor: 0 } as const;
  const { evaluation: _, ...job } = exampleJob({ data, schedule, optimizer: { weightDecay: 0 } });
  const { told } = await recorded(job);
  const losses = told.map(({ loss }) => loss);
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.05);
});

test('thousands of steps take no more memory than hundreds', async () => {
  const schedule = { peak: 0.01, warmup: 0, steps: 3000, decay: 'none', floor: 0 } as const;
  const rss: number[] = [];
  await runTraining(exampleJob({ schedule, evaluation: { every: 10_000 } }), {
    onProgress: ({ step }) => step % 500 === 0 && rss.push(process.memoryUsage().rss),
  });
  // The first hundreds warm up the compiler and the collector.
  expect(Math.max(...rss.slice(1)) - rss[1]!).toBeLessThan(16e6);
});
