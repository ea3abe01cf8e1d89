import { type BasicType, ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { type Cell, type ExportColumn, type Kind, milliseconds, type Row } from './columns.ts';
import type { Encoder, Provenance } from './formats.ts';

/** A row group closes at either. */
const GROUP_ROWS = 5_000;
const GROUP_CHARACTERS = 4_000_000;

const types: Record<Kind, BasicType> = {
  text: 'STRING',
  json: 'STRING',
  // Parquet's decimals end at 38 digits; 256 bits need 78.
  uint256: 'STRING',
  decimal: 'STRING',
  int64: 'INT64',
  int32: 'INT32',
  time: 'TIMESTAMP',
  boolean: 'BOOLEAN',
};

/** Parquet, Snappy, in row groups of at most 5,000 rows; where it is from stands in its key-value metadata. */
export function parquet(columns: readonly ExportColumn[], provenance: Provenance): Encoder {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaFromColumnData({
      columnData: columns.map(({ name, kind, nullable }) => ({ name, data: [], type: types[kind], nullable })),
    }),
    createdBy: 'openledger',
    kvMetadata: Object.entries(provenance).map(([key, value]) => ({ key: `openledger.${key}`, value })),
  });
  let group: Row[] = [];
  let characters = 0;

  /** What was written since the last time; the writer begins its buffer anew and keeps counting. */
  const taken = () => {
    const part = Buffer.from(bytes.getBytes());
    bytes.index = 0;
    return part;
  };
  const close = () => {
    if (group.length === 0) return;
    writer.write({
      columnData: columns.map((column) => ({
        name: column.name,
        data: group.map((row) => value(column, row[column.name]!)),
        offsetIndex: false,
      })),
      rowGroupSize: group.length,
    });
    group = [];
    characters = 0;
  };
  return {
    start: taken,
    rows: (rows) => {
      for (const row of rows) {
        group.push(row);
        for (const { name } of columns) {
          const cell = row[name];
          characters += typeof cell === 'string' ? cell.length : 8;
        }
        if (group.length >= GROUP_ROWS || characters >= GROUP_CHARACTERS) close();
      }
      return taken();
    },
    end: () => {
      close();
      writer.finish();
      return taken();
    },
  };
}

function value({ kind }: ExportColumn, cell: Cell): unknown {
  if (cell === null) return null;
  if (kind === 'int64') return BigInt(cell as string);
  return kind === 'time' ? milliseconds(cell as string) : cell;
}
