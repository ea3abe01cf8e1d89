import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { type List, listsOf, orderOf, sqlNames } from './lists.ts';

let api: TestApi;
let sql: postgres.Sql;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
  sql = postgres(inject('seededUrl'), { max: 1 });
});
afterAll(async () => {
  await api.stop();
  await sql.end();
});

type Page = {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
};
type Walk = { field: string; order: string; direction: 'ASC' | 'DESC'; size: number; parent?: string };

function pageQuery({ field, order, direction, parent }: Walk): string {
  const list = `${field}(first: $first, last: $last, after: $after, before: $before, orderBy: { field: ${order}, direction: ${direction} }) {
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`;
  const [typeName, id] = parent?.split('/') ?? [];
  return `query($first: Int, $last: Int, $after: String, $before: String) {
    ${parent ? `node(id: "${id}") { ... on ${typeName} { ${list} } }` : list} }`;
}

async function page(walk: Walk, variables: Record<string, unknown>): Promise<Page> {
  const data = await api.data<Record<string, Record<string, Page>>>(pageQuery(walk), variables);
  return (walk.parent ? data.node![walk.field] : data[walk.field]) as Page;
}

async function forwards(walk: Walk): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const { edges, pageInfo } = await page(walk, { first: walk.size, after });
    expect(edges.length).toBeLessThanOrEqual(walk.size);
    ids.push(...edges.map(({ node }) => node.id));
    if (!pageInfo.hasNextPage) return ids;
    after = pageInfo.endCursor;
  }
}

async function backwards(walk: Walk): Promise<string[]> {
  const ids: string[] = [];
  for (let before: string | null = null; ; ) {
    const { edges, pageInfo } = await page(walk, { last: walk.size, before });
    ids.unshift(...edges.map(({ node }) => node.id));
    if (!pageInfo.hasPreviousPage) return ids;
    before = pageInfo.startCursor;
  }
}

/** What Postgres itself says the order is, as global ids. */
async function expected({ target }: List, order: string, direction: string): Promise<string[]> {
  const { table, columns } = sqlNames(target);
  const by = orderOf(target, order).columns.map((column) => `"${columns[column]}" ${direction}`);
  const key = target.primaryKey.map((column) => `"${columns[column]}"`);
  const rows = await sql.unsafe(`select ${key.join(', ')} from ${table} order by ${by.join(', ')}`).values();
  const types = target.primaryKey.map((column) => target.specs[column]!.kind);
  return rows.map((row) => {
    const values = row.map((value, index) => (types[index] === 'Int' ? Number(value) : String(value)));
    return btoa(`${target.name}:${values.length === 1 ? values[0] : JSON.stringify(values)}`);
  });
}

const lists = listsOf('Query');

test('there are lists of everything', () => {
  expect(lists.map(({ field }) => field)).toMatchSnapshot();
});

test.each(
  lists,
)('$field: pages in every order hold every row once, in that order, forwards and backwards', async (list) => {
  for (const order of list.orders) {
    for (const direction of ['ASC', 'DESC'] as const) {
      const whole = await expected(list, order, direction);
      expect(whole.length).toBeGreaterThan(1);
      const size = fc.sample(fc.integer({ min: 3, max: Math.max(4, Math.ceil(whole.length / 2)) }), 1)[0]!;
      const walk = { field: list.field, order, direction, size };
      expect(await forwards(walk), `${order} ${direction} by ${size}`).toEqual(whole);
      expect(await backwards(walk), `${order} ${direction} by ${size}, backwards`).toEqual(whole);
    }
  }
});

test('any page size gives the same list, ties included', async () => {
  const list = lists.find(({ field }) => field === 'contributions')!;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(...list.orders),
      fc.constantFrom('ASC' as const, 'DESC' as const),
      async (size, order, direction) => {
        const walk = { field: 'contributions', order, direction, size };
        const whole = await expected(list, order, direction);
        expect(await forwards(walk)).toEqual(whole);
        expect(await backwards(walk)).toEqual(whole);
      },
    ),
    { numRuns: 12 },
  );
});

test.each([
  'Account',
  'Datanet',
  'Contribution',
  'Model',
  'AttributionBatch',
  'Inference',
  'Proposal',
  'Token',
  'PublishedToken',
  'PublishedProposal',
  'PublishedStaking',
])('the lists inside a %s page the same way, and count what they hold', async (typeName) => {
  const plural = lists.find(({ target }) => target.name === typeName)!.field;
  const { nodes } = await api
    .data<Record<string, { nodes: { id: string }[] }>>(`{ ${plural}(first: 2) { nodes { id } } }`)
    .then((data) => data[plural]!);
  for (const { id } of nodes) {
    for (const list of listsOf(typeName)) {
      const { totalCount } = await api
        .data<{ node: Record<string, { totalCount: number }> }>(
          `{ node(id: "${id}") { ... on ${typeName} { ${list.field} { totalCount } } } }`,
        )
        .then(({ node }) => node[list.field]!);
      for (const order of list.orders) {
        const walk = { field: list.field, order, direction: 'ASC' as const, size: 7, parent: `${typeName}/${id}` };
        const ascending = await forwards(walk);
        expect(new Set(ascending).size, `${typeName}.${list.field} by ${order}`).toBe(totalCount);
        expect(await backwards(walk)).toEqual(ascending);
        expect(await forwards({ ...walk, direction: 'DESC' })).toEqual(ascending.toReversed());
      }
    }
  }
});
