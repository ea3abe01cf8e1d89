import { mean, percentile } from './spread.ts';
import type { Asked } from './workload.ts';

/** Asks one request. Gives, as they come, how many tokens came. */
export type Ask = (asked: Asked, number: number) => AsyncIterable<number>;

/** What became of a request. Times in milliseconds after it was sent. */
export type Answered = {
  readonly outcome: 'answered' | 'refused' | 'failed';
  /** Of the first token; undefined where none came. */
  readonly firstMs: number | undefined;
  readonly lastMs: number;
  readonly tokens: number;
  readonly error?: unknown;
};

export type Run = { readonly answers: readonly Answered[]; readonly seconds: number };

/** Too much was asked: what an engine says itself, and a door. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'OverloadedError' || ('status' in error && error.status === 429));

const hear = async (ask: Ask, asked: Asked, number: number): Promise<Answered> => {
  const began = performance.now();
  let [firstMs, tokens]: [number | undefined, number] = [undefined, 0];
  const done = (outcome: Answered['outcome'], error?: unknown): Answered => {
    const lastMs = performance.now() - began;
    return { outcome, firstMs, lastMs, tokens, ...(error !== undefined && { error }) };
  };
  try {
    for await (const count of ask(asked, number)) {
      if (count > 0) firstMs ??= performance.now() - began;
      tokens += count;
    }
    return done('answered');
  } catch (error) {
    return done(isRefusal(error) ? 'refused' : 'failed', error);
  }
};

const timed = async (act: () => Promise<readonly Answered[]>): Promise<Run> => {
  const began = performance.now();
  const answers = await act();
  return { answers, seconds: (performance.now() - began) / 1_000 };
};

/** Closed loop: so many requests are under way always, each new one when another ends. What a server can do at most. */
export const askAlways = (ask: Ask, workload: readonly Asked[], underWay: number): Promise<Run> =>
  timed(async () => {
    const answers: Answered[] = [];
    let next = 0;
    const client = async () => {
      while (next < workload.length) {
        const number = next++;
        answers[number] = await hear(ask, workload[number]!, number);
      }
    };
    await Promise.all(Array.from({ length: underWay }, client));
    return answers;
  });

/** Open loop: each request comes at its time, whatever became of those before. What those who ask see. */
export const askInTime = (ask: Ask, workload: readonly Asked[]): Promise<Run> =>
  timed(() => {
    const began = performance.now();
    const one = async (asked: Asked, number: number): Promise<Answered> => {
      await new Promise((resolve) => setTimeout(resolve, asked.at * 1_000 - (performance.now() - began)));
      return hear(ask, asked, number);
    };
    return Promise.all(workload.map(one));
  });

export type Served = {
  readonly requestsPerSecond: number;
  readonly tokensPerSecond: number;
  readonly firstMeanMs: number;
  readonly firstP50Ms: number;
  readonly firstP90Ms: number;
  /** Between two tokens of an answer, the mean of all answers. */
  readonly tokenMs: number;
  /** Part of all requests whose first token came within 6 seconds: S-LoRA's objective. */
  readonly attainment: number;
  readonly refused: number;
  readonly failed: number;
};

const objectiveMs = 6_000;

export const summarise = ({ answers, seconds }: Run): Served => {
  const answered = answers.filter(({ outcome }) => outcome === 'answered');
  const first = answered.flatMap(({ firstMs }) => firstMs ?? []);
  const between = answered.flatMap(({ firstMs, lastMs, tokens }) =>
    firstMs === undefined || tokens < 2 ? [] : [(lastMs - firstMs) / (tokens - 1)],
  );
  return {
    requestsPerSecond: answered.length / seconds,
    tokensPerSecond: answered.reduce((sum, { tokens }) => sum + tokens, 0) / seconds,
    firstMeanMs: mean(first),
    firstP50Ms: percentile(first, 0.5),
    firstP90Ms: percentile(first, 0.9),
    tokenMs: mean(between),
    attainment: first.filter((ms) => ms < objectiveMs).length / answers.length,
    refused: answers.filter(({ outcome }) => outcome === 'refused').length,
    failed: answers.filter(({ outcome }) => outcome === 'failed').length,
  };
};
