import { csvRows } from './csv.ts';
import { UnreadableError } from './finding.ts';
import { jsonlRows, tooManyRows } from './jsonl.ts';
import { mediumOf } from './media.ts';
import { pdfRows } from './pdf.ts';
import { markdownRows, plainRows } from './plain.ts';
import type { Reading } from './row.ts';
import { bounds } from './rules.ts';

const readers = {
  'text/plain': plainRows,
  'text/markdown': markdownRows,
  'application/jsonl': jsonlRows,
  'text/csv': csvRows,
};

/**
 * Reads a body into rows.
 * @param declared the media type it came with
 * @throws UnreadableError, whose finding tells the contributor what is wrong, where, and what would be right
 */
export async function readBody(body: Uint8Array, declared?: string, fileName?: string): Promise<Reading> {
  if (body.length === 0) throw new UnreadableError('size', 'The file is empty.');
  if (body.length > bounds.bytes) {
    throw new UnreadableError(
      'size',
      `The file has ${body.length.toLocaleString('en')} bytes; at most ${bounds.bytes.toLocaleString('en')} are taken. Split it and send the parts one by one.`,
    );
  }
  const medium = await mediumOf(body, declared, fileName);
  const rows = medium.mediaType === 'application/pdf' ? await pdfRows(body) : readers[medium.mediaType](medium.text);
  if (rows.length === 0) throw new UnreadableError('reading', 'The file holds no text: every line or record is empty.');
  if (rows.length > bounds.rows) throw tooManyRows();
  return { mediaType: medium.mediaType, rows };
}
