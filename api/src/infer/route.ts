import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { type Answer, recordOf } from './answer.ts';
import { ask, type Piece } from './ask.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { inOrder } from './choose.ts';
import { shownModel } from './model-name.ts';
import type { Question } from './question.ts';
import { errorOf, isAboutQuestion, WorkerRefusal } from './refusal.ts';
import { issueTicket } from './ticket.ts';
import type { InferPassage } from './wire.ts';

/** An answer as it comes: its text in parts, and at last the whole. */
export type Told =
  | { readonly kind: 'text'; readonly requestId: Hex; readonly text: string }
  | { readonly kind: 'answer'; readonly answer: Answer };

/** Workers that one question is put to at most. */
const MAX_TRIES = 5;

/**
 * Puts a question to the worker that suits it best, and to the next where one cannot answer, as long as nothing of an
 * answer has come. Aborting the signal, or ending the iteration, ends the work at the worker.
 *
 * @throws BAD_USER_INPUT, NOT_FOUND, PAYMENT_REQUIRED, MODEL_BUSY, MODEL_UNAVAILABLE; STREAM_ENDED when this process stops;
 * the signal's reason when that is aborted
 */
export async function* route(
  context: ApiContext,
  question: Question,
  account: Hex,
  clientSignal: AbortSignal,
): AsyncGenerator<Told, void> {
  const { workers } = context;
  const asked = performance.now();
  const candidates = await candidatesOf(context, question, account);
  const order = inOrder(candidates, `${question.model.name}@${candidates[0]!.version}`, workers.pressureOf);
  const signal = AbortSignal.any([clientSignal, workers.stopping]);
  const refusals: WorkerRefusal[] = [];
  for (const candidate of order.slice(0, MAX_TRIES)) {
    const end = workers.begin(candidate.address);
    let text = '';
    let firstTokenMs = 0;
    let passages: readonly InferPassage[] = [];
    try {
      const ticket = await issueTicket(context, account, candidate.address);
      const { requestId, pieces } = await ask(workers, candidate, question, ticket, signal);
      for await (const piece of pieces) {
        if (piece.kind === 'passages') {
          passages = piece.passages;
          continue;
        }
        if (piece.kind === 'end') {
          const totalMs = performance.now() - asked;
          const answer = { requestId, text, piece, passages, firstTokenMs: firstTokenMs || totalMs, totalMs };
          yield { kind: 'answer', answer: await wholeOf(context, question, candidate, answer) };
          return;
        }
        firstTokenMs ||= performance.now() - asked;
        text += piece.text;
        yield { kind: 'text', requestId, text: piece.text };
      }
    } catch (error) {
      if (workers.stopping.aborted) throw userError('STREAM_ENDED', 'The server stops: ask again.');
      if (!(error instanceof WorkerRefusal)) throw error;
      noteRefusal(context, error);
      if (text !== '') throw brokenOff(question, text);
      refusals.push(error);
      if (isAboutQuestion(error)) break;
    } finally {
      end();
    }
  }
  throw errorOf(question, refusals);
}

type Ended = {
  readonly requestId: Hex;
  readonly text: string;
  readonly piece: Extract<Piece, { kind: 'end' }>;
  readonly passages: readonly InferPassage[];
  readonly firstTokenMs: number;
  readonly totalMs: number;
};

async function wholeOf(
  context: ApiContext,
  { model }: Question,
  { address, version }: Candidate,
  { requestId, text, piece, passages, firstTokenMs, totalMs }: Ended,
): Promise<Answer> {
  const { kind: _, ...end } = piece;
  const record = await recordOf(context, requestId);
  return {
    requestId,
    worker: address,
    modelId: record?.modelId ?? model.modelId ?? 0n,
    version: record?.version ?? version,
    text,
    passages,
    ...end,
    fee: record?.fee ?? null,
    firstTokenMs,
    totalMs,
  };
}

function noteRefusal({ workers, log }: ApiContext, refusal: WorkerRefusal): void {
  const { worker, status, message, cause } = refusal;
  workers.countRefusal(status);
  // Busy, or out of order: others are asked first for a while.
  if (status === 429 || status === 503 || status === null) workers.rest(worker, refusal.retryAfter);
  if (status === null || status >= 500 || status === 401)
    log.warn({ worker, status, err: cause, why: message }, 'a worker did not answer');
}

function brokenOff(question: Question, text: string) {
  return userError(
    'MODEL_UNAVAILABLE',
    `The answer of ${shownModel(question.model)} broke off after ${text.length} characters: ask again.`,
  );
}
