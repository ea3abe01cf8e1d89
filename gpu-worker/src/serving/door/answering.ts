import type { Logger } from 'pino';
import type { Engine, FinishReason, Piece } from '../engine.ts';
import { OverloadedError, RequestError } from '../engine.ts';
import type { AdapterStore, Lease } from '../served.ts';
import { promptHash } from '../usage/hashes.ts';
import type { Caller, Outcome, Running, Usage } from '../usage/usage.ts';
import type { Question } from './asked/question.ts';
import { createChannel } from './channel.ts';
import { knownError } from './errorOf.ts';
import type { Flights } from './flights.ts';
import type { DoorMetrics } from './metrics.ts';
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
  { question, target, caller, signal }: { question: Question; target: Target; caller: Caller; signal: AbortSignal },
): Promise<Answering> => {
  const { engine, store, usage, flights, metrics, log } = services;
  const { prompts, n } = question;
  const leave = flights.enter();
  const inTokens = prompts.reduce((sum, prompt) => sum + prompt.length, 0);
  const began = performance.now();
  let running: Running;
  try {
    signal.throwIfAborted();
    running = await usage.begin({
      caller,
      modelId: target.modelId,
      version: target.version,
      adapterHash: target.adapter?.hash,
      price: target.price,
      promptHash: promptHash(question.asked),
      inTokens,
      outTokens: question.maxTokens * n * prompts.length,
    });
  } catch (error) {
    leave();
    throw error;
  }

  const channel = createChannel<Piece>();
  const first = Promise.withResolvers<void>();
  const texts = Array.from({ length: n * prompts.length }, () => '');
  const reasons: FinishReason[] = [];
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  let outTokens = 0;
  let firstTokenAt: Date | undefined;
  let lease: Lease | undefined;
  let last = began;
  const used = () => ({ inTokens: firstTokenAt === undefined ? 0 : inTokens, outTokens, firstTokenAt });

  const take = (piece: Piece): void => {
    const now = performance.now();
    if (firstTokenAt === undefined) {
      firstTokenAt = new Date();
      metrics.sawFirstToken((now - began) / 1000);
      first.resolve();
    }
    if (piece.ids.length > 0) {
      metrics.sawTokens(piece.ids.length, outTokens === 0 ? undefined : (now - last) / 1000);
      last = now;
    }
    outTokens += piece.ids.length;
    texts[piece.choice]! += piece.text;
    if (piece.finish !== undefined) reasons.push(piece.finish);
    channel.push(piece);
  };

  const write = async (): Promise<void> => {
    if (target.adapter !== undefined) {
      lease = await store.acquire(target.adapter, { signal });
    }
    const { sampling, stop, ignoreEnd, logprobs, maxTokens } = question;
    const writing = prompts.map(async (prompt, at) => {
      const id = prompts.length === 1 ? running.requestId : `${running.requestId}/${at}`;
      const adapter = target.adapter?.hash;
      const asked = { id, adapter, prompt, maxTokens, n, sampling, stop, ignoreEnd, logprobs };
      for await (const piece of engine.generate(asked, { signal: either })) {
        take(at === 0 ? piece : { ...piece, choice: piece.choice + at * n });
      }
    });
    await Promise.all(writing).catch(async (error) => {
      failing.abort(error);
      await Promise.allSettled(writing);
      throw error;
    });
  };

  const conclude = async (): Promise<void> => {
    try {
      await write();
      const finishReason = reasons.includes('length') ? 'length' : 'stop';
      metrics.sawEnd(finishReason, (performance.now() - began) / 1000);
      await running.end({ state: 'answered', finishReason, texts }, used());
      channel.end();
    } catch (error) {
      if (firstTokenAt === undefined && isRefusal(error)) await running.drop();
      else {
        const outcome = outcomeOf(error, signal, texts);
        metrics.sawEnd(outcome.state === 'cancelled' ? 'abort' : 'error', (performance.now() - began) / 1000);
        await running.end(outcome, used());
      }
      first.reject(error);
      channel.fail(error);
    } finally {
      lease?.release();
      leave();
      const ms = Math.round(performance.now() - began);
      log.debug({ requestId: running.requestId, model: target.name, inTokens, outTokens, ms }, 'a request ended');
    }
  };
  conclude().catch((error: unknown) => {
    log.error({ err: error }, 'an answer could not be concluded');
    first.reject(error);
    channel.fail(error);
  });
  await first.promise;
  return { running, target, question, next: channel.next, tokens: () => ({ inTokens, outTokens }) };
};

/** It was not taken in at all. */
const isRefusal = (error: unknown): boolean => error instanceof OverloadedError || error instanceof RequestError;

const outcomeOf = (error: unknown, signal: AbortSignal, texts: readonly string[]): Outcome => {
  if (signal.aborted) return { state: 'cancelled', texts };
  return { state: 'failed', error: knownError(error)?.message ?? 'The worker failed.' };
};
