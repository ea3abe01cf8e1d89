import { z } from 'zod';
import type { EngineInfo } from '../../engine.ts';
import { invalid } from '../apiError.ts';
import type { Language } from '../language.ts';
import { encodeTexts, texts } from './completion.ts';
import { given, modelName, parse } from './fields.ts';

const embeddingRequest = z.object({
  model: modelName,
  input: texts('must be a text, a list of texts, or lists of token ids'),
  encoding_format: given(z.enum(['float', 'base64'], 'must be float or base64')),
  dimensions: given(z.int('must be a whole number').min(1, 'must be 1 or more')),
});

/** A request for embeddings, understood. */
export type EmbeddingQuestion = {
  readonly model: string;
  readonly inputs: readonly (readonly number[])[];
  /** As it was sent; its hash is recorded. */
  readonly asked: unknown;
  readonly format: 'float' | 'base64';
};

const MOST_INPUTS = 2_048;

/** Understands a request to `/v1/embeddings`. @throws ApiError (400) naming the field that is wrong. */
export const readEmbedding = (body: unknown, language: Language, info: EngineInfo): EmbeddingQuestion => {
  const { model, input, encoding_format, dimensions } = parse(embeddingRequest, body);
  if (dimensions !== undefined) {
    throw invalid("dimensions is not supported here: embeddings have the model's own width.", 'dimensions');
  }
  const inputs = encodeTexts(input, language, 'input');
  if (inputs.length > MOST_INPUTS) {
    throw invalid(`input has ${inputs.length} texts; at most ${MOST_INPUTS} are taken at once.`, 'input');
  }
  for (const [at, { length }] of inputs.entries()) {
    const param = inputs.length === 1 ? 'input' : `input[${at}]`;
    if (length === 0) throw invalid(`${param} has no tokens; it needs at least one.`, param);
    if (length > info.maxContext) {
      throw invalid(
        `${param} has ${length} tokens; this model's context holds ${info.maxContext}.`,
        param,
        'context_length_exceeded',
      );
    }
  }
  return { model, inputs, asked: input, format: encoding_format ?? 'float' };
};
