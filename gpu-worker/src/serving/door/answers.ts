import type { ServerResponse } from 'node:http';
import type { GeneratedToken, Piece } from '../engine.ts';
import type { Answering } from './answering.ts';
import type { ErrorBody } from './apiError.ts';
import type { Question } from './asked/question.ts';
import type { Attributions } from './attributions.ts';
import { type Choice, type Head, type Shape, usageShown } from './shown/shape.ts';
import { writeSlowly } from './writeSlowly.ts';

/** The header that says under which id a request is recorded. */
export const REQUEST_ID = 'OpenLedger-Request-Id';

/** The answer in one piece, once it is written. @throws what ended it early. */
export const wholeAnswer = async (answering: Answering, shape: Shape, attributions: Attributions): Promise<object> => {
  const { question } = answering;
  const parts = Array.from({ length: question.n * question.prompts.length }, (): Piece[] => []);
  for (let pieces = await answering.next(); pieces !== undefined; pieces = await answering.next()) {
    for (const piece of pieces) parts[piece.choice]!.push(piece);
  }
  const whole = shape.whole(headOf(answering, shape), parts.map(choiceOf), usageShown(answering.tokens()));
  const shown = { ...whole, ...passagesShown(question) };
  if (question.attribution === undefined) return shown;
  return { ...shown, attribution: await attributions(answering.running.requestId, question.attribution) };
};

/** What the model was given, as its asker is shown it. */
const passagesShown = ({ retrieval }: Question): { readonly retrieval?: object } => {
  if (retrieval === undefined) return {};
  const passages = retrieval.passages.map(({ datanetId, contributionId, contentHash, row, text }) => ({
    ...{ datanet: `${datanetId}`, contribution: `${contributionId}`, content_hash: contentHash, row, text },
  }));
  return { retrieval: { passages } };
};

const choiceOf = (pieces: readonly Piece[]): Choice => ({
  text: pieces.map(({ text }) => text).join(''),
  tokens: pieces.some(({ tokens }) => tokens !== undefined)
    ? pieces.flatMap(({ tokens }): readonly GeneratedToken[] => tokens ?? [])
    : undefined,
  finish: pieces.find(({ finish }) => finish !== undefined)?.finish ?? 'stop',
});

export type StreamOptions = {
  /** Milliseconds that a reader may take to read what was sent. */
  readonly patience: number;
  /** What the client is told of an error in the middle. */
  readonly explain: (error: unknown) => ErrorBody;
  readonly attributions: Attributions;
};

/** The answer as server-sent events, as it is written; an error in the middle comes as an event, and ends it without `[DONE]`. */
export const streamAnswer = async (
  answering: Answering,
  shape: Shape,
  response: ServerResponse,
  { patience, explain, attributions }: StreamOptions,
): Promise<void> => {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    [REQUEST_ID]: answering.running.requestId,
  });
  const { includeUsage, attribution, retrieval } = answering.question;
  const chunks = shape.createChunks(headOf(answering, shape), { includeUsage });
  const write = (text: string) => writeSlowly(response, text, patience);
  try {
    if (retrieval !== undefined) await write(event({ ...chunks.empty(), ...passagesShown(answering.question) }));
    for (let pieces = await answering.next(); pieces !== undefined; pieces = await answering.next()) {
      const text = pieces
        .flatMap((piece) => chunks.of(piece))
        .map(event)
        .join('');
      if (text !== '') await write(text);
    }
    if (includeUsage) await write(event(chunks.usage(usageShown(answering.tokens()))));
    if (attribution !== undefined) {
      await write(event(chunks.attribution(await attributions(answering.running.requestId, attribution))));
    }
    await write('data: [DONE]\n\n');
  } catch (error) {
    if (!response.destroyed) await write(event(explain(error))).catch(() => {});
  }
  response.end();
};

const headOf = ({ running, target }: Answering, { prefix }: Shape): Head => ({
  id: prefix + running.requestId.slice(2, 34),
  created: Math.floor(Date.now() / 1000),
  model: target.name,
});

const event = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
