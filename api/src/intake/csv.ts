import { CsvError, parse } from 'csv-parse/sync';
import { rowOfFields } from './fields.ts';
import { UnreadableError } from './finding.ts';
import { tooManyRows } from './jsonl.ts';
import type { Row } from './row.ts';
import { bounds } from './rules.ts';

const separators = [',', ';', '\t', '|'];

/**
 * Reads CSV with a first line of column names (RFC 4180); the separator is the one that its first line has most of.
 * @throws UnreadableError naming the line with an open quote or another number of columns, and for too many columns
 */
export function csvRows(text: string): readonly Row[] {
  const header = /^[^\r\n]*/.exec(text)![0];
  const bare = header.replace(/"[^"]*"/g, '');
  const counts = separators.map((separator) => bare.split(separator).length);
  const most = Math.max(...counts);
  if (most > bounds.columns) {
    throw new UnreadableError(
      'reading',
      `Line 1 has ${most.toLocaleString('en')} columns; at most ${bounds.columns} are read.`,
    );
  }
  const records = parseRecords(text, separators[counts.indexOf(most)]!);
  const names = records[0]?.record ?? [];
  if (records.length < 2) {
    throw new UnreadableError(
      'reading',
      'The file has a line of column names and nothing below it, or nothing at all. Write one record on each line below the names.',
    );
  }
  if (records.length > bounds.rows + 1) throw tooManyRows();
  const rows: Row[] = [];
  for (const { record, line } of records.slice(1)) {
    const row = rowOfFields(
      record.map((value, i) => [names[i] ?? '', value] as const),
      line,
    );
    if (row !== undefined) rows.push(row);
  }
  return rows;
}

function parseRecords(text: string, delimiter: string): readonly { record: readonly string[]; line: number }[] {
  const lines: number[] = [];
  try {
    const records = parse(text, {
      delimiter,
      bom: true,
      skip_empty_lines: true,
      max_record_size: bounds.record,
      to: bounds.rows + 2,
      // Where a record begins: the end of the one before it.
      on_record: (record: string[], { lines: line }) => {
        lines.push(line);
        return record;
      },
    }) as string[][];
    return records.map((record, i) => ({ record, line: lines[i] ?? i + 1 }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = Number(error.lines ?? 0);
    throw new UnreadableError(
      'reading',
      `${explain(error.code, line)} (Looked for “${delimiter === '\t' ? 'tab' : delimiter}” between the columns.)`,
    );
  }
}

function explain(code: string, line: number): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED')
    return `The quote opened on or before line ${line} is never closed. Close it, or double it if it belongs to the text: "".`;
  if (code === 'INVALID_OPENING_QUOTE' || code === 'CSV_INVALID_CLOSING_QUOTE')
    return `Line ${line} has a quote in the middle of a value. Put the whole value in quotes and double those inside: "".`;
  if (code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' || code === 'CSV_RECORD_INCONSISTENT_COLUMNS') {
    return `Line ${line} has another number of columns than line 1. Put values that hold the separator in quotes.`;
  }
  if (code === 'CSV_MAX_RECORD_SIZE')
    return `The record at line ${line} is longer than ${bounds.record.toLocaleString('en')} characters. Look for a quote that is not closed.`;
  return `Line ${line} is not CSV (${code}).`;
}
