import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { listsOf, orderOf, sqlNames } from './lists.ts';

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

type Key = { field: string; direction: 'ASC' | 'DESC' };
type Page = {
  nodes: { id: string }[];
  pageInfo: Record<'hasNextPage' | 'hasPreviousPage', boolean> & Record<'startCursor' | 'endCursor', string>;
};

const list = listsOf('Query').find(({ field }) => field === 'contributions')!;
const keys = fc.uniqueArray(
  fc.record({ field: fc.constantFrom(...list.orders), direction: fc.constantFrom('ASC' as const, 'DESC' as const) }),
  { selector: ({ field }) => field, minLength: 1, maxLength: 3 },
);

async function walk(orderBy: Key[], size: number, end: 'first' | 'last'): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { contributions } = await api.data<{ contributions: Page }>(
      `query($orderBy: [ContributionOrder!], $first: Int, $last: Int, $after: String, $before: String) {
        contributions(orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
          nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
      { orderBy, [end]: size, [end === 'first' ? 'after' : 'before']: cursor },
    );
    const { nodes, pageInfo } = contributions;
    const page = nodes.map(({ id }) => id);
    if (end === 'first') ids.push(...page);
    else ids.unshift(...page);
    const more = end === 'first' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
    cursor = more ? (end === 'first' ? pageInfo.endCursor : pageInfo.startCursor) : undefined;
  } while (cursor !== undefined);
  return ids;
}

test('a list by several keys, each its own way, pages through every row once, forwards and backwards', async () => {
  const { table, columns } = sqlNames(list.target);
  await fc.assert(
    fc.asyncProperty(keys, fc.integer({ min: 3, max: 60 }), async (orderBy, size) => {
      const by = orderBy.map(
        ({ field, direction }) => `"${columns[orderOf(list.target, field).columns[0]!]}" ${direction}`,
      );
      const tie = `"id" ${orderBy.at(-1)!.direction}`;
      const rows = await sql.unsafe<{ key: string }[]>(
        `select id::text as key from ${table} order by ${[...by, tie].join(', ')}`,
      );
      const whole = rows.map(({ key }) => btoa(`Contribution:${key}`));
      expect(await walk(orderBy, size, 'first')).toEqual(whole);
      expect(await walk(orderBy, size, 'last')).toEqual(whole);
    }),
    { numRuns: 25 },
  );
});

const refused: Record<string, [orderBy: string, message: string]> = {
  'the same key twice': [
    '[{ field: SCORE }, { field: SCORE, direction: ASC }]',
    'contributions: orderBy names SCORE twice: once is enough.',
  ],
  'too many keys': [
    '[{ field: SCORE }, { field: ROW_COUNT }, { field: ATTRIBUTED }, { field: UPDATED_AT }]',
    'contributions: orderBy has 4 keys; at most 3 are taken.',
  ],
};

test.each(Object.entries(refused))('%s is refused', async (_what, [orderBy, message]) => {
  const { errors } = await api.ask(`{ contributions(orderBy: ${orderBy}) { nodes { id } } }`);
  expect(errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
});

test('a cursor goes on in the order that gave it, and in no other', async () => {
  const { contributions } = await api.data<{ contributions: Page }>(
    '{ contributions(first: 1, orderBy: [{ field: SCORE }, { field: ATTRIBUTED }]) { nodes { id } pageInfo { endCursor } } }',
  );
  const { errors } = await api.ask(
    `{ contributions(first: 1, after: "${contributions.pageInfo.endCursor}", orderBy: { field: SCORE }) { nodes { id } } }`,
  );
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
});
