import { fileTypeFromBuffer } from 'file-type';
import { UnreadableError } from './finding.ts';
import type { MediaType } from './row.ts';

const accepted = 'Send plain text, Markdown, JSON Lines, CSV, or a PDF with text in it.';

/** Parts of names and types that tell what a text is meant to be. */
const meant: readonly (readonly [pattern: RegExp, mediaType: MediaType])[] = [
  [/pdf$/i, 'application/pdf'],
  [/jsonl|ndjson|json-?lines/i, 'application/jsonl'],
  [/csv$|tsv$|tab-separated/i, 'text/csv'],
  [/markdown|\.md$|\.mdx$/i, 'text/markdown'],
  [/\.txt$|plain/i, 'text/plain'],
];

/** What a body is, and, unless it is a PDF, its text. */
export type Medium =
  | { readonly mediaType: 'application/pdf' }
  | { readonly mediaType: Exclude<MediaType, 'application/pdf'>; readonly text: string };

/**
 * Tells by the content what a body is; the name and the type it came with only choose between the kinds of text.
 * @throws UnreadableError for what is not accepted: binary files, broken UTF-8, HTML, SVG and XML, a single JSON document.
 */
export async function mediumOf(body: Uint8Array, declared?: string, fileName?: string): Promise<Medium> {
  const hint = hintOf(fileName, declared);
  // Its parsers are lenient: they get the beginning only, which is all that a signature needs.
  const binary = await fileTypeFromBuffer(body.subarray(0, 4_100)).catch(() => undefined);
  if (binary?.mime === 'application/pdf') return { mediaType: 'application/pdf' };
  if (binary !== undefined && !startsAsText(binary.mime)) {
    throw new UnreadableError(
      'type',
      `The content is ${binary.mime} (.${binary.ext}), which is not accepted. ${accepted}`,
    );
  }
  const text = decode(body);
  if (hint === 'application/pdf') {
    throw new UnreadableError(
      'type',
      `It is called a PDF but does not begin with %PDF-. Send the PDF itself, or its text as .txt.`,
    );
  }
  refuseMarkup(text);
  return { mediaType: hint ?? kindOf(text), text };
}

function hintOf(fileName = '', declared = ''): MediaType | undefined {
  const name = meant.find(
    ([pattern]) => fileName.includes('.') && pattern.test(fileName.slice(fileName.lastIndexOf('.'))),
  );
  // Browsers call everything they do not know octet-stream or text/plain: only what says more is believed.
  const type = meant.find(([pattern]) => pattern.test(declared.split(';')[0]!.trim()));
  return name?.[1] ?? (type?.[1] === 'text/plain' ? undefined : type?.[1]);
}

/** Signatures that are words, with which an honest text can begin as well. */
const startsAsText = (mime: string) => /^text\/|xml|rtf|mboxrd|x-ft-/.test(mime) && !/rtf/.test(mime);

/** @throws UnreadableError with the place of the first byte that is not UTF-8, or of the first NUL. */
function decode(body: Uint8Array): string {
  if (body.length >= 2 && ((body[0] === 0xff && body[1] === 0xfe) || (body[0] === 0xfe && body[1] === 0xff))) {
    throw new UnreadableError('type', 'The text is UTF-16. Save it as UTF-8 and send it again.');
  }
  const nul = body.indexOf(0);
  if (nul >= 0) {
    throw new UnreadableError(
      'type',
      `Byte ${nul + 1} is NUL, which no text holds: this is a binary file, or UTF-16. ${accepted}`,
    );
  }
  try {
    // Drops the byte order mark; a lone surrogate, as CESU-8 would write it, is no UTF-8 either.
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    const at = invalidAt(body);
    throw new UnreadableError(
      'type',
      `Byte ${at + 1} (line ${lineAt(body, at)}) is not UTF-8. Save the text as UTF-8 and send it again.`,
    );
  }
}

/** Halves what is searched: 23 decodings for 5 MB. */
function invalidAt(body: Uint8Array): number {
  let [good, bad] = [0, body.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(body.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

function lineAt(body: Uint8Array, end: number): number {
  let lines = 1;
  for (let i = 0; i < end; i++) if (body[i] === 10) lines += 1;
  return lines;
}

/** Markdown may hold tags; a text that is a page, or mostly tags, is not what a person wrote. */
function refuseMarkup(text: string): void {
  const start = text.trimStart().slice(0, 200);
  const page = /^<(?:!doctype\s+\w+|html|head|body|svg|\?xml|script|rss|feed)\b/i.exec(start);
  if (page !== null) {
    throw new UnreadableError(
      'type',
      `The text begins with ${page[0]}: HTML, SVG and XML are not accepted. Send what a reader of the page would read, as Markdown or plain text.`,
    );
  }
  const sample = text.slice(0, 200_000);
  const rest = sample.replace(/<\/?[a-z][^<>]{0,500}>/gi, ' ').replace(/\s+/g, ' ');
  // Markdown with a wall of badges or sponsors has other words too.
  if (sample.length > 200 && rest.length < sample.length / 2 && rest.length < 600) {
    throw new UnreadableError(
      'type',
      'More than half of the text is HTML tags. Send what a reader of the page would read, as Markdown or plain text.',
    );
  }
}

/** What a text looks like, when nothing says what it is meant to be. */
function kindOf(text: string): Exclude<MediaType, 'application/pdf'> {
  const lines = text
    .slice(0, 20_000)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const first = lines.slice(0, 3);
  if (
    first.length > 0 &&
    first.every((line, i) => isObject(line) || (i === first.length - 1 && i > 0 && line.startsWith('{')))
  )
    return 'application/jsonl';
  if (/^\s*[[{]/.test(text) && isDocument(text)) {
    throw new UnreadableError(
      'type',
      'This is one JSON document. Send JSON Lines: one object on each line, for example {"question":"…","answer":"…"}.',
    );
  }
  if (looksLikeCsv(lines.slice(0, 12))) return 'text/csv';
  return /^#{1,6} \S|^```|\]\(https?:|^\s*[-*] \S.*\n\s*[-*] \S|\*\*\S/m.test(text.slice(0, 20_000))
    ? 'text/markdown'
    : 'text/plain';
}

function isObject(line: string): boolean {
  if (line.length > 20_000 || !line.trimStart().startsWith('{')) return false;
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

function isDocument(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The same number of separators, at least one, on every line, and a first line of short names. */
function looksLikeCsv(lines: readonly string[]): boolean {
  if (lines.length < 3) return false;
  return [',', ';', '\t'].some((separator) => {
    const counts = lines.map((line) => line.replace(/"(?:[^"]|"")*"/g, '').split(separator).length - 1);
    const names = (lines[0] ?? '').split(separator);
    return (
      counts[0]! > 0 &&
      counts.every((count) => count === counts[0]) &&
      names.every((name) => name.length <= 40 && !/[.!?]\s/.test(name))
    );
  });
}
