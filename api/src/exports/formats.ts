import type { ExportColumn, Row } from './columns.ts';
import { csv } from './csv.ts';
import { ndjson } from './ndjson.ts';
import { parquet } from './parquet.ts';

/** Where an export's rows are from. */
export type Provenance = Readonly<Record<string, string>>;

/** Turns rows into bytes, batch by batch, so that no file is ever held whole. */
export type Encoder = {
  readonly start: () => Buffer;
  /** Of a batch; may keep rows back until there are enough. */
  readonly rows: (rows: readonly Row[]) => Buffer;
  readonly end: () => Buffer;
};

export type FormatSpec = {
  readonly type: string;
  readonly encoder: (columns: readonly ExportColumn[], provenance: Provenance) => Encoder;
};

export const formats = {
  csv: { type: 'text/csv; charset=utf-8; header=present', encoder: csv },
  ndjson: { type: 'application/x-ndjson', encoder: ndjson },
  parquet: { type: 'application/vnd.apache.parquet', encoder: parquet },
} as const satisfies Record<string, FormatSpec>;
export type Format = keyof typeof formats;
