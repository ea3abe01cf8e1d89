import type { Hex } from '@openledger/protocol';
import { OverloadedError, RequestError } from '../engine.ts';
import type { Lease } from '../served.ts';
import { promptHash } from '../usage/hashes.ts';
import type { Caller } from '../usage/usage.ts';
import type { AnsweringServices } from './answering.ts';
import type { EmbeddingQuestion } from './asked/embedding.ts';
import { knownError } from './errorOf.ts';
import type { Target } from './targets.ts';

/**
 * Has texts embedded, and records it as an answer without a text is recorded: its hash is that of the numbers.
 *
 * @throws ApiError, or an engine's or the store's error.
 */
export const embed = async (
  { engine, store, usage, flights, metrics }: AnsweringServices,
  asked: { question: EmbeddingQuestion; target: Target; caller: Caller; signal: AbortSignal },
): Promise<{ requestId: Hex; shown: object }> => {
  const { question, target, caller, signal } = asked;
  const inTokens = question.inputs.reduce((sum, input) => sum + input.length, 0);
  const began = performance.now();
  const leave = flights.enter();
  let lease: Lease | undefined;
  try {
    const running = await usage.begin({
      caller,
      modelId: target.modelId,
      version: target.version,
      adapterHash: target.adapter?.hash,
      price: target.price,
      promptHash: promptHash(question.asked),
      inTokens,
      outTokens: 0,
    });
    try {
      if (target.adapter !== undefined) lease = await store.acquire(target.adapter, { signal });
      const request = { id: running.requestId, adapter: target.adapter?.hash, inputs: question.inputs };
      const embeddings = (await engine.embed(request, { signal })).map((values) =>
        showNumbers(values, question.format),
      );
      const used = { inTokens, outTokens: 0, firstTokenAt: new Date() };
      metrics.sawEnd('stop', (performance.now() - began) / 1000);
      await running.end(
        { state: 'answered', finishReason: 'stop', texts: embeddings.map((value) => `${value}`) },
        used,
      );
      const data = embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding }));
      const shown = {
        object: 'list',
        data,
        model: target.name,
        usage: { prompt_tokens: inTokens, total_tokens: inTokens },
      };
      return { requestId: running.requestId, shown };
    } catch (error) {
      const used = { inTokens: 0, outTokens: 0, firstTokenAt: undefined };
      if (error instanceof OverloadedError || error instanceof RequestError) await running.drop();
      else if (signal.aborted) await running.end({ state: 'cancelled', texts: [] }, used);
      else await running.end({ state: 'failed', error: knownError(error)?.message ?? 'The worker failed.' }, used);
      throw error;
    }
  } finally {
    lease?.release();
    leave();
  }
};

/** Base64 holds the float32 as they are, little-endian. */
const showNumbers = (values: Float32Array, format: EmbeddingQuestion['format']): number[] | string =>
  format === 'float'
    ? [...values]
    : Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
