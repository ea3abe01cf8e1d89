import { getNamedType, isObjectType } from 'graphql';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { allEntities } from '../src/schema/entity.ts';
import { schema } from '../src/schema/index.ts';
import { startApi, type TestApi } from './client.ts';
import { listsOf } from './lists.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
});
afterAll(() => api.stop());

/** Every field of a type that takes no arguments and holds a value: what a client can read of a row itself. */
function scalarsOf(typeName: string): string {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${typeName} is no object type`);
  return Object.values(type.getFields())
    .filter((field) => field.args.length === 0 && !isObjectType(getNamedType(field.type)) && field.name !== 'target')
    .map(({ name }) => name)
    .join(' ');
}

/** The to-one relations of a type, each with the id of what is there. */
function relationsOf(typeName: string): string {
  const type = schema.getType(typeName);
  if (!isObjectType(type)) return '';
  return Object.values(type.getFields())
    .filter(
      ({ type: of, args }) => args.length === 0 && allEntities().some(({ name }) => name === getNamedType(of).name),
    )
    .map(({ name }) => `${name} { id }`)
    .join(' ');
}

const lists = listsOf('Query');

test('every table of the chain schema is a node with a list of its own', () => {
  const listed = new Set(lists.map(({ target }) => target.name));
  expect(allEntities().filter(({ name }) => !listed.has(name))).toEqual([]);
});

test.each(lists)('a $target.name is found again by its id, with every field and relation the same', async ({
  field,
  target,
}) => {
  const selection = `__typename ${scalarsOf(target.name)} ${relationsOf(target.name)}`;
  const listed = await api.data<Record<string, { nodes: Record<string, unknown>[] }>>(
    `{ ${field}(first: 5) { nodes { ${selection} } } }`,
  );
  const rows = listed[field]!.nodes;
  expect(rows.length).toBeGreaterThan(1);
  const found = await api.data<{ nodes: unknown[] }>(
    `query($ids: [ID!]!) { nodes(ids: $ids) { ... on ${target.name} { ${selection} } } }`,
    { ids: rows.map(({ id }) => id) },
  );
  expect(found.nodes).toEqual(rows);
  const one = await api.data<{ node: unknown }>(
    `query($id: ID!) { node(id: $id) { ... on ${target.name} { ${selection} } } }`,
    { id: rows[0]!.id },
  );
  expect(one.node).toEqual(rows[0]);
});

test('ids of different types come back in the order asked for, with null where nothing is', async () => {
  const ids = ['Model:1', 'Datanet:99', 'Datanet:2', 'DatanetVersion:["2",1]', 'Datanet:2'].map((id) => btoa(id));
  const { nodes } = await api.data<{ nodes: unknown }>(
    `query($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Datanet { name } ... on Model { name } ... on DatanetVersion { version } } }`,
    { ids },
  );
  expect(nodes).toEqual([
    { __typename: 'Model', name: 'Licence helper' },
    null,
    { __typename: 'Datanet', name: 'Node manuals' },
    { __typename: 'DatanetVersion', version: 1 },
    { __typename: 'Datanet', name: 'Node manuals' },
  ]);
  // One statement for each type, however many ids.
  expect(api.statements().slice(-3)).toHaveLength(3);
});
