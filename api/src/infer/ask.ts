import type { IncomingMessage } from 'node:http';
import type { Hex } from '@openledger/db/chain';
import type { Candidate } from './candidates.ts';
import { eventData } from './events.ts';
import { nameOf } from './model-name.ts';
import { postTo } from './post.ts';
import type { Question } from './question.ts';
import { WorkerRefusal } from './refusal.ts';
import { voucherHeader } from './voucher.ts';
import { chunkSchema, type InferPassage, refusalSchema, requestOf, type WireError } from './wire.ts';
import type { Workers } from './workers.ts';

export type FinishReason = 'stop' | 'length';

/** What comes of a worker's answer: what its model was given, text, and at its end why it ended and what it used. */
export type Piece =
  /** What the model was given, before any text. */
  | { readonly kind: 'passages'; readonly passages: readonly InferPassage[] }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'end';
      readonly finishReason: FinishReason;
      readonly inputTokens: number;
      readonly outputTokens: number;
    };

/** An answer that has begun. */
export type Opened = { readonly requestId: Hex; readonly pieces: AsyncGenerator<Piece, void> };

/** Characters that an answer has at most: over any answer that could have been asked for. */
const MAX_ANSWER = 2_000_000;
/** Bytes of a refusal that are read. */
const MAX_REFUSAL = 64 * 1024;

/**
 * Asks one worker, once.
 *
 * @throws WorkerRefusal when it does not answer, or breaks off; the signal's reason when that is aborted
 */
export async function ask(
  workers: Workers,
  { address, endpoint, version }: Candidate,
  question: Question,
  ticket: string,
  signal: AbortSignal,
): Promise<Opened> {
  const { path, body } = requestOf(question, nameOf(question.model, version));
  const failed = (why: string, cause?: unknown) =>
    new WorkerRefusal(address, null, { message: why }, undefined, { cause });
  const headers = {
    authorization: `Bearer ${ticket}`,
    accept: 'text/event-stream, application/json',
    ...(question.voucher && { 'openledger-voucher': voucherHeader(question.voucher) }),
  };
  let response: IncomingMessage;
  try {
    const url = new URL(endpoint.replace(/\/+$/, '') + path);
    response = await postTo(workers, { url, headers, body: JSON.stringify(body), signal });
  } catch (error) {
    signal.throwIfAborted();
    throw failed('It cannot be reached.', error);
  }
  if (response.statusCode !== 200) {
    const told = await refusalIn(response);
    const seconds = Number(response.headers['retry-after']);
    const retryAfter = Number.isFinite(seconds) ? Math.min(60, Math.max(1, Math.ceil(seconds))) : 1;
    throw new WorkerRefusal(address, response.statusCode!, told, retryAfter);
  }
  const requestId = String(response.headers['openledger-request-id'] ?? '').toLowerCase();
  if (!/^0x[0-9a-f]{64}$/.test(requestId)) {
    response.destroy();
    throw failed('It answers without OpenLedger-Request-Id, so it is no worker of this protocol.');
  }
  return { requestId: requestId as Hex, pieces: piecesOf(response, { address, signal, failed }) };
}

type Reading = {
  readonly address: Hex;
  readonly signal: AbortSignal;
  readonly failed: (why: string, cause?: unknown) => WorkerRefusal;
};

async function* piecesOf(response: IncomingMessage, { address, signal, failed }: Reading): AsyncGenerator<Piece, void> {
  let finishReason: FinishReason | undefined;
  let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  let length = 0;
  let isWhole = false;
  try {
    for await (const data of eventData(response)) {
      if (data === '[DONE]') {
        isWhole = true;
        break;
      }
      const chunk = chunkSchema.safeParse(jsonOf(data));
      if (!chunk.success) throw failed('It sent an event that is none of the OpenAI API.');
      if ('error' in chunk.data) throw new WorkerRefusal(address, statusOf(chunk.data.error), chunk.data.error);
      usage = chunk.data.usage ?? usage;
      if (chunk.data.retrieval) yield { kind: 'passages', passages: chunk.data.retrieval.passages };
      const choice = chunk.data.choices[0];
      const text = choice?.delta?.content ?? choice?.text ?? '';
      length += text.length;
      if (length > MAX_ANSWER) throw failed(`Its answer has over ${MAX_ANSWER} characters.`);
      if (choice?.finish_reason) finishReason = choice.finish_reason === 'length' ? 'length' : 'stop';
      if (text !== '') yield { kind: 'text', text };
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof WorkerRefusal ? error : failed('It broke off.', error);
  } finally {
    response.destroy();
  }
  if (!isWhole || !finishReason || !usage) throw failed('It broke off.');
  yield {
    kind: 'end',
    finishReason,
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
  };
}

/** In the middle of a stream there is no status any more: its code may be one. */
function statusOf({ code }: WireError): number | null {
  const status = Number(code);
  return Number.isInteger(status) && status >= 400 && status < 600 ? status : null;
}

async function refusalIn(response: IncomingMessage): Promise<WireError | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_REFUSAL) break;
      chunks.push(chunk);
    }
  } catch {
    // What came of it is read.
  }
  const parsed = refusalSchema.safeParse(jsonOf(Buffer.concat(chunks).toString('utf8')));
  return parsed.success ? parsed.data.error : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
