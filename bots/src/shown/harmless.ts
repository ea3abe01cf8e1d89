/** Between characters of which a platform would make a link or a mention; nobody sees it. */
const joiner = '\u2060';

/** What is invisible, turns the reading direction, or stacks marks over other lines. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu;
const marks = /(\p{M}{3})\p{M}+/gu;

/**
 * Anybody's words, so that no platform makes anything of them: no mentions, no links, no commands that can be touched, nothing
 * invisible. What is left reads the same.
 */
export const harmless = (words: string): string =>
  words
    .toWellFormed()
    .replace(unseen, (found) => (found === '\n' ? '\n' : ''))
    .replace(marks, '$1')
    // @name, user@example.com
    .replace(/@(?=\w)/g, `@${joiner}`)
    // https://example.com, example.com, tg://resolve
    .replace(/:(?=\/\/)/g, `:${joiner}`)
    .replace(/(?<=[\p{L}\p{N}-])\.(?=\p{L})/gu, `.${joiner}`);

/** As many characters as fit, the last one an ellipsis where some are left out; never half a character. */
export const fitting = (words: string, most: number): string => {
  if (words.length <= most) return words;
  let cut = most - 1;
  // A surrogate pair stays whole.
  if (/[\uD800-\uDBFF]/.test(words[cut - 1] ?? '')) cut--;
  return `${words.slice(0, Math.max(0, cut))}…`;
};
