import { surprise } from './letters.ts';

/** Bits for each letter above which a word is unlike any. */
const wild = 5.2;

/** Whether a row's words are mostly no words: judged by the letters that follow each other, so names and terms pass. */
export function isGibberish(words: readonly string[]): boolean {
  let [all, unlike] = [0, 0];
  for (const word of words) {
    // No language in these letters has words of more than 40 of them: encoded data has.
    const encoded = word.length > 40 && /^[a-z0-9]+$/.test(word);
    const bits = encoded ? undefined : surprise(word.slice(0, 200));
    if (!encoded && bits === undefined) continue;
    all += word.length;
    if (encoded || bits! > wild) unlike += word.length;
  }
  return all >= 16 && unlike / all > 0.4;
}
