import type { Tokenizer } from '../../tokenizer/index.ts';
import type { Answered } from './answered.ts';
import { type Passage, sentencesOf } from './sentences.ts';

/** A passage of the texts that the client has, and the tokens that it is of. */
export type Part = Passage & {
  /** Places in {@link Written.tokens}; `end` after the last. */
  readonly first: number;
  readonly end: number;
};

/** One answer as a row of tokens. */
export type WrittenRow = {
  readonly prompt: readonly number[];
  /** What its text was made of, and the token with which the model ended. */
  readonly ids: readonly number[];
  /** Where its tokens begin in {@link Written.tokens}. */
  readonly offset: number;
};

/** A request's answers as attribution looks at them. */
export type Written = {
  readonly rows: readonly WrittenRow[];
  /** Tokens of the answers' texts; between two answers the token that ends one, which is in no document. */
  readonly tokens: readonly number[];
  /** Sentences, over all texts one after another. */
  readonly parts: readonly Part[];
  /** UTF-16 code units of all texts. */
  readonly length: number;
};

/**
 * Lays answers out: which tokens each text was made of, and which of them are of which sentence. Tokens of a stop text, which the
 * client does not have, are nobody's.
 *
 * @param border the token that ends an answer. @param mostParts sentences in all; more are joined.
 */
export const layOut = (
  { answers }: Answered,
  { tokenizer, border, mostParts }: { tokenizer: Pick<Tokenizer, 'bytesOf'>; border: number; mostParts: number },
): Written => {
  const rows: WrittenRow[] = [];
  const tokens: number[] = [];
  const parts: Part[] = [];
  let length = 0;
  for (const { prompt, ids, text } of answers) {
    if (rows.length > 0) tokens.push(border);
    const offset = tokens.length;
    const begins = beginningsOf(ids, tokenizer);
    const bytes = Buffer.byteLength(text);
    const shown = begins.findLastIndex((begin) => begin < bytes) + 1;
    const isEnded = ids.length === shown + 1 && tokenizer.bytesOf(ids[shown]!).length === 0;
    rows.push({ prompt, ids: isEnded ? ids : ids.slice(0, shown), offset });
    tokens.push(...ids.slice(0, shown));
    for (const { from, until } of sentencesOf(text, Math.max(1, Math.floor(mostParts / answers.length)))) {
      // A token belongs to the sentence that its last byte is in: words begin with the space before them.
      const tokenAt = (place: number): number => {
        const byte = Buffer.byteLength(text.slice(0, place));
        const next = begins.findIndex((begin) => begin > byte);
        return Math.min(shown, next < 0 ? begins.length - 1 : next - 1);
      };
      const [first, end] = [tokenAt(from), until === text.length ? shown : tokenAt(until)];
      parts.push({ from: length + from, until: length + until, first: offset + first, end: offset + end });
    }
    length += text.length;
  }
  return { rows, tokens, parts, length };
};

/** Bytes of the text before each token. */
const beginningsOf = (ids: readonly number[], { bytesOf }: Pick<Tokenizer, 'bytesOf'>): readonly number[] => {
  let at = 0;
  return ids.map((id) => {
    const begin = at;
    at += bytesOf(id).length;
    return begin;
  });
};
