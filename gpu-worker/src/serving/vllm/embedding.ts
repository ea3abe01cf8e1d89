import { z } from 'zod';
import { EngineError } from '../engine.ts';
import type { Server } from './server.ts';

const embeddingsSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
});

/** Vectors of length 1, one for each input. How vLLM pools is its operator's choice: `MEAN` is what is promised here. */
export const embedAll = async (
  server: Server,
  model: string,
  inputs: readonly (readonly number[])[],
  signal: AbortSignal,
): Promise<readonly Float32Array[]> => {
  const response = await server.post('/v1/embeddings', { model, input: inputs, encoding_format: 'float' }, { signal });
  const parsed = embeddingsSchema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw new EngineError('vLLM sent embeddings in an unknown form');
  const vectors = parsed.data.data.toSorted((a, b) => a.index - b.index);
  if (vectors.length !== inputs.length) {
    throw new EngineError(`vLLM sent ${vectors.length} embeddings for ${inputs.length} inputs`);
  }
  return vectors.map(({ embedding }) => {
    const length = Math.hypot(...embedding);
    return Float32Array.from(embedding, (value) => value / length);
  });
};
