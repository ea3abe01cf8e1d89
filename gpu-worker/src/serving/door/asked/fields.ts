import { z } from 'zod';
import { invalid } from '../apiError.ts';

/** Clients send null for what they leave open. */
export const given = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

const waited = 'must be seconds, 0 to 30';

const attributionField = given(
  z.union(
    [z.boolean(), z.strictObject({ wait_seconds: z.number(waited).min(0, waited).max(30, waited).optional() })],
    'must be true, false, or {"wait_seconds": 0 to 30}',
  ),
);

const number = (min: number, max: number) =>
  z.number('must be a number').min(min, `must be ${min} or more`).max(max, `must be ${max} or less`);
const integer = (min: number, max: number) =>
  z.int('must be a whole number').min(min, `must be ${min} or more`).max(max, `must be ${max} or less`);

const stopText = z.string('must be a text').min(1, 'must not be empty').max(256, 'must have at most 256 characters');

export const modelName = z
  .string('is missing: the name of a model, as GET /v1/models lists them')
  .min(1, 'must not be empty')
  .max(200, 'must have at most 200 characters');

/** What chat and text completions have in common. */
export const commonFields = {
  model: modelName,
  stream: given(z.boolean('must be true or false')),
  stream_options: given(z.looseObject({ include_usage: given(z.boolean('must be true or false')) })),
  max_tokens: given(integer(1, 10_000_000)),
  n: given(integer(1, 128)),
  temperature: given(number(0, 2)),
  top_p: given(number(0, 1).gt(0, 'must be more than 0')),
  top_k: given(integer(-1, 1_000_000)),
  seed: given(integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)),
  presence_penalty: given(number(-2, 2)),
  frequency_penalty: given(number(-2, 2)),
  repetition_penalty: given(number(0, 2).gt(0, 'must be more than 0')),
  logit_bias: given(
    z
      .record(z.string().regex(/^\d{1,9}$/, 'must be a token id'), number(-100, 100))
      .refine((bias) => Object.keys(bias).length <= 1_024, 'must have at most 1,024 tokens'),
  ),
  stop: given(z.union([stopText, z.array(stopText).max(16, 'must have at most 16 texts')], 'must be a text or texts')),
  attribution: attributionField,
  ignore_eos: given(z.boolean('must be true or false')),
};

/** @throws ApiError (400) naming the first field that is wrong. */
export const parse = <T extends z.ZodType>(schema: T, body: unknown): z.output<T> => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid('The body must be a JSON object.');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const param = pathOf(path);
  throw invalid(`${param} ${message}.`, param);
};

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? `${String(part)}` : `${text}.${String(part)}`,
    '',
  );
