import type { Tokenizer } from '../../tokenizer/index.ts';
import type { GenerateRequest, Piece } from '../engine.ts';
import type { Adapters } from './adapters.ts';
import type { Chunk } from './chunk.ts';
import { complete, completionBody } from './completion.ts';
import { AnswerError, type Server } from './server.ts';
import { createWriter } from './writer.ts';

export type Answering = {
  readonly server: Server;
  readonly adapters: Adapters;
  readonly tokenizer: Tokenizer;
  /** What the base is called in vLLM. */
  readonly model: string;
};

/** One answer to a request, as it comes. @throws AnswerError or EngineError as `complete`. */
export async function* answer(
  { server, adapters, tokenizer, model }: Answering,
  request: GenerateRequest,
  choice: number,
  signal: AbortSignal,
): AsyncGenerator<Piece> {
  const body = completionBody(request.adapter ?? model, request, choice);
  const write = createWriter(request, choice, tokenizer);
  for await (const chunk of remembering(server, adapters, request, body, signal)) {
    const piece = write(chunk);
    if (piece.ids.length > 0 || piece.text !== '' || piece.finish !== undefined) yield piece;
    if (piece.finish !== undefined) return;
  }
}

/** Where vLLM no longer knows the adapter, as after a start, it is loaded again first. */
async function* remembering(
  server: Server,
  adapters: Adapters,
  { adapter }: GenerateRequest,
  body: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  try {
    yield* complete(server, body, signal);
  } catch (error) {
    if (!(error instanceof AnswerError) || error.status !== 404 || adapter === undefined) throw error;
    await adapters.restore(adapter);
    yield* complete(server, body, signal);
  }
}
