import type { FinishReason, GeneratedToken, Piece } from '../../engine.ts';
import type { AttributionShown } from '../attributions.ts';

/** Tokens of a request, as the OpenAI API counts them. */
export type UsageShown = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
};

export const usageShown = ({ inTokens, outTokens }: { inTokens: number; outTokens: number }): UsageShown => ({
  prompt_tokens: inTokens,
  completion_tokens: outTokens,
  total_tokens: inTokens + outTokens,
});

/** One answer, whole. */
export type Choice = {
  readonly text: string;
  readonly tokens: readonly GeneratedToken[] | undefined;
  readonly finish: FinishReason;
};

/** What stands in each chunk and in the whole of one answer. */
export type Head = { readonly id: string; readonly created: number; readonly model: string };

/** How answers look in one of the API's two styles. */
export type Shape = {
  /** `chatcmpl-…`, `cmpl-…`. */
  readonly prefix: string;
  readonly whole: (head: Head, choices: readonly Choice[], usage: UsageShown) => object;
  /** For the chunks of one stream. */
  readonly createChunks: (head: Head, options: { readonly includeUsage: boolean }) => Chunks;
};

export type Chunks = {
  /** Without any of an answer. */
  readonly empty: () => object;
  /** @returns chunks to be sent, in order. */
  readonly of: (piece: Piece) => readonly object[];
  readonly usage: (usage: UsageShown) => object;
  /** After the last, where it was asked for. */
  readonly attribution: (attribution: AttributionShown) => object;
};
