import { createRandom } from '@openledger/gpu-worker/factory';
import { median } from '../bench/serving/spread.ts';
import { type Audit, audit } from './audit.ts';
import { ask, drawManner, type End, type Question } from './client.ts';
import { openStage, type Stage } from './stage.ts';
import { startWorkerProcess, type WorkerProcess } from './workerProcess.ts';

export type ChaosOptions = {
  readonly requests: number;
  readonly adapters: number;
  readonly kills: number;
  readonly seed: number;
  /** Who ask at the same time. */
  readonly clients: number;
  /** Of the worker's process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly say?: (message: string) => void;
};

export type Chaos = Audit & {
  readonly requests: number;
  readonly kills: number;
  /** Refusals for want of room, after which the same was asked again. */
  readonly refused: number;
  /** Tries that found no worker, while it was started again. */
  readonly unreachable: number;
  /** Megabytes of the worker, of its last life: half way, and at the end. */
  readonly middle_mb: number;
  readonly end_mb: number;
  /** What should not be; 0 is right. */
  readonly faults: number;
};

/**
 * Asks a real worker so much, by all kinds of clients: readers, slow ones, those who leave, those who want what is not there;
 * kills it meanwhile and starts it again; and then compares what each of them saw with what was recorded.
 */
export const runChaos = async (options: ChaosOptions): Promise<Chaos> => {
  const stage = await openStage(options);
  try {
    return await ruin(stage, options);
  } finally {
    await stage.close();
  }
};

const ruin = async (stage: Stage, options: ChaosOptions): Promise<Chaos> => {
  const { requests, kills, seed, clients, say = () => {} } = options;
  const env = { ...stage.env, ...options.env };
  let worker: WorkerProcess | undefined = await startWorkerProcess(env);
  const { url } = worker;
  const random = createRandom(seed);
  const ends: End[] = [];
  let [asked, refused, unreachable] = [0, 0, 0];
  let memory: number[] = [];

  const client = async (): Promise<void> => {
    while (asked < requests) {
      asked++;
      const question = draw(stage, random);
      for (;;) {
        const end = await ask(url, question, random);
        // Never taken in: somebody who gets no answer asks again.
        if (end.kind === 'refused') refused++;
        else if (end.kind === 'cut' && end.status === undefined && /fetch failed/.test(end.detail!)) unreachable++;
        else {
          ends.push(end);
          break;
        }
        await new Promise((resolve) => setTimeout(resolve, 50 + random.below(200)));
      }
      if (ends.length % 1_000 === 0) say(`${ends.length} of ${requests} ended`);
    }
  };
  const killer = async (): Promise<void> => {
    for (let kill = 1; kill <= kills; kill++) {
      await until(() => ends.length >= (requests * kill) / (kills + 1));
      await worker!.kill();
      worker = undefined;
      say(`killed, ${kill} of ${kills}, after ${ends.length} requests`);
      worker = await startWorkerProcess({ ...env, WORKER_PORT: new URL(url).port });
      memory = [];
    }
  };
  let isOver = false;
  const watch = async (): Promise<void> => {
    while (!isOver) {
      // It may be killed between the question and the answer.
      const bytes = await worker?.memory().catch(() => undefined);
      if (bytes !== undefined && bytes > 0) memory.push(bytes / 1e6);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const watching = watch();
  try {
    await Promise.all([killer(), ...Array.from({ length: clients }, client)]);
    isOver = true;
    await watching;
    const exitCode = await worker.stop();
    worker = undefined;
    const quarter = Math.max(1, Math.floor(memory.length / 4));
    const found = await audit(stage.connection.sql, ends, unreachable);
    const others = exitCode === 0 ? 0 : 1;
    return {
      ...found,
      ...{ requests: ends.length, kills, refused, unreachable },
      middle_mb: Math.round(median(memory.slice(2 * quarter, 3 * quarter))),
      end_mb: Math.round(median(memory.slice(-quarter))),
      faults: found.unclear + found.lost + found.mismatched + found.running + found.excess + others,
    };
  } finally {
    isOver = true;
    await worker?.kill();
  }
};

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};

const words = 'reads each line of the file and gives back what it found there as a list or throws an error when'.split(
  ' ',
);

/** One in thirty asks for what is not there, one in thirty for an adapter that cannot be served, one in ten for the base. */
const draw = ({ models, broken }: Stage, random: ReturnType<typeof createRandom>): Question => {
  const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)]!;
  const chance = random.next();
  const model = (() => {
    if (chance < 1 / 30) return 'nobody-knows-this';
    if (chance < 2 / 30) return pick(broken);
    return chance < 1 / 6 ? 'openledger/base' : pick(models);
  })();
  const prompt = Array.from({ length: 3 + random.below(20) }, () => pick(words)).join(' ');
  return { model, prompt, maxTokens: 1 + random.below(24), manner: drawManner(random) };
};
