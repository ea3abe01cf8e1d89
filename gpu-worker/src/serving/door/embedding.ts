import type { Hex } from '@openledger/protocol';
import type { Lease } from '../served.ts';
import type { Caller } from '../usage/usage.ts';
import type { AnsweringServices } from './answering.ts';
import type { EmbeddingQuestion } from './asked/embedding.ts';
import { askedOf, isRefusal, outcomeOf } from './outcome.ts';
import type { Target } from './targets.ts';

/**
 * Has texts embedded, and records it as an answer without a text is recorded: its hash is that of the numbers
 * in base64, as the API gives them.
 *
 * @throws ApiError, or an engine's or the store's error.
 */
export const embed = async (
  { engine, store, usage, flights, metrics }: AnsweringServices,
  asked: { question: EmbeddingQuestion; target: Target; caller: Caller; signal: AbortSignal },
): Promise<{ requestId: Hex; shown: object }> => {
  const { question, target, signal } = asked;
  const inTokens = question.inputs.reduce((sum, input) => sum + input.length, 0);
  const began = performance.now();
  const leave = flights.enter();
  let lease: Lease | undefined;
  try {
    const running = await usage.begin(askedOf(asked, { inTokens, outTokens: 0 }));
    try {
      if (target.adapter !== undefined) lease = await store.acquire(target.adapter, { signal });
      const request = { id: running.requestId, adapter: target.adapter?.hash, inputs: question.inputs };
      const embeddings = await engine.embed(request, { signal });
      metrics.sawEnd('stop', (performance.now() - began) / 1000);
      await running.end(
        { state: 'answered', finishReason: 'stop', texts: embeddings.map(base64) },
        { inTokens, outTokens: 0, firstTokenAt: new Date() },
      );
      const data = embeddings.map((values, index) => ({
        object: 'embedding',
        index,
        embedding: question.format === 'float' ? [...values] : base64(values),
      }));
      const shown = {
        object: 'list',
        data,
        model: target.name,
        usage: { prompt_tokens: inTokens, total_tokens: inTokens },
      };
      return { requestId: running.requestId, shown };
    } catch (error) {
      const used = { inTokens: 0, outTokens: 0, firstTokenAt: undefined };
      if (isRefusal(error)) await running.drop();
      else await running.end(outcomeOf(error, signal, { texts: [] }), used);
      throw error;
    }
  } finally {
    lease?.release();
    leave();
  }
};

/** Of the float32 as they are, little-endian. */
const base64 = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
