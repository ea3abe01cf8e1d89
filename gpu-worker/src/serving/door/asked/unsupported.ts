import { invalid } from '../apiError.ts';

type Refusal = { readonly isHarmless: (value: unknown) => boolean; readonly why: string };

const no = (value: unknown): boolean => value === false || value === '' || value === 0;
const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

/** Fields of the API that would change the answer and that nothing here does: ignoring them would be answering something else. */
const refusals: Readonly<Record<string, Refusal>> = {
  echo: { isHarmless: no, why: 'the prompt is not repeated in the answer' },
  suffix: { isHarmless: no, why: 'nothing is written into the middle of a text' },
  best_of: { isHarmless: (value) => value === 1, why: 'ask for n answers and choose' },
  use_beam_search: { isHarmless: no, why: 'answers are sampled' },
  min_p: { isHarmless: no, why: 'use top_p or top_k' },
  tools: { isHarmless: isEmpty, why: 'these models call no tools' },
  functions: { isHarmless: isEmpty, why: 'these models call no functions' },
  response_format: {
    isHarmless: (value) => (value as { type?: unknown } | null)?.type === 'text',
    why: 'only {"type": "text"} is answered',
  },
  modalities: { isHarmless: (value) => `${value}` === 'text', why: 'only texts are answered' },
  audio: { isHarmless: no, why: 'only texts are answered' },
  prediction: { isHarmless: no, why: 'leave it out: it would change nothing' },
  web_search_options: { isHarmless: no, why: 'these models do not search the web' },
};

/** Fields that we do not know are let be. @throws ApiError (400) for one that we know and cannot do. */
export const refuseUnsupported = (body: object): void => {
  for (const [field, value] of Object.entries(body)) {
    const refusal = Object.hasOwn(refusals, field) ? refusals[field] : undefined;
    if (refusal === undefined || value === null || value === undefined || refusal.isHarmless(value)) continue;
    throw invalid(`${field} is not supported here: ${refusal.why}.`, field, 'unsupported_parameter');
  }
};
