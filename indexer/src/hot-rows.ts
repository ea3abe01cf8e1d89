import type { Context } from 'ponder:registry';

type Db = Context['db'];
type Row = Record<string, unknown>;
type Change = Row | ((row: Row) => Row);
type Column = {
  name: string;
  primary: boolean;
  mapToDriverValue(value: unknown): unknown;
  mapFromDriverValue(value: unknown): unknown;
};

/** Ponder's store as it is used here, without what its types say of each table. */
type Store = {
  find(table: object, key: Row): Promise<Row | null>;
  insert(table: object): { values(values: Row | Row[]): PromiseLike<Row> & Inserting };
  update(table: object, key: Row): { set(change: Change): Promise<Row> };
  delete(table: object, key: Row): Promise<boolean>;
  sql: unknown;
};
type Inserting = {
  onConflictDoUpdate(change: Change): Promise<Row>;
  onConflictDoNothing(): Promise<Row | null>;
};

/** Under this name a row that the store hands out gives the row that stands in the store's write buffer. */
const buffered = Symbol.for('ponder:copyOnWrite');

/**
 * Ponder's store with a short memory: a row that was just written is changed in place from then on, which costs a
 * twentieth of what the store takes. A dense block writes the same few dozen rows (totals, accounts, models) for each of
 * its events.
 *
 * It rests on how ponder 0.16 writes: `insert` and `update` put one object for each row into a buffer, and a flush
 * writes that object as it is by then. So changing it after the store put it there, and before the flush, is the same as
 * another `update`. A row that was only read is not in the buffer, and is not remembered.
 *
 * **Nothing is remembered over a flush.** What empties the buffer (the end of a batch or block, a failed event that is
 * rolled back and tried again, a reorganisation, a query of ours through `sql`) waits for the database before the next
 * handler runs, and so lets the event loop turn; the memory is gone at its next turn, and at once when `sql` is touched.
 * Should the store hand out rows that do not show their buffered object, nothing is remembered, and every write goes the
 * long way.
 *
 * A row that is returned is the buffered one itself: to be read, not written to.
 */
export const withHotRows = (db: Db): Db => {
  const known = memories.get(db);
  if (known !== undefined) return known;
  const hot = remembering(db as unknown as Store) as unknown as Db;
  memories.set(db, hot);
  return hot;
};

const memories = new WeakMap<object, Db>();

/** What is known of a table, and its rows that were written since the event loop last turned. */
type Hot = { key: readonly string[]; columns: Readonly<Record<string, Column>>; rows: Map<unknown, Row> };

const remembering = (store: Store): Store => {
  const tables = new Map<object, Hot>();
  let isForgetting = false;
  const forget = () => {
    isForgetting = false;
    for (const { rows } of tables.values()) rows.clear();
  };
  const hotOf = (table: object): Hot => {
    const known = tables.get(table);
    if (known !== undefined) return known;
    const hot = { ...describe(table), rows: new Map() };
    tables.set(table, hot);
    return hot;
  };
  const remember = <row extends Row | null>(hot: Hot, row: row): row => {
    const inBuffer = row === null ? undefined : (row as { [buffered]?: Row })[buffered];
    if (inBuffer === undefined || hot.key.length === 0) return row;
    hot.rows.set(keyOf(hot, inBuffer), inBuffer);
    if (!isForgetting) {
      isForgetting = true;
      setImmediate(forget);
    }
    return row;
  };
  /** The row with the change in it; `undefined` when the store has to do it. */
  const changed = (hot: Hot, row: Row | undefined, change: Change): Row | undefined => {
    if (row === undefined) return undefined;
    const set = typeof change === 'function' ? change(row) : change;
    // Whether that is allowed is the store's to say.
    if (hot.key.some((name) => set[name] !== undefined)) return undefined;
    for (const name in set) {
      if (set[name] !== undefined) row[name] = normal(hot.columns[name], set[name]);
    }
    return row;
  };

  return {
    find: async (table, key) => {
      const hot = hotOf(table);
      return hot.rows.get(keyOf(hot, key)) ?? store.find(table, key);
    },
    update: (table, key) => ({
      set: async (change) => {
        const hot = hotOf(table);
        const row = changed(hot, hot.rows.get(keyOf(hot, key)), change);
        return row ?? remember(hot, await store.update(table, key).set(change));
      },
    }),
    insert: (table) => ({
      values: (values) => {
        const inserting = () => store.insert(table).values(values);
        if (Array.isArray(values)) return inserting();
        const hot = hotOf(table);
        const inserted = async () => remember(hot, await inserting());
        return {
          onConflictDoUpdate: async (change) => {
            const row = changed(hot, hot.rows.get(keyOf(hot, values)), change);
            return row ?? remember(hot, await inserting().onConflictDoUpdate(change));
          },
          onConflictDoNothing: async () => remember(hot, await inserting().onConflictDoNothing()),
          // biome-ignore lint/suspicious/noThenProperty: an insert is awaited as it stands, as Ponder's own is.
          then: (done, failed) => inserted().then(done, failed),
        };
      },
    }),
    delete: async (table, key) => {
      forget();
      return store.delete(table, key);
    },
    get sql() {
      forget();
      return store.sql;
    },
  };
};

const keyOf = ({ key }: Hot, values: Row): unknown => {
  if (key.length === 1) return values[key[0] as string];
  let joined = '';
  for (const name of key) joined += `${values[name]}_`;
  return joined;
};

/** A value as the store would keep it: only text, hex and JSON come in more than one form. */
const normal = (column: Column | undefined, value: unknown): unknown => {
  if (column === undefined || value === null || (typeof value !== 'string' && typeof value !== 'object')) return value;
  return column.mapFromDriverValue(column.mapToDriverValue(value));
};

const kindOf = Symbol.for('drizzle:entityKind');
const columnsOf = Symbol.for('drizzle:Columns');
const extrasOf = Symbol.for('drizzle:ExtraConfigBuilder');
const extraColumnsOf = Symbol.for('drizzle:ExtraConfigColumns');
type Table = {
  [columnsOf]: Record<string, Column>;
  [extrasOf]?: (columns: unknown) => Record<string, { constructor: { [kindOf]?: string }; columns?: Column[] }>;
  [extraColumnsOf]?: unknown;
};

/** The primary key's columns, by their names here, and all columns. */
const describe = (table: object): Pick<Hot, 'key' | 'columns'> => {
  const { [columnsOf]: columns, [extrasOf]: extras, [extraColumnsOf]: extraColumns } = table as Table;
  const builders = Object.values(extras?.(extraColumns) ?? {});
  const composite = builders.find((builder) => builder.constructor[kindOf] === 'PgPrimaryKeyBuilder')?.columns;
  const isKey = ({ primary, name }: Column) => composite?.some((column) => column.name === name) ?? primary;
  return { key: Object.keys(columns).filter((name) => isKey(columns[name] as Column)), columns };
};
