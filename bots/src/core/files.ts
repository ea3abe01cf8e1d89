import type { GivenFile } from './command.ts';

/** Bytes of the largest file that anything here takes. */
export const largestFile = 5_000_000;
const longestName = 120;

/** Why a file is not taken. `mixed`: it is two kinds of file at once, so that those who open it see something else than we do. */
export type FileTrouble = 'empty' | 'tooLarge' | 'notText' | 'page' | 'mixed';

const pdf = Buffer.from('%PDF-');
const pdfEnd = Buffer.from('%%EOF');
/** The end of a ZIP's directory (APPNOTE 4.3.16), which is looked for from the end of a file. */
const zipEnd = Buffer.from('PK\u0005\u0006');
const zipComment = 65_557;
/** PDF readers look for a PDF's beginning so far into a file, and some go on so far behind its end. */
const pdfSlack = 1_024;
const page = /^\s*<(?:!doctype\s|html|head|body|svg|\?xml|\?php|script|iframe|rss|feed)/i;
/** What a browser or interpreter would run, in the first bytes of a file that says it is a PDF. */
const runs = /<(?:script|html|svg|iframe|\?php)|^#!|^MZ/i;

/**
 * What a file is, by its content and not by what it is called: text, or a PDF, and nothing else at the same time.
 *
 * @returns undefined for one that may be taken
 */
export const fileTrouble = ({ body }: Pick<GivenFile, 'body'>): FileTrouble | undefined => {
  if (body.length === 0) return 'empty';
  if (body.length > largestFile) return 'tooLarge';
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const hasZip = bytes.subarray(-zipComment).includes(zipEnd);
  const pdfAt = bytes.subarray(0, pdfSlack).indexOf(pdf);
  if (pdfAt === 0) return hasZip || hasMore(bytes) ? 'mixed' : undefined;
  if (hasZip) return 'notText';
  if (bytes.includes(0) || !isUtf8(bytes)) return 'notText';
  if (pdfAt > 0 && bytes.subarray(-2 * pdfSlack).includes(pdfEnd)) return 'mixed';
  return page.test(
    bytes
      .subarray(0, 400)
      .toString()
      .replace(/^\uFEFF/, ''),
  )
    ? 'page'
    : undefined;
};

/** A PDF that holds something else before its first object or behind its end. */
const hasMore = (bytes: Buffer): boolean => {
  const end = bytes.lastIndexOf(pdfEnd);
  if (end >= 0 && bytes.length - end > pdfSlack + pdfEnd.length) return true;
  return runs.test(bytes.subarray(0, pdfSlack).toString('latin1'));
};

const isUtf8 = (bytes: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/**
 * A file's name as it may be handed on: no folders, nothing unseen, not longer than anybody reads, its ending kept.
 *
 * @example fileName('../../etc/pass\u202Ewd.txt') // 'passwd.txt'
 */
export const fileName = (name: string): string => {
  const base = name.toWellFormed().split(/[\\/]/).at(-1)!;
  const plain = base
    .replace(/[^\p{L}\p{N} ._()-]/gu, '')
    .replace(/\s+/g, ' ')
    .replace(/\.{2,}/g, '.')
    .trim();
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? '';
  const stem = [...plain.slice(0, plain.length - ending.length)].slice(0, longestName - ending.length).join('');
  return `${stem.trim().replace(/^\.+/, '') || 'file'}${ending}`;
};

/** A media type as it may stand in a header; undefined for anything else that somebody said. */
export const mediaTypeOf = (said: string | undefined): string | undefined => {
  const [type = ''] = (said ?? '').split(';');
  return /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(type.trim()) ? type.trim().toLowerCase() : undefined;
};

const byEnding: Readonly<Record<string, string>> = {
  jsonl: 'application/jsonl',
  ndjson: 'application/jsonl',
  csv: 'text/csv',
  md: 'text/markdown',
  txt: 'text/plain',
};

/** What a text is meant to be: its name says more than the type that platforms give it. */
export const textTypeOf = ({ name, mediaType }: GivenFile): string =>
  byEnding[name.slice(name.lastIndexOf('.') + 1).toLowerCase()] ?? mediaTypeOf(mediaType) ?? 'text/plain';
