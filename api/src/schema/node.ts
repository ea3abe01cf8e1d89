import { chainTables } from '@openledger/db/chain';
import { decodeBase64 } from '@pothos/core';
import { getSchemaConfig, queryFromInfo } from '@pothos/plugin-drizzle';
import { type Column, getColumns } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { GraphQLResolveInfo } from 'graphql';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import { builder, MAX_PAGE } from './builder.ts';
import { allEntities, type Entity } from './entity.ts';

type Key = Record<string, unknown>;
type Wanted = { readonly entity: Entity; readonly key: Key };

/** Reads a global id: base64 of `Type:key`, the key a value or a JSON array of values. Throws BAD_USER_INPUT. */
export function parseGlobalId(id: string): Wanted {
  const wrong = badInput(`"${id.slice(0, 100)}" is not an id of this API: take it from the id field of a row.`);
  let decoded: string;
  try {
    decoded = decodeBase64(id);
  } catch {
    throw wrong;
  }
  const [, typename, rest] = /^([A-Za-z]+):(.+)$/s.exec(decoded) ?? [];
  const entity = allEntities().find(({ name }) => name === typename);
  if (!entity || rest === undefined) throw wrong;

  const columns: Readonly<Record<string, Column>> = getColumns(chainTables[entity.table] as PgTable);
  let values: unknown;
  try {
    values = entity.primaryKey.length === 1 ? [rest] : JSON.parse(rest);
  } catch {
    throw wrong;
  }
  if (!Array.isArray(values) || values.length !== entity.primaryKey.length) throw wrong;
  const key: Key = {};
  entity.primaryKey.forEach((name, index) => {
    const value = keyPart(columns[name]!, values[index]);
    if (value === undefined) throw wrong;
    key[name] = value;
  });
  return { entity, key };
}

function keyPart(column: Column, value: unknown): unknown {
  const text = String(value);
  if (column.dataType.startsWith('bigint')) {
    const fits = column.getSQLType() === 'bigint' ? /^\d{1,18}$/ : /^\d{1,78}$/;
    return fits.test(text) ? BigInt(text) : undefined;
  }
  if (column.dataType.startsWith('number')) return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
  return typeof value === 'string' && !value.includes('\0') ? value : undefined;
}

/** The rows behind global ids, null where there is none: one query for each type among them. */
async function loadNodes(ids: readonly string[], context: ApiContext, info: GraphQLResolveInfo): Promise<unknown[]> {
  const wanted = ids.map(parseGlobalId);
  const queries = context.db.query as unknown as Record<string, { findMany(query: object): Promise<Key[]> }>;
  const rowsByType = new Map(
    await Promise.all(
      [...new Set(wanted.map(({ entity }) => entity))].map(async (entity) => {
        const keys = wanted.filter((other) => other.entity === entity).map(({ key }) => key);
        const query = queryFromInfo({ config: getSchemaConfig(builder), context, info, typeName: entity.name });
        const rows = await queries[entity.table]!.findMany({ ...query, where: { OR: keys } });
        return [entity, rows] as const;
      }),
    ),
  );
  return wanted.map(({ entity, key }) => {
    const found = rowsByType
      .get(entity)!
      .find((row) => entity.primaryKey.every((column) => row[column] === key[column]));
    return found ? { ...found, __typename: entity.name } : null;
  });
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'Whatever has this id; null when nothing has it any more.',
    args: { id: t.arg.id({ required: true, description: 'An id from the id field of a row.' }) },
    resolve: async (_root, { id }, context, info) => (await loadNodes([String(id)], context, info))[0] as never,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'What has these ids, in their order; null in the place of ids that nothing has.',
    complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    args: {
      ids: t.arg.idList({ required: true, description: `Ids from the id fields of rows, at most ${MAX_PAGE}.` }),
    },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > MAX_PAGE)
        throw badInput(`ids has ${ids.length} ids; at most ${MAX_PAGE} are looked up at once.`);
      return loadNodes(ids.map(String), context, info) as never;
    },
  }),
}));
