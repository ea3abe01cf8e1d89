import { DEFAULT_PAGE } from '../schema/builder.ts';
import type { Direction } from '../schema/orders.ts';
import type { PageArgs } from '../schema/paging.ts';
import { all, beyond, filterSql, type OrderColumns } from './conditions.ts';
import { columnOf, cursor, object, type Piece, sql, tableName, text, written } from './json.ts';
import type { ConnectionField, EdgeField, ListPlan, PageInfoField } from './plan.ts';
import { joinOf } from './relations.ts';
import { rowJson, type Writing } from './statement.ts';

/** Which rows of a list are asked for, and what has to be known of them. */
type Page = {
  readonly alias: string;
  readonly args: PageArgs;
  /** From the end of the list; the rows come in the other direction then. */
  readonly backward: boolean;
  /** Rows at most. */
  readonly size: number;
  readonly order: OrderColumns;
  /** Whether one row more is read, to see that there is more. */
  readonly looksFurther: boolean;
};

/** A connection: a page of a relation of the parent's, or of all rows. */
export function connectionSql(writing: Writing, plan: ListPlan, parent: string | null): string {
  const { reading, fields } = plan;
  const args = plan.args(writing.variables) as PageArgs;
  const { where = {}, orderBy } = reading.query(args);
  const conditions = (alias: string) => [
    ...(reading.of && parent ? joinOf(reading.of, parent, alias) : []),
    filterSql(where, reading.table, alias, writing.parameters),
  ];
  const from = (alias: string, parts: readonly (string | undefined)[]) => {
    const condition = all(parts);
    return `from ${tableName(reading.table)} ${alias}${condition ? ` where ${condition}` : ''}`;
  };

  const alias = writing.alias();
  const backward = args.first == null && args.last != null;
  const asked = new Set(
    fields.flatMap((field) => (field.kind === 'pageInfo' ? field.fields.map(({ kind }) => kind) : [])),
  );
  const page: Page = {
    alias,
    args,
    backward,
    size: args.first ?? args.last ?? DEFAULT_PAGE,
    order: Object.entries(orderBy).map(([key, direction]) => [columnOf(reading.table, key), direction] as const),
    looksFurther: asked.has(backward ? 'hasPreviousPage' : 'hasNextPage'),
  };
  const members = object(fields, (field) => {
    if (field.kind !== 'totalCount') return pageJson(writing, field, page);
    const counted = writing.alias();
    return [sql(`(select count(*) ${from(counted, conditions(counted))})`)];
  });
  if (fields.every(({ kind }) => kind === 'totalCount' || kind === 'typename')) return `(${written(members)})`;

  const cursors = [
    args.after ? beyond(args.after, 'after', page.order, alias, writing.parameters) : undefined,
    args.before ? beyond(args.before, 'before', page.order, alias, writing.parameters) : undefined,
  ];
  const by = page.order.map(
    ([column, direction]) => `${alias}."${column.name}" ${backward ? opposite(direction) : direction}`,
  );
  const limit = page.looksFurther ? page.size + 1 : page.size;
  const chosen = `select * ${from(alias, [...conditions(alias), ...cursors])} order by ${by.join(', ')} limit ${limit}`;
  const isNumbered = backward || page.looksFurther || asked.has('startCursor') || asked.has('endCursor');
  const rows = isNumbered
    ? `select *, row_number() over () as _n, count(*) over () as _total from (${chosen}) ${alias}`
    : chosen;
  return `(select ${written(members)} from (${rows}) ${alias})`;
}

const opposite = (direction: Direction): Direction => (direction === 'asc' ? 'desc' : 'asc');

type PageField = Exclude<ConnectionField, { kind: 'totalCount' }>;

function pageJson(writing: Writing, field: PageField, page: Page): readonly Piece[] {
  switch (field.kind) {
    case 'typename':
      return [text(`"${field.name}"`)];
    case 'nodes':
      return rowsJson(page, rowJson(writing, field.row, page.alias));
    case 'edges':
      return rowsJson(
        page,
        object(field.fields, (edge) => edgeJson(writing, edge, page)),
      );
    case 'pageInfo':
      return object(field.fields, (info) => [infoJson(info, page)]);
  }
}

function rowsJson({ backward, looksFurther, size }: Page, row: readonly Piece[]): Piece[] {
  const order = backward ? ' order by _n desc' : '';
  const shown = looksFurther ? ` filter (where _n <= ${size})` : '';
  return [text('['), sql(`coalesce(string_agg(${written(row)}, ','${order})${shown}, '')`), text(']')];
}

function edgeJson(writing: Writing, edge: EdgeField, { alias, order }: Page): readonly Piece[] {
  switch (edge.kind) {
    case 'typename':
      return [text(`"${edge.name}"`)];
    case 'cursor':
      return [text('"'), sql(cursorOf(alias, order)), text('"')];
    case 'node':
      return rowJson(writing, edge.row, alias);
  }
}

function cursorOf(alias: string, order: OrderColumns): string {
  const columns = order.map(([column]) => column);
  return cursor(alias, columns);
}

/** As Pothos has it: with a cursor there is known to be something on its side. */
function infoJson(info: PageInfoField, page: Page): Piece {
  const { args, backward, size } = page;
  const hasMore = sql(`(case when count(*) > ${size} then 'true' else 'false' end)`);
  switch (info.kind) {
    case 'typename':
      return text(`"${info.name}"`);
    case 'hasNextPage':
      return args.before ? text('true') : backward ? text('false') : hasMore;
    case 'hasPreviousPage':
      return args.after ? text('true') : backward ? hasMore : text('false');
    case 'startCursor':
      return cursorAt(page, backward ? 'end' : 'front');
    case 'endCursor':
      return cursorAt(page, backward ? 'front' : 'end');
  }
}

/** The cursor of the first or last row as they were read; null for a page without rows. */
function cursorAt({ alias, order, size }: Page, place: 'front' | 'end'): Piece {
  const n = place === 'front' ? '1' : `least(${size}, _total)`;
  const found = `max(${cursorOf(alias, order)}) filter (where _n = ${n} and _n <= ${size})`;
  return sql(`coalesce('"' || ${found} || '"', 'null')`);
}
