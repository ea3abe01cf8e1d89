import { bytesOf } from './byte-alphabet.ts';

/** Decodes tokens as they come: what is given out is never taken back, and no character is given out half. */
export type TextStream = {
  /** The text that is certain after this token; may be empty. */
  push: (id: number) => string;
  /** What was still waiting; half characters become U+FFFD. */
  end: () => string;
};

export type StreamParts = {
  tokenOf: (id: number) => string | undefined;
  /** Text of a token that stands for itself; `''` where it is to be left out. */
  added: ReadonlyMap<number, string>;
};

const encoder = new TextEncoder();

/** For vocabularies of bytes: exact, one token at a time. */
export const createByteStream = ({ tokenOf, added }: StreamParts): TextStream => {
  let decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const end = () => {
    const rest = decoder.decode();
    decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    return rest;
  };
  return {
    push: (id) => {
      const own = added.get(id);
      if (own !== undefined) return own === '' ? '' : end() + own;
      const token = tokenOf(id) ?? '';
      return decoder.decode(bytesOf(token) ?? encoder.encode(token), { stream: true });
    },
    end,
  };
};

/**
 * For other vocabularies, whose decoders look at neighbours: decodes the last tokens with and without the new one and gives
 * out the difference, as text-generation-inference does.
 */
export const createDifferenceStream = (decode: (ids: readonly number[]) => string): TextStream => {
  let ids: number[] = [];
  let read = 0;
  const difference = () => decode(ids).slice(decode(ids.slice(0, read)).length);
  return {
    push: (id) => {
      ids.push(id);
      const text = difference();
      if (text === '' || text.endsWith('\ufffd')) return '';
      ids = ids.slice(read);
      read = ids.length;
      return text;
    },
    end: () => {
      const text = difference();
      ids = [];
      read = 0;
      return text;
    },
  };
};
