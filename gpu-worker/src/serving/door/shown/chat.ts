import type { Shape } from './shape.ts';
import { chatLogprobs } from './tokens.ts';

/** Answers as `/v1/chat/completions` gives them. */
export const chatShape: Shape = {
  prefix: 'chatcmpl-',
  whole: (head, choices, usage) => ({
    ...head,
    object: 'chat.completion',
    choices: choices.map(({ text, tokens, finish }, index) => ({
      index,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: tokens === undefined ? null : chatLogprobs(tokens),
      finish_reason: finish,
    })),
    usage,
  }),
  createChunks: (head, { includeUsage }) => {
    const begun = new Set<number>();
    const chunk = (choices: readonly object[], usage: object | null = null) => ({
      ...head,
      object: 'chat.completion.chunk',
      choices,
      ...(includeUsage ? { usage } : {}),
    });
    return {
      of: ({ choice: index, text, tokens, finish }) => {
        const chunks: object[] = [];
        const say = (delta: object, rest: object = { logprobs: null, finish_reason: null }) =>
          chunks.push(chunk([{ index, delta, ...rest }]));
        if (!begun.has(index)) {
          begun.add(index);
          say({ role: 'assistant', content: '', refusal: null });
        }
        if (text !== '' || tokens !== undefined) {
          const logprobs = tokens === undefined ? null : chatLogprobs(tokens);
          say({ content: text }, { logprobs, finish_reason: null });
        }
        if (finish !== undefined) say({}, { logprobs: null, finish_reason: finish });
        return chunks;
      },
      empty: () => chunk([]),
      usage: (usage) => chunk([], usage),
      attribution: (attribution) => ({ ...chunk([]), attribution }),
    };
  },
};
