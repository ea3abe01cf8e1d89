import { chainTables } from '@openledger/db/chain';
import { type Column, getColumns } from 'drizzle-orm';
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core';
import type { ColumnSpec } from '../schema/columns.ts';
import type { TableName } from '../schema/orders.ts';

/**
 * JSON written by Postgres as text: pieces that are joined with `||`, about twice as fast as `json_build_object`. A piece is
 * either text that stands in the answer as it is, or an SQL expression that is never null.
 */
export type Piece = { readonly text: string } | { readonly sql: string };

export const text = (value: string): Piece => ({ text: value });
export const sql = (expression: string): Piece => ({ sql: expression });

/** Arguments of a Postgres function at most, less one. */
const MAX_ARGUMENTS = 99;

/** The pieces, none of them null, as one expression of type text; `format` writes them into one buffer. */
export function written(pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let template = '';
  let values: string[] = [];
  const close = () => {
    if (values.length > 0) parts.push(`format(${literal(template)}, ${values.join(', ')})`);
    else if (template !== '') parts.push(literal(template.replaceAll('%%', '%')));
    template = '';
    values = [];
  };
  for (const piece of pieces) {
    if ('text' in piece) template += piece.text.replaceAll('%', '%%');
    else {
      template += '%s';
      values.push(piece.sql);
      if (values.length === MAX_ARGUMENTS) close();
    }
  }
  close();
  return parts.length === 0 ? "''" : parts.join(' || ');
}

/** The pieces as one expression of type text that is null when one of them is. */
export function joined(pieces: readonly Piece[]): string {
  const parts: string[] = [];
  let constant = '';
  for (const piece of pieces) {
    if ('text' in piece) constant += piece.text;
    else {
      // A text to begin with makes every `||` one of texts.
      if (constant !== '' || parts.length === 0) parts.push(literal(constant));
      constant = '';
      parts.push(piece.sql);
    }
  }
  if (constant !== '' || parts.length === 0) parts.push(literal(constant));
  return parts.join(' || ');
}

/** `{"a":…,"b":…}` of members in their order. */
export function object<Member extends { readonly key: string }>(
  members: readonly Member[],
  write: (member: Member) => readonly Piece[],
): Piece[] {
  const pieces: Piece[] = members.flatMap((member, index) => [
    text(`${index === 0 ? '{' : ','}"${member.key}":`),
    ...write(member),
  ]);
  return [...pieces, text('}')];
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

const names = new Map<TableName, string>();

export function tableName(table: TableName): string {
  let name = names.get(table);
  if (name === undefined) {
    name = `"chain"."${getTableConfig(chainTables[table] as PgTable).name}"`;
    names.set(table, name);
  }
  return name;
}

const columnsOf = new Map<TableName, Readonly<Record<string, Column>>>();

export function columnOf(table: TableName, key: string): Column {
  let columns = columnsOf.get(table);
  if (!columns) {
    columns = getColumns(chainTables[table] as PgTable);
    columnsOf.set(table, columns);
  }
  const column = columns[key];
  if (!column) throw new Error(`${table} has no column ${key}`);
  return column;
}

/** A column as its scalar shows it. */
export function columnJson(alias: string, column: Column, spec: ColumnSpec): Piece[] {
  const at = `${alias}."${column.name}"`;
  const pieces = shown(at, spec);
  if (spec.zeroIsNull) return [sql(`(case when ${at} = 0 then 'null' else ${joined(pieces)} end)`)];
  return column.notNull ? pieces : [sql(`coalesce(${joined(pieces)}, 'null')`)];
}

const quote = text('"');

function shown(at: string, spec: ColumnSpec): Piece[] {
  switch (spec.kind) {
    case 'BigInt':
    // Hex digits and event ids need no escapes.
    case 'Address':
    case 'Bytes32':
    case 'Hex':
    case 'EventId':
      return [quote, sql(at), quote];
    case 'Int':
      return [sql(at)];
    case 'Boolean':
      return [sql(`(case when ${at} then 'true' else 'false' end)`)];
    case 'DateTime':
      return [quote, sql(time(at)), quote];
    case 'Enum':
      // The words of a status are ASCII; a locale's rules cost more.
      return [quote, sql(`upper(${at} collate "C")`), quote];
    case 'Text':
    case 'Name':
      return [sql(`to_json(${at})::text`)];
    case 'JSON':
      return [sql(`${at}::text`)];
  }
}

/** Unix seconds as the DateTime scalar shows them: years of more than four digits with a sign, and an end in 275,760. */
function time(at: string): string {
  const moment = (seconds: string) => `to_timestamp(${seconds}) at time zone 'UTC'`;
  const far = moment(`least(${at}, 8640000000000)`);
  // Null is not as far, and stays null.
  return (
    `(case when ${at} >= 253402300800 ` +
    `then '+' || lpad(to_char(${far}, 'YYYY'), 6, '0') || to_char(${far}, '-MM-DD"T"HH24:MI:SS"Z"') ` +
    `else to_char(${moment(at)}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') end)`
  );
}

/** Unix seconds in JSON. */
export function timeJson(at: string): Piece[] {
  return [quote, sql(time(at)), quote];
}

/** A count in JSON, as the BigInt scalar shows it. */
export function bigIntJson(at: string): Piece[] {
  return [quote, sql(at), quote];
}

const isBigInt = (column: Column) => column.dataType.startsWith('bigint');
const isNumber = (column: Column) => column.dataType.startsWith('number');

/** A row's id across the whole API: base64 of `Type:key`, as Pothos writes it. */
export function globalId(alias: string, typeName: string, columns: readonly Column[]): Piece[] {
  const [only, ...more] = columns;
  const at = (column: Column) => `${alias}."${column.name}"`;
  const pieces = [text(`${typeName}:`)];
  if (more.length === 0) pieces.push(sql(`${at(only!)}::text`));
  else {
    columns.forEach((column, index) => {
      pieces.push(text(index === 0 ? '[' : ','));
      if (isBigInt(column)) pieces.push(quote, sql(at(column)), quote);
      else pieces.push(isNumber(column) ? sql(at(column)) : sql(`to_json(${at(column)})::text`));
    });
    pieces.push(text(']'));
  }
  return [quote, sql(base64(joined(pieces))), quote];
}

/** Where a row stands in an order, as Pothos writes it: each value with its type's letter. An expression, unquoted. */
export function cursor(alias: string, columns: readonly Column[]): string {
  const chunk = (column: Column) =>
    `'${isBigInt(column) ? 'I' : isNumber(column) ? 'N' : column.dataType === 'boolean' ? 'O' : 'S'}:' || ${alias}."${column.name}"`;
  const [only, ...more] = columns;
  if (more.length === 0) return base64(`'DC:' || ${chunk(only!)}`);
  const parts = columns.map((column) =>
    isBigInt(column) || isNumber(column) ? `'"' || ${chunk(column)} || '"'` : `to_json(${chunk(column)})::text`,
  );
  return base64(`'DC:T:[' || ${parts.join(` || ',' || `)} || ']'`);
}

/** Postgres breaks base64 into lines. */
function base64(expression: string): string {
  return `translate(encode(convert_to(${expression}, 'UTF8'), 'base64'), E'\\n', '')`;
}
