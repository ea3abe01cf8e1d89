import { readFile } from 'node:fs/promises';
import * as chain from '@openledger/db/chain';
import { is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, printSchema } from 'graphql';
import { expect, test } from 'vitest';
import { allEntities } from '../src/schema/entity.ts';
import { schema } from '../src/schema/index.ts';

test('schema.graphql is the schema that is served: `npm run -w api schema` writes it', async () => {
  expect(await readFile(new URL('../schema.graphql', import.meta.url), 'utf8')).toBe(`${printSchema(schema)}\n`);
});

test('every type, field, argument and enum value says what it is', () => {
  const silent: string[] = [];
  const check = (name: string, description: string | null | undefined) => {
    if (!description?.trim()) silent.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    check(type.name, type.description);
    if (isEnumType(type)) {
      for (const value of type.getValues()) check(`${type.name}.${value.name}`, value.description);
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) check(`${type.name}.${field.name}`, field.description);
    } else if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        check(`${type.name}.${field.name}`, field.description);
        for (const argument of field.args) check(`${type.name}.${field.name}(${argument.name})`, argument.description);
      }
    }
  }
  expect(silent).toEqual([]);
});

test('every table of the chain schema is served: as a type, or as rollups', () => {
  const tables = Object.entries(chain).flatMap(([name, value]) => (is(value, PgTable) ? [name] : []));
  expect(tables.sort()).toEqual(Object.keys(chain.chainTables).sort());
  const served = new Set<string>(allEntities().map(({ table }) => table));
  expect(tables.filter((name) => !served.has(name) && !/^(protocol|datanet|model)(Hour|Day)$/.test(name))).toEqual([]);
});

test('every relation of the chain schema is a field, but for those that rollups use', () => {
  const missing = allEntities().flatMap(({ table, relations }) =>
    Object.keys(chain.chainRelations[table].relations)
      .filter((name) => !relations.includes(name) && name !== 'hourRows' && name !== 'dayRows')
      .map((name) => `${table}.${name}`),
  );
  expect(missing).toEqual([]);
});
