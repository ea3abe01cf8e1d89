/** Between characters of which a platform would make a link or a mention; nobody sees it. */
const joiner = '\u2060';

/** What is invisible, turns the reading direction, or draws nothing where it looks like a letter. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Of these, what draws emoji as text or in colour, and ends lines. */
const kept = ['\n', '\uFE0E', '\uFE0F'];
/** Letters that join, or do not, by an unseen sign; pictures that it makes one of. */
const letters = String.raw`[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Malayalam}]`;
const picture = String.raw`\p{Extended_Pictographic}`;
const joining = new RegExp(
  String.raw`(?<=${letters})[\u200C\u200D](?=${letters})|(?<=${picture}\uFE0F?\p{Emoji_Modifier}?)\u200D(?=${picture})`,
  'gu',
);
const marks = /(\p{M}{3})\p{M}+/gu;
const lineEnds = /\r\n?|[\v\f\u0085\u2028\u2029]/gu;

/** Without what nobody sees, each line's end the same. */
const visible = (words: string): string => {
  const joined = new Set([...words.matchAll(joining)].map(({ index }) => index));
  return words
    .replace(unseen, (found, at: number) => (kept.includes(found) || joined.has(at) ? found : ''))
    .replace(marks, '$1');
};

/**
 * Anybody's words, so that no platform makes anything of them: no mentions, no links, no tags, nothing invisible. What is left
 * reads the same.
 */
export const harmless = (words: string): string =>
  visible(words.toWellFormed().replace(lineEnds, '\n'))
    // @name, user@example.com
    .replace(/@(?=\w)/g, `@${joiner}`)
    // https://example.com, example.com, tg://resolve, 203.0.113.7
    .replace(/:(?=\/\/)/g, `:${joiner}`)
    .replace(/(?<=[\p{L}\p{N}-])\.(?=\p{L})/gu, `.${joiner}`)
    .replace(/(?<=\d)\.(?=\d+\.\d+\.\d)/g, `.${joiner}`)
    // #tag and $TAG; +12125550123
    .replace(/([#$])(?=[\p{L}_])/gu, `$1${joiner}`)
    .replace(/\+(?=\d{5})/g, `+${joiner}`);

/** /forget as nothing that a finger can send. */
const untouchable = (words: string): string => words.replace(/(?<![\p{L}\p{N}_/<>])\/(?=\w)/gu, `/${joiner}`);

/**
 * A name that people gave, where ours are the words around it: one line, so that it says nothing in our name, and no command
 * that can be touched.
 */
export const harmlessName = (words: string, most = 200): string =>
  fitting(untouchable(harmless(words).replace(/\s+/gu, ' ').trim()), most);

/** What people or models wrote, line by line as they did, and no command that can be touched. */
export const harmlessQuote = (words: string): string => untouchable(harmless(words));

/** As many characters as fit, the last one an ellipsis where some are left out; never half a character. */
export const fitting = (words: string, most: number): string => {
  if (words.length <= most) return words;
  let cut = most - 1;
  // A surrogate pair stays whole.
  if (/[\uD800-\uDBFF]/.test(words[cut - 1] ?? '')) cut--;
  return `${words.slice(0, Math.max(0, cut))}…`;
};
