import { percent, rowsNamed } from './finding.ts';
import { graded, type Rule } from './sight.ts';

const matches = (text: string, pattern: RegExp): number => {
  let length = 0;
  for (const [found] of text.matchAll(pattern)) length += found.length;
  return length;
};

/** Phrases of pages and of machines, which say nothing about a subject; each row that has one counts whole. */
const boilerplate =
  /\b(?:enable javascript|accept (?:all )?cookies|we use cookies|subscribe to our newsletter|click here to|sign up (?:now|today)|buy now|limited[- ]time offer|terms of (?:use|service) and privacy|as an ai (?:language )?model|i (?:cannot|can't) assist with that|insert (?:your )?text here|todo: write)\b/i;
const lorem =
  /\blorem ipsum\b|\bdolor sit amet\b|\bconsectetur adipi|\bsed do eiusmod\b|\but enim ad minim\b|\bduis aute irure\b|\bexcepteur sint\b/i;

/** What can be seen without reading: signs, damage, letters that hide, filler. */
export const judgeSurface: readonly Rule[] = [
  ({ rows, letters }) => {
    const prose = rows.map((row) => row.prose).join('\n');
    if (letters < 100 && prose.length < 100) return undefined;
    const share = matches(prose, /[^\p{L}\p{N}\p{M}\s]/gu) / Math.max(1, prose.replace(/\s+/g, '').length);
    return graded(
      'symbols',
      share,
      { hold: 0.3, refuse: 0.5 },
      () =>
        `${percent(share)} of the characters are signs, not letters or digits. Leave out what is no text, and put code in fences (\`\`\`).`,
    );
  },
  ({ text, letters }) => {
    if (letters < 100) return undefined;
    const digits = matches(text, /\p{N}+/gu) / Math.max(1, matches(text, /[\p{L}\p{N}\p{M}]+/gu));
    return graded(
      'digits',
      digits,
      { hold: 0.6, refuse: 0.95 },
      () =>
        `${percent(digits)} of the text is numbers. Say in words what they are, in the names of columns or beside them.`,
    );
  },
  ({ text, rows, unit }) => {
    const damage = /\ufffd|Ã[\u0080-\u00bf©«»¼½¾¿]|â€[\u0080-\u00bf™œ“”˜¦]?|ï¿½|Â[\u00a0-\u00bf]/g;
    const share = matches(text, damage) / Math.max(1, text.length);
    const where = () =>
      rowsNamed(
        rows.filter(({ row }) => row.content.search(damage) >= 0).map(({ row }) => row.line),
        unit,
      );
    return graded(
      'damaged',
      share,
      { hold: 0.002, refuse: 0.02 },
      () =>
        `Letters are damaged, as by reading UTF-8 as something else (${where()}): “Ã©” for “é”. Export the text again as UTF-8.`,
    );
  },
  ({ rows, unit }) => {
    // Tags, overrides of direction and runs of zero-width characters are read by a model and not by a person.
    const hidden = rows.filter(({ row }) =>
      /[\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]|[\u200b\u2060\ufeff]{2,}/u.test(row.content),
    );
    return graded(
      'hidden',
      hidden.length,
      { hold: 1, refuse: Number.POSITIVE_INFINITY },
      () =>
        `Characters that nobody sees stand in ${rowsNamed(
          hidden.map(({ row }) => row.line),
          unit,
        )}: overrides of direction, tags or zero-width characters. Leave them out.`,
    );
  },
  ({ words }) => {
    if (words.length < 20) return undefined;
    const mixed = words.filter((word) => /\p{sc=Latin}/u.test(word) && /[\p{sc=Cyrillic}\p{sc=Greek}]/u.test(word));
    return graded(
      'disguised',
      mixed.length / words.length,
      { hold: 0.02, refuse: 0.3 },
      () =>
        `${percent(mixed.length / words.length)} of the words mix letters of different alphabets that look the same, as “pаypal” with a Cyrillic “а”. Write each word in one alphabet.`,
    );
  },
  ({ text, letters }) => {
    if (letters < 200) return undefined;
    const upper = matches(text, /\p{Lu}+/gu) / Math.max(1, matches(text, /[\p{Lu}\p{Ll}]+/gu));
    return graded(
      'capitals',
      upper,
      { hold: 0.6, refuse: Number.POSITIVE_INFINITY },
      () => `${percent(upper)} of the letters are capitals. Write as one does in a sentence.`,
    );
  },
  ({ rows, unit }) => {
    const found = rows.filter(({ row }) => lorem.test(row.content));
    const share = shareOf(found, rows);
    return graded(
      'filler',
      share,
      { hold: 0.001, refuse: 0.3 },
      () =>
        `Filler text (“lorem ipsum”) stands in ${rowsNamed(
          found.map(({ row }) => row.line),
          unit,
        )}. Leave it out.`,
    );
  },
  ({ rows, unit }) => {
    const found = rows.filter(({ row }) => boilerplate.test(row.content));
    const share = shareOf(found, rows);
    return graded(
      'boilerplate',
      share,
      { hold: 0.15, refuse: 0.5 },
      () =>
        `${percent(share)} of the text are phrases of web pages or of chat programs (${rowsNamed(
          found.map(({ row }) => row.line),
          unit,
        )}), such as notices about cookies. Leave them out.`,
    );
  },
];

type Weighed = readonly { readonly row: { readonly content: string } }[];
const shareOf = (some: Weighed, all: Weighed) => weigh(some) / Math.max(1, weigh(all));
const weigh = (rows: Weighed) => rows.reduce((sum, { row }) => sum + row.content.length, 0);
