import type { IntakeFinding } from '@openledger/db/app';
import { judgeAnswers } from './answers.ts';
import { percent, rowsNamed } from './finding.ts';
import { isGibberish } from './gibberish.ts';
import { isStopWord, languageOf } from './languages.ts';
import { type Prose, sentencesOf } from './prose.ts';
import { commonest, compression, newInRows, repeatedRows, repeatedRuns } from './repetition.ts';
import type { Reading } from './row.ts';
import { graded, type Rule, sightOf } from './sight.ts';
import { judgeSurface } from './surface.ts';

/**
 * Whether somebody wrote the text, for others to learn from. After the rules of C4 (Raffel et al. 2020), Gopher (Rae et al. 2021)
 * and FineWeb (Penedo et al. 2024), which were made for web pages: here, thresholds are measured on short questions and answers
 * too, and rules that would refuse those (few words, few sentences) are left out.
 */
export function judgeQuality(reading: Reading): readonly IntakeFinding[] {
  const sight = sightOf(reading);
  const short = tooShort(sight);
  if (short !== undefined) return [short];
  return [...rules, ...judgeSurface, ...judgeAnswers].flatMap((rule) => rule(sight) ?? []);
}

const tooShort: Rule = ({ letters }) =>
  graded(
    'length',
    letters < 30 ? 1 : 0,
    { hold: 1, refuse: 1 },
    () =>
      `The text has ${Math.floor(letters)} letters and digits; 30 are the least from which a model can learn something. Put several rows in one file.`,
  );

const rules: readonly Rule[] = [
  ({ rows, unit }) => {
    const { share, lines } = repeatedRows(rows);
    return graded(
      'repeated-rows',
      share,
      { hold: 0.15, refuse: 0.4 },
      () =>
        `${percent(share)} of the text stands in rows that stood before (${rowsNamed(lines, unit)}). Send each row once.`,
    );
  },
  ({ rows, words }) => {
    if (words.length < 60) return undefined;
    const share = repeatedRuns(rows, 8);
    return graded(
      'repeated-phrases',
      share,
      { hold: 0.45, refuse: 0.7 },
      () =>
        `${percent(share)} of the words stand in phrases of eight words or more that are repeated. Say each thing once.`,
    );
  },
  ({ text }) => {
    if (text.length < 1_500) return undefined;
    const ratio = compression(text);
    return graded(
      'compression',
      1 - ratio,
      { hold: 0.88, refuse: 0.93 },
      () =>
        `The text packs to ${percent(ratio)} of its size, so nearly all of it repeats. Send what is different, once.`,
    );
  },
  ({ rows, records }) => {
    const long = rows.filter(({ tokens }) => tokens.length >= 5);
    if (!records || long.length < 8) return undefined;
    const share = 1 - newInRows(long);
    return graded(
      'template',
      share,
      { hold: 0.6, refuse: 0.75 },
      () =>
        `${percent(share)} of each row, on average, stood in rows before it: the rows seem to be made from one template. Write rows that say different things, or send the bare facts as a table.`,
    );
  },
  ({ words }) => {
    // Where words are not parted by spaces, they cannot be counted.
    if (words.length < 40 || languageOf(words) === undefined) return undefined;
    const { word, share } = commonest(words, (each) => each.length > 2 && !isStopWord(each) && !/^\d+$/.test(each));
    return graded(
      'stuffing',
      share,
      { hold: 0.12, refuse: 0.2 },
      () =>
        `“${word.slice(0, 40)}” is ${percent(share)} of all words. In text that somebody wrote, no word with a meaning is that common.`,
    );
  },
  ({ rows, words, unit }) => {
    const wild = rows.filter(({ words: own }) => isGibberish(own));
    const weight = wild.reduce((sum, { words: own }) => sum + own.length, 0) / Math.max(1, words.length);
    return graded(
      'gibberish',
      weight,
      { hold: 0.3, refuse: 0.5 },
      () =>
        `${percent(weight)} of the words are not words of any language known here (${rowsNamed(
          wild.map(({ row }) => row.line),
          unit,
        )}). Leave out what is no text: keys struck at random, encoded data.`,
    );
  },
  ({ rows, records }) => {
    const words = rows.flatMap(sentencesOf);
    if (words.length < 60) return undefined;
    const language = languageOf(words);
    if (language === undefined) return undefined;
    const floor = records ? 0.03 : 0.06;
    return graded(
      'no-sentences',
      floor - language.stopShare,
      { hold: 0, refuse: records ? 1 : 0.045 },
      () =>
        `Only ${percent(language.stopShare)} of the words are ones like “the” or “of”, which sentences need (measured as ${language.name}). Send sentences, not lists of keywords; a table can be sent as CSV.`,
    );
  },
  ({ rows, unit }) => {
    const found = languagesOf(rows);
    return graded(
      'languages',
      found.size,
      { hold: 4, refuse: Number.POSITIVE_INFINITY },
      () =>
        `The text is in ${found.size} languages: ${[...found].map(([name, line]) => `${name} (${unit} ${line})`).join(', ')}. Send each language in a file of its own, unless they belong together.`,
    );
  },
];

/** Languages of at least a tenth of the rows that are long enough to tell, each with where it first stands. */
function languagesOf(rows: readonly Prose[]): ReadonlyMap<string, number> {
  const named = rows
    .filter(({ words }) => words.length >= 12)
    .slice(0, 2_000)
    .flatMap(({ words, row }) => {
      const language = languageOf(words);
      return language === undefined || language.stopShare < 0.15 ? [] : [{ name: language.name, line: row.line }];
    });
  const found = new Map<string, number>();
  for (const { name, line } of named) {
    if (found.has(name) || named.filter((each) => each.name === name).length < named.length / 10) continue;
    found.set(name, line);
  }
  return found;
}
