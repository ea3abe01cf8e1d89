import { openStage } from '../../serving/stage.ts';
import { startWorkerProcess } from '../../serving/workerProcess.ts';
import { type Figures, round } from '../report.ts';
import { type Ask, askAlways, askInTime, summarise } from './answers.ts';
import type { Plan } from './plan.ts';
import { percentile } from './spread.ts';
import { createWorkload, usual } from './workload.ts';

/** How long too much is asked: a queue takes the first second of it as a burst. */
const seconds = 15;

/** Refused by a worker's door. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly retryAfter: number;
  constructor(response: Response) {
    super(`The worker answers with status ${response.status}`);
    this.status = response.status;
    this.retryAfter = Number(response.headers.get('retry-after'));
  }
}

/** Asks a worker over HTTP, as clients do; the prompt is a text. */
const askingDoor = (url: string, models: readonly string[]): Ask =>
  async function* ({ adapter, prompt, answer }) {
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      // Some of the worker's own words: what they say does not matter here.
      body: JSON.stringify({
        ...{ model: models[adapter], prompt: ' read'.repeat(prompt.length - 1), max_tokens: answer },
        ...{ temperature: 0, ignore_eos: true, stream: true },
      }),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new RefusedError(response);
    }
    for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
      yield text.split('\n\n').filter((line) => line.startsWith('data: {')).length;
    }
  };

/**
 * A whole worker, asked through its door for short texts: one after another, at half of what it does at most, and at five
 * times as much. Those that it takes in should wait for their first token hardly longer than when nobody else asks; the others
 * are told when to come again.
 */
export const overload = async ({ threads, rows }: Plan, progress: (message: string) => void): Promise<Figures> => {
  progress('starting a worker');
  const stage = await openStage({ adapters: 50 });
  try {
    const worker = await startWorkerProcess({
      ...stage.env,
      ...{ WORKER_THREADS: `${threads}`, WORKER_ROWS: `${rows}`, LOG_LEVEL: 'info' },
    });
    try {
      const ask = askingDoor(worker.url, stage.models);
      const source = { tokens: Array.from({ length: 1_000 }, () => 0), begin: 0 };
      const draw = (seed: number, count: number, rate: number) =>
        createWorkload(source, {
          ...usual,
          ...{ seed, requests: count, adapters: stage.models.length, rate },
          ...{ shortest: 16, longest: 64, context: 128 },
        });
      progress('through the door, as much as it can do');
      await askAlways(ask, draw(0, stage.models.length, 1), 4);
      const most = summarise(await askAlways(ask, draw(1, 200, 1), rows));
      progress('one after another');
      const idle = summarise(await askAlways(ask, draw(2, 30, 1), 1));
      progress('at half of that');
      const half = summarise(await askInTime(ask, draw(3, 100, most.requestsPerSecond / 2)));
      progress('at five times as much');
      const run = await askInTime(
        ask,
        draw(4, Math.ceil(most.requestsPerSecond * 5 * seconds), most.requestsPerSecond * 5),
      );
      const over = summarise(run);
      const untold = run.answers.filter(
        ({ error }) => error instanceof RefusedError && (error.status !== 429 || !(error.retryAfter >= 1)),
      ).length;
      const refusalMs = run.answers.flatMap(({ outcome, lastMs }) => (outcome === 'refused' ? [lastMs] : []));
      return {
        door_req_s: round(most.requestsPerSecond, 2),
        door_idle_ttft_p50_ms: round(idle.firstP50Ms, 1),
        door_half_ttft_p50_ms: round(half.firstP50Ms, 1),
        door_half_ttft_p90_ms: round(half.firstP90Ms, 1),
        overload_req_s: round(over.requestsPerSecond, 2),
        overload_ttft_p50_ms: round(over.firstP50Ms, 1),
        overload_ttft_p90_ms: round(over.firstP90Ms, 1),
        overload_ttft_ratio: round(over.firstP50Ms / half.firstP50Ms, 2),
        overload_ttft_idle_ratio: round(over.firstP50Ms / idle.firstP50Ms, 2),
        overload_refused: over.refused,
        overload_refusal_p50_ms: round(percentile(refusalMs, 0.5), 1),
        overload_refused_without_retry_after: untold,
        overload_failed: over.failed,
      };
    } finally {
      await worker.stop();
    }
  } finally {
    await stage.close();
  }
};
