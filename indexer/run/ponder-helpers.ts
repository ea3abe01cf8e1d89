// What the patched parts of Ponder call. Ponder's own types are not to be had there, so these are the least they need.

type LogFilter = { topic0?: string | readonly string[] | null | undefined };

/**
 * Finds, for a log's first topic, the filters that can match it, in their order; whether one does is still to be asked.
 * Every event of every contract is a filter of its own, well over a hundred, and each log was held against each of them.
 */
export const byTopic = <item>(items: readonly item[], filterOf: (item: item) => LogFilter) => {
  const found = new Map<string | undefined, readonly item[]>();
  return (topic: string | null | undefined): readonly item[] => {
    const key = topic?.toLowerCase();
    let matching = found.get(key);
    if (matching === undefined) {
      matching = items.filter((item) => {
        const wanted = filterOf(item).topic0;
        if (wanted === null || wanted === undefined) return true;
        return key !== undefined && (typeof wanted === 'string' ? wanted === key : wanted.includes(key));
      });
      found.set(key, matching);
    }
    return matching;
  };
};

type Value = string | number | bigint | null;
type Column = { getSQLType(): string };
type Connection = { query(text: string, values: readonly string[]): Promise<unknown> };

/**
 * Inserts rows of Ponder's cache that are not there yet, as one array for each column. Ponder would make a parameter of
 * every single value, and spend more on building that statement than on fetching the rows.
 */
export const insertRows = async (
  connection: Connection,
  table: string,
  columns: Readonly<Record<string, Column>>,
  rows: readonly Readonly<Record<string, Value>>[],
): Promise<void> => {
  const names = Object.keys(columns);
  const list = names.map((name) => `"${snakeCase(name)}"`).join(', ');
  const arrays = names.map((name, i) => `$${i + 1}::${baseType((columns[name] as Column).getSQLType())}[]`).join(', ');
  await connection.query(
    `insert into ponder_sync.${table} (${list}) select * from unnest(${arrays}) on conflict do nothing`,
    names.map((name) => arrayText(rows.map((row) => row[name] ?? null))),
  );
};

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** Without a length: the table's own is checked when the value is put there. */
const baseType = (type: string) => type.replace(/\(.*\)/, '');

/** A Postgres array literal. */
export const arrayText = (values: readonly Value[]): string => `{${values.map(elementText).join(',')}}`;

const elementText = (value: Value): string => {
  if (value === null) return 'NULL';
  if (typeof value !== 'string') return String(value);
  return `"${value.includes('"') || value.includes('\\') ? value.replace(/[\\"]/g, '\\$&') : value}"`;
};
