import type { Logger } from 'pino';
import type { Engine, Piece } from '../engine.ts';
import type { AdapterStore, Lease } from '../served.ts';
import type { Caller, Running, Usage } from '../usage/usage.ts';
import type { Question } from './asked/question.ts';
import { createChannel } from './channel.ts';
import type { Flights } from './flights.ts';
import type { DoorMetrics } from './metrics.ts';
import { askedOf, isRefusal, outcomeOf } from './outcome.ts';
import { createProgress } from './progress.ts';
import type { Target } from './targets.ts';

export type AnsweringServices = {
  readonly engine: Engine;
  readonly store: AdapterStore;
  readonly usage: Usage;
  readonly flights: Flights;
  readonly metrics: DoorMetrics;
  readonly log: Logger;
};

/** An answer that is being written. */
export type Answering = {
  readonly running: Running;
  readonly target: Target;
  readonly question: Question;
  /** Pieces that came since; undefined when all is written and recorded. @throws what ended it early. */
  readonly next: () => Promise<readonly Piece[] | undefined>;
  readonly tokens: () => { readonly inTokens: number; readonly outTokens: number };
};

/**
 * Has a question answered: reserves what it may cost, gets its adapter, and settles when the first piece is there. What it
 * came to is recorded when it ends, whether anybody still reads or not.
 *
 * @throws ApiError, or an engine's or the store's error, when it is refused or fails before its first piece.
 */
export const startAnswer = async (
  services: AnsweringServices,
  asked: { question: Question; target: Target; caller: Caller; signal: AbortSignal },
): Promise<Answering> => {
  const { question, target, signal } = asked;
  const { engine, store, usage, flights, metrics, log } = services;
  const { prompts, n, maxTokens } = question;
  const inTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const leave = flights.enter();
  let running: Running;
  try {
    signal.throwIfAborted();
    running = await usage.begin(askedOf(asked, { inTokens, outTokens: maxTokens * n * prompts.length }));
  } catch (error) {
    leave();
    throw error;
  }

  const progress = createProgress(metrics, n * prompts.length, inTokens);
  const channel = createChannel<Piece>();
  const first = Promise.withResolvers<void>();
  const take = (piece: Piece): void => {
    progress.take(piece);
    channel.push(piece);
    first.resolve();
  };
  const fail = (error: unknown): void => {
    first.reject(error);
    channel.fail(error);
  };
  const written = () => ({
    texts: progress.texts,
    answers: progress.texts.map((text, at) => ({
      ...{ text, ids: [...progress.ids[at]!], prompt: [...prompts[Math.floor(at / n)]!] },
    })),
  });
  let lease: Lease | undefined;

  const conclude = async (): Promise<void> => {
    try {
      if (target.adapter !== undefined) lease = await store.acquire(target.adapter, { signal });
      await writeAnswers(engine, { ...asked, id: running.requestId, take });
      const finishReason = progress.finishReason();
      metrics.sawEnd(finishReason, progress.seconds());
      await running.end({ state: 'answered', finishReason, ...written() }, progress.used());
      channel.end();
    } catch (error) {
      if (!progress.hasBegun() && isRefusal(error)) await running.drop();
      else {
        const outcome = outcomeOf(error, signal, written());
        metrics.sawEnd(outcome.state === 'cancelled' ? 'abort' : 'error', progress.seconds());
        await running.end(outcome, progress.used());
      }
      fail(error);
    } finally {
      lease?.release();
      leave();
      const { outTokens } = progress.used();
      const said = {
        requestId: running.requestId,
        model: target.name,
        inTokens,
        outTokens,
        seconds: progress.seconds(),
      };
      log.debug(said, 'a request ended');
    }
  };
  conclude().catch((error: unknown) => {
    log.error({ err: error }, 'an answer could not be concluded');
    fail(error);
  });
  await first.promise;
  return { running, target, question, next: channel.next, tokens: progress.used };
};

type Writing = {
  readonly id: string;
  readonly question: Question;
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly take: (piece: Piece) => void;
};

/** Answers to each prompt at once; when one fails, the others are let go of. */
const writeAnswers = async (engine: Engine, { id, question, target, signal, take }: Writing): Promise<void> => {
  const { prompts, n, maxTokens, sampling, stop, ignoreEnd, logprobs } = question;
  const adapter = target.adapter?.hash;
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const writing = prompts.map(async (prompt, at) => {
    const own = at === 0 ? id : `${id}/${at}`;
    const request = { id: own, adapter, prompt, maxTokens, n, sampling, stop, ignoreEnd, logprobs };
    for await (const piece of engine.generate(request, { signal: either })) {
      take(at === 0 ? piece : { ...piece, choice: piece.choice + at * n });
    }
  });
  await Promise.all(writing).catch(async (error: unknown) => {
    failing.abort(error);
    await Promise.allSettled(writing);
    throw error;
  });
};
