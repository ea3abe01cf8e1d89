import type { Row } from './row.ts';
import { tokensOf } from './tokens.ts';

/** A row as its words are judged: code, links, addresses and tags left out, which follow rules of their own. */
export type Prose = {
  readonly row: Row;
  readonly prose: string;
  /** Lower case. */
  readonly words: readonly string[];
  /** Words of the whole row, code included. */
  readonly tokens: readonly string[];
};

export function proseOf(row: Row): Prose {
  const prose = withoutLinks(
    row.content
      .replace(/```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)/g, ' ')
      .replace(/`[^`\n]*`/g, ' ')
      .replace(/^(?: {4}|\t)\S.*$/gm, ' ')
      .replace(/^[\t :|-]+$/gm, ' '),
  );
  return { row, prose, words: tokensOf(prose), tokens: tokensOf(withoutLinks(row.content)) };
}

/** The words of links, not their addresses; no tags. */
export function withoutLinks(text: string): string {
  return text
    .replace(/!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)/g, ' $1 ')
    .replace(/\bhttps?:\/\/\S{1,2000}|\bwww\.\S{1,2000}|(?<!\S)\S{1,64}@\S{1,100}/g, ' ')
    .replace(/<\/?[a-zA-Z!][^<>]{0,500}>/g, ' ');
}

/** What in a row is sentences: not the cells of a table, nor the columns of a record. */
export function sentencesOf({ row, prose }: Prose): readonly string[] {
  if (row.text !== row.content) return [];
  return tokensOf(prose.replace(/^\s{0,3}\|.*$/gm, ' '));
}
