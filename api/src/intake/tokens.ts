const words = /[\p{L}\p{N}\p{M}]+/gu;
/** Words of ASCII, the common case, without the cost of Unicode's classes. */
const asciiWords = /[a-z0-9]+/g;

/**
 * The words of a text in lower case, compatibility forms resolved, without punctuation and whitespace: what stays when a
 * copy changes only its looks.
 *
 * @example
 * tokensOf('Hello,   WORLD — ｗｉｄｅ') // ['hello', 'world', 'wide']
 */
export function tokensOf(text: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase().match(asciiWords) ?? [];
  return text.normalize('NFKC').toLowerCase().match(words) ?? [];
}
