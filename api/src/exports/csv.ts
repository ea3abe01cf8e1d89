import { stringify } from 'csv-stringify/sync';
import { type Cell, type ExportColumn, shownTime } from './columns.ts';
import type { Encoder } from './formats.ts';

const NOTHING = Buffer.alloc(0);

/** What a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * RFC 4180: a header, CRLF, quotes where needed. Null is an empty field, empty text a quoted one. Text that a spreadsheet
 * would take for a formula gets an apostrophe in front; numbers never do.
 */
export function csv(columns: readonly ExportColumn[]): Encoder {
  const lines = (rows: readonly (readonly (string | null)[])[]) =>
    Buffer.from(stringify(rows as string[][], { record_delimiter: '\r\n', quoted_match: /^$/ }));
  return {
    start: () => lines([columns.map(({ name }) => name)]),
    rows: (rows) =>
      rows.length === 0 ? NOTHING : lines(rows.map((row) => columns.map((column) => shown(column, row[column.name]!)))),
    end: () => NOTHING,
  };
}

function shown({ kind }: ExportColumn, cell: Cell): string | null {
  if (cell === null) return null;
  if (kind === 'time') return shownTime(cell as string);
  const text = String(cell);
  return (kind === 'text' || kind === 'json') && FORMULA.test(text) ? `'${text}` : text;
}
