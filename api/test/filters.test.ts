import fc from 'fast-check';
import { type GraphQLInputObjectType, getNamedType, isEnumType, isListType } from 'graphql';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { schema } from '../src/schema/index.ts';
import { startApi, type TestApi } from './client.ts';
import { listsOf } from './lists.ts';
import { address, world } from './world.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
});
afterAll(() => api.stop());

const contributions = world().contribution;

async function found(filter: string): Promise<string[]> {
  const { contributions: list } = await api.data<{
    contributions: { totalCount: number; nodes: { contributionId: string }[] };
  }>(`{ contributions(first: 100, filter: ${filter}, orderBy: { field: CONTRIBUTION_ID, direction: ASC }) {
    totalCount nodes { contributionId } } }`);
  expect(list.totalCount).toBe(list.nodes.length);
  return list.nodes.map(({ contributionId }) => contributionId);
}

type Row = (typeof contributions)[number];
const OPEN = 10n ** 18n;
const cases: [filter: string, matches: (row: Row) => boolean][] = [
  ['{}', () => true],
  ['{ status: { eq: ACCEPTED } }', ({ status }) => status === 'accepted'],
  ['{ status: { not: ACCEPTED } }', ({ status }) => status !== 'accepted'],
  ['{ status: { in: [REJECTED, REVOKED] } }', ({ status }) => status === 'rejected' || status === 'revoked'],
  ['{ status: { in: [] } }', () => false],
  ['{ contributionId: { in: [1, "2", 99] } }', ({ id }) => id === 1n || id === 2n],
  [
    `{ attributed: { gt: "${OPEN}", lte: "${3n * OPEN}" } }`,
    ({ attributed }) => attributed > OPEN && attributed <= 3n * OPEN,
  ],
  ['{ attributed: { lt: 1 } }', ({ attributed }) => attributed === 0n],
  ['{ rowCount: { gte: 50 } }', ({ rows }) => rows >= 50n],
  [`{ contributorAddress: { eq: "${address(2)}" } }`, ({ contributor }) => contributor === address(2)],
  [
    `{ contributorAddress: { eq: "${address(10).toUpperCase().replace('0X', '0x')}" } }`,
    ({ contributor }) => contributor === address(10),
  ],
  ['{ reason: { isNull: true } }', ({ reason }) => reason === null],
  ['{ reason: { isNull: false } }', ({ reason }) => reason !== null],
  [
    '{ attributionCount: { eq: 2 }, datanetId: { eq: 1 } }',
    ({ attributions, datanetId }) => attributions === 2 && datanetId === 1n,
  ],
  [
    '{ or: [{ datanetId: { eq: 1 } }, { and: [{ datanetId: { eq: 2 } }, { status: { eq: PENDING } }] }] }',
    ({ datanetId, status }) => datanetId === 1n || (datanetId === 2n && status === 'pending'),
  ],
  [
    '{ not: { or: [{ datanetId: { eq: 1 } }, { status: { eq: PENDING } }] } }',
    ({ datanetId, status }) => datanetId !== 1n && status !== 'pending',
  ],
  ['{ createdAt: { lt: "2026-09-21T14:16:42Z" } }', ({ createdAt }) => createdAt < 1_790_000_202n],
];

test.each(cases)('filter %s', async (filter, matches) => {
  const expected = contributions.filter(matches).map(({ id }) => id.toString());
  expect(await found(filter)).toEqual(expected);
});

test('names are searched in any case, and % and _ mean themselves', async () => {
  const search = async (contains: string) => {
    const data = await api.data<{ datanets: { nodes: { name: string }[] } }>(
      'query($contains: String!) { datanets(filter: { name: { contains: $contains } }) { nodes { name } } }',
      { contains },
    );
    return data.datanets.nodes.map(({ name }) => name);
  };
  expect(await search('LICEN')).toEqual(['Licences']);
  expect(await search('0%_S')).toEqual(['100%_sure']);
  expect(await search('%')).toEqual(['100%_sure']);
  expect(await search('\\')).toEqual([]);
});

test('a list inside a row filters, counts and orders within that row only', async () => {
  const data = await api.data<{
    datanet: { contributions: { totalCount: number; nodes: { contributionId: string }[] } };
  }>(
    `{ datanet(id: 2) { contributions(filter: { status: { eq: ACCEPTED } }, first: 3, orderBy: { field: ATTRIBUTED, direction: DESC }) {
      totalCount nodes { contributionId } } } }`,
  );
  const accepted = contributions
    .filter(({ datanetId, status }) => datanetId === 2n && status === 'accepted')
    .sort((a, b) => (a.attributed === b.attributed ? Number(b.id - a.id) : b.attributed > a.attributed ? 1 : -1));
  expect(data.datanet.contributions).toEqual({
    totalCount: accepted.length,
    nodes: accepted.slice(0, 3).map(({ id }) => ({ contributionId: id.toString() })),
  });
});

/** Any value that a client could send for an input type: right, at the edge, or wrong. */
function anyValue(typeName: string): fc.Arbitrary<unknown> {
  const type = schema.getType(typeName);
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  switch (typeName) {
    case 'Boolean':
      return fc.boolean();
    case 'Int':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'BigInt':
      return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String), fc.integer({ min: -5, max: 5 }));
    case 'DateTime':
      return fc
        .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
        .map((date) => `${date.toISOString().slice(0, 19)}Z`);
    case 'Address':
      return fc.integer({ min: 0, max: 20 }).map(address);
    case 'Bytes32':
      return fc.integer({ min: 0, max: 20 }).map((n) => `0x${n.toString(16).padStart(64, '0')}`);
    default:
      return fc.string({ unit: 'binary' });
  }
}

function anyFilter(filterName: string): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.values((schema.getType(filterName) as GraphQLInputObjectType).getFields());
  const leaf = fc.constantFrom(...fields.filter(({ name }) => !['and', 'or', 'not'].includes(name))).chain((field) => {
    const operators = Object.values((getNamedType(field.type) as GraphQLInputObjectType).getFields());
    return fc.constantFrom(...operators).chain((operator) => {
      const value = anyValue(getNamedType(operator.type).name);
      const given = isListType(operator.type) ? fc.array(value, { maxLength: 4 }) : value;
      return given.map((operand) => ({ [field.name]: { [operator.name]: operand } }) as Record<string, unknown>);
    });
  });
  const { tree } = fc.letrec<{ tree: Record<string, unknown> }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.record({ and: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ or: fc.array(tie('tree'), { maxLength: 3 }) }),
      fc.record({ not: tie('tree') }),
      fc.constant({}),
    ),
  }));
  return tree;
}

test('no filter a client can write breaks the server: it answers or says what is wrong', async () => {
  const lists = listsOf('Query');
  await fc.assert(
    fc.asyncProperty(
      fc
        .constantFrom(...lists)
        .chain((list) => anyFilter(`${list.target.name}Filter`).map((filter) => ({ list, filter }))),
      async ({ list, filter }) => {
        const { status, errors } = await api.ask(
          `query($filter: ${list.target.name}Filter) { ${list.field}(first: 1, filter: $filter) { totalCount nodes { id } } }`,
          { filter },
        );
        expect(status).toBeLessThan(500);
        for (const error of errors ?? []) expect(error.extensions.code, error.message).toBe('BAD_USER_INPUT');
      },
    ),
    { numRuns: 400 },
  );
});
