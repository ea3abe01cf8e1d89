import { type SQL, sql } from 'drizzle-orm';
import { bucketOf, type Frame, within } from '../frame.ts';
import { isId, type Source, when } from './source.ts';

type Table = 'protocol' | 'datanet' | 'model';
/** What to add up of each row of a rollup: arithmetic over its columns. */
type Sum = { readonly n: string; readonly d?: string };

const keys = { protocol: undefined, datanet: 'datanet_id', model: 'model_id' } as const;

/** Sums of a rollup: the whole protocol's without groups, else by datanet or by model. */
export function rollup(table: Table, { n, d }: Sum): Source {
  return (frame) => sql`select ${bucketOf(frame, sql`r.bucket`)} as i, ${keyOf(table)} as g,
    (${sql.raw(n)})::numeric as n, ${d === undefined ? sql`null::numeric` : sql`(${sql.raw(d)})::numeric`} as d
    from ${from(table, frame)} where ${within(frame, sql`r.bucket`)}${narrowed(table, frame)}`;
}

/** Second differences: what a bucket has, less twice what the one before had, plus what the one before that had. */
export function secondDifference(table: Table, column: string): Source {
  return (frame) => sql`select ${bucketOf(frame, sql`r.bucket`, 2)} + w.later as i, ${keyOf(table)} as g,
    r.${sql.raw(column)}::numeric * w.weight as n, null::numeric as d
    from ${from(table, frame)} cross join (values (0, 1), (1, -2), (2, 1)) as w(later, weight)
    where ${within(frame, sql`r.bucket`, 2)}${narrowed(table, frame)}`;
}

function from(table: Table, { grain }: Frame): SQL {
  return sql.raw(`chain.${table}_${grain} r`);
}

function keyOf(table: Table): SQL {
  const key = keys[table];
  return key === undefined ? sql`null::text` : sql.raw(`r.${key}::text`);
}

function narrowed(table: Table, { narrowed: { datanetId, modelId } }: Frame): SQL {
  if (table === 'datanet') return when(datanetId, isId(sql`r.datanet_id`));
  if (table === 'model') return when(modelId, isId(sql`r.model_id`));
  return sql``;
}
