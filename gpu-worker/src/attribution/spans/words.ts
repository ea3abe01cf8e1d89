import type { Tokenizer } from '../../tokenizer/index.ts';

/**
 * Where words begin in a text of tokens: [tokens + 1], 1 where one does, the beginning and the end included. Within a word
 * are two letters, digits or marks beside each other; scripts that put no spaces between words have a word at each character,
 * and tokens without text, special ones, are words of their own.
 */
export const wordBeginnings = (tokenizer: Pick<Tokenizer, 'bytesOf'>, tokens: ArrayLike<number>): Uint8Array => {
  const pieces = Array.from(tokens, (token) => tokenizer.bytesOf(token));
  const bytes = Buffer.concat(pieces);
  const begins = new Uint8Array(pieces.length + 1).fill(1);
  let at = 0;
  for (let place = 1; place < pieces.length; place++) {
    at += pieces[place - 1]!.length;
    if (pieces[place - 1]!.length === 0 || pieces[place]!.length === 0) continue;
    begins[place] = Number(
      !isWithinCharacter(bytes, at) && !(isOfWord(before(bytes, at)) && isOfWord(after(bytes, at))),
    );
  }
  return begins;
};

const isOfWord = (character: string): boolean =>
  /^[\p{L}\p{N}\p{M}_]/u.test(character) &&
  !/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u.test(
    character,
  );

/** The bytes 10xxxxxx of UTF-8 continue a character. */
const isWithinCharacter = (bytes: Uint8Array, at: number): boolean => at < bytes.length && (bytes[at]! & 0xc0) === 0x80;

/** A character has four bytes at most. */
const after = (bytes: Buffer, at: number): string => bytes.toString('utf8', at, at + 4);

const before = (bytes: Buffer, at: number): string => {
  let from = at - 1;
  while (from > 0 && from > at - 4 && isWithinCharacter(bytes, from)) from--;
  return bytes.toString('utf8', Math.max(0, from), at);
};
