import type { Shape } from './shape.ts';
import { completionLogprobs } from './tokens.ts';

/** Answers as `/v1/completions` gives them. */
export const completionShape: Shape = {
  prefix: 'cmpl-',
  whole: (head, choices, usage) => ({
    ...head,
    object: 'text_completion',
    choices: choices.map(({ text, tokens, finish }, index) => ({
      index,
      text,
      logprobs: tokens === undefined ? null : completionLogprobs(tokens, 0),
      finish_reason: finish,
    })),
    usage,
  }),
  createChunks: (head, { includeUsage }) => {
    const lengths = new Map<number, number>();
    const chunk = (choices: readonly object[], usage: object | null = null) => ({
      ...head,
      object: 'text_completion',
      choices,
      ...(includeUsage ? { usage } : {}),
    });
    return {
      of: ({ choice: index, text, tokens, finish }) => {
        if (text === '' && tokens === undefined && finish === undefined) return [];
        const offset = lengths.get(index) ?? 0;
        lengths.set(index, offset + text.length);
        const logprobs = tokens === undefined ? null : completionLogprobs(tokens, offset);
        return [chunk([{ index, text, logprobs, finish_reason: finish ?? null }])];
      },
      empty: () => chunk([]),
      usage: (usage) => chunk([], usage),
      attribution: (attribution) => ({ ...chunk([]), attribution }),
    };
  },
};
