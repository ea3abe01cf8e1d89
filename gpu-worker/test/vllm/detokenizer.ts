import type { Tokenizer } from '../../src/tokenizer/index.ts';

/** What a token adds to an answer's text, and whether it completes a stop text. */
export type Detokenizer = {
  readonly update: (id: number, isStopToken: boolean) => string | undefined;
  readonly next: (isFinished: boolean) => string;
};

/**
 * vLLM's incremental detokenizer: holds back as many characters as the longest stop text has, less one, until the end;
 * of stop texts that are complete takes the first of the list; and of a character that the answer's end cuts says nothing.
 */
export const createDetokenizer = (tokenizer: Tokenizer, stop: readonly string[]): Detokenizer => {
  const stream = tokenizer.createStream();
  const held = stop.length === 0 ? 0 : Math.max(...stop.map(({ length }) => length)) - 1;
  let text = '';
  let given = 0;
  return {
    update: (id, isStopToken) => {
      if (isStopToken) return undefined;
      const added = stream.push(id);
      text += added;
      for (const each of stop) {
        const at = text.indexOf(each, Math.max(0, text.length - added.length - each.length));
        if (at === -1) continue;
        text = text.slice(0, at);
        return each;
      }
      return undefined;
    },
    next: (isFinished) => {
      const end = text.length - (isFinished ? 0 : held);
      if (given >= end) return '';
      const more = text.slice(given, end);
      given = end;
      return more;
    },
  };
};
