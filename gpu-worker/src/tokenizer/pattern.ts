/**
 * How text is cut before pairs are merged; no token crosses a cut. As Llama 3 cuts: contractions, words with the one
 * character before them, digits by at most three, punctuation with the line ends behind it, white space.
 * Written so that Rust's Oniguruma and JavaScript read it equally, but for `\s`: JavaScript's has U+FEFF and lacks U+0085.
 */
export const cutPattern =
  "'(?:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

const cuts = new RegExp(cutPattern.replaceAll('\\s', '\\p{White_Space}').replaceAll('\\S', '\\P{White_Space}'), 'gu');

/** The pieces of a text, which are the whole text. Lone surrogates become U+FFFD, as they do in UTF-8. */
export const cut = (text: string): readonly string[] => text.toWellFormed().match(cuts) ?? [];
