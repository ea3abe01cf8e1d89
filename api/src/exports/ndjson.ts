import { type Cell, type ExportColumn, shownTime } from './columns.ts';
import type { Encoder } from './formats.ts';

const NOTHING = Buffer.alloc(0);

/** One JSON object for each row and line; integers that JavaScript could not hold are strings of digits. */
export function ndjson(columns: readonly ExportColumn[]): Encoder {
  const names = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  return {
    start: () => NOTHING,
    rows: (rows) =>
      Buffer.from(
        rows
          .map((row) => `{${columns.map((column, n) => names[n] + value(column, row[column.name]!)).join(',')}}\n`)
          .join(''),
      ),
    end: () => NOTHING,
  };
}

function value({ kind }: ExportColumn, cell: Cell): string {
  if (cell === null) return 'null';
  if (kind === 'json') return String(cell);
  return JSON.stringify(kind === 'time' ? shownTime(cell as string) : cell);
}
