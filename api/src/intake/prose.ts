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
  const prose = row.content
    .replace(/```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)/g, ' ')
    .replace(/`[^`\n]*`/g, ' ')
    .replace(/^(?: {4}|\t)\S.*$/gm, ' ')
    .replace(/!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)/g, ' $1 ')
    .replace(/\bhttps?:\/\/\S+|\bwww\.\S+|\S+@\S+\.\S+/g, ' ')
    .replace(/<\/?[a-zA-Z!][^<>]{0,500}>/g, ' ')
    .replace(/^\s*\|?[\s:|-]+\|?\s*$/gm, ' ');
  return { row, prose, words: tokensOf(prose), tokens: tokensOf(row.content) };
}
