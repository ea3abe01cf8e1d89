import { deflateSync } from 'node:zlib';
import { mix } from './min-hash.ts';
import type { Prose } from './prose.ts';

/** Characters that stand in rows which stood before, of all, 0 to 1; and which rows they are. */
export function repeatedRows(rows: readonly Prose[]) {
  const seen = new Set<string>();
  const lines: number[] = [];
  let [all, repeated] = [0, 0];
  for (const { tokens, row } of rows) {
    const key = tokens.join(' ');
    all += key.length;
    if (key.length > 0 && seen.has(key)) {
      repeated += key.length;
      lines.push(row.line);
    }
    seen.add(key);
  }
  return { share: all === 0 ? 0 : repeated / all, lines };
}

/** Words covered by runs of `length` words that stand more than once, of all words, 0 to 1 (after Gopher's rule, Rae et al. 2021). */
export function repeatedRuns(rows: readonly Prose[], length: number): number {
  const first = new Map<number, number>();
  let words = 0;
  for (const { tokens } of rows) words += tokens.length;
  const covered = new Uint8Array(words);
  let offset = 0;
  for (const { tokens } of rows) {
    for (let i = 0; i + length <= tokens.length; i++) {
      let hash = 0;
      for (let j = i; j < i + length; j++) hash = mix(Math.imul(hash, 31) + hashOf(tokens[j]!));
      const at = first.get(hash);
      if (at === undefined) first.set(hash, offset + i);
      else covered.fill(1, offset + i, offset + i + length);
    }
    offset += tokens.length;
  }
  let count = 0;
  for (const one of covered) count += one;
  return words === 0 ? 0 : count / words;
}

/** Of the three-word runs of each row but the first, those that no row before had, 0 to 1: what templates leave new. */
export function newInRows(rows: readonly Prose[]): number {
  const seen = new Set<number>();
  let [all, fresh] = [0, 0];
  rows.forEach(({ tokens }, index) => {
    const own = new Set<number>();
    for (let i = 0; i + 3 <= tokens.length; i++) {
      own.add(
        mix(Math.imul(mix(Math.imul(hashOf(tokens[i]!), 31) + hashOf(tokens[i + 1]!)), 31) + hashOf(tokens[i + 2]!)),
      );
    }
    for (const hash of own) {
      if (index > 0) {
        all += 1;
        if (!seen.has(hash)) fresh += 1;
      }
      seen.add(hash);
    }
  });
  return all === 0 ? 1 : fresh / all;
}

/** Bytes after DEFLATE for each byte before. About 0.4 for prose, 0.3 for large documents. */
export const compression = (text: string): number =>
  text === '' ? 1 : deflateSync(text).length / Buffer.byteLength(text);

/** The commonest word that `counts`, and its share of all words. */
export function commonest(
  words: readonly string[],
  counts: (word: string) => boolean,
): { word: string; share: number } {
  const found = new Map<string, number>();
  for (const word of words) found.set(word, (found.get(word) ?? 0) + 1);
  let best = { word: '', share: 0 };
  for (const [word, count] of found)
    if (count / words.length > best.share && counts(word)) best = { word, share: count / words.length };
  return best;
}

function hashOf(token: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < token.length; i++) hash = Math.imul(hash ^ token.charCodeAt(i), 0x01000193);
  return hash;
}
