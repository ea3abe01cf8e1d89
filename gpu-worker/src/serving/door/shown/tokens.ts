import type { GeneratedToken } from '../../engine.ts';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a token adds to a text; bytes that are no character by themselves are written as the API does: `bytes:\xe2\x82`. */
export const tokenText = (bytes: Uint8Array): string => {
  const text = decoder.decode(bytes);
  if (!text.includes('\ufffd')) return text;
  return `bytes:${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}`;
};

/** Logarithms as `/v1/chat/completions` shows them. */
export const chatLogprobs = (tokens: readonly GeneratedToken[]) => ({
  content: tokens.map(({ bytes, logprob, top }) => ({
    token: tokenText(bytes),
    logprob: finite(logprob),
    bytes: [...bytes],
    top_logprobs: top.map((other) => ({
      token: tokenText(other.bytes),
      logprob: finite(other.logprob),
      bytes: [...other.bytes],
    })),
  })),
  refusal: null,
});

/** Logarithms as `/v1/completions` shows them. @param offset in characters, of the first token in the answer's text. */
export const completionLogprobs = (tokens: readonly GeneratedToken[], offset: number) => {
  let at = offset;
  return {
    tokens: tokens.map(({ bytes }) => tokenText(bytes)),
    token_logprobs: tokens.map(({ logprob }) => finite(logprob)),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ bytes, logprob }) => [tokenText(bytes), finite(logprob)])),
    ),
    text_offset: tokens.map(({ bytes }) => {
      const here = at;
      at += decoder.decode(bytes).length;
      return here;
    }),
  };
};

/** JSON has no infinity: what can never be is written as the API does. */
const finite = (logprob: number): number => Math.max(logprob, -9999);
