import { Client, cacheExchange, fetchExchange, gql } from '@urql/core';
import { expect, inject, test } from 'vitest';

const client = new Client({
  url: `${inject('apiUrl')}/graphql`,
  exchanges: [cacheExchange, fetchExchange],
  preferGetMethod: false,
});

const Page = gql<
  {
    contributions: {
      totalCount: number;
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
      nodes: { id: string; contributionId: string; attributed: string; contributor: { address: string } }[];
    };
  },
  { first: number; after?: string | null; status: string[] }
>`
  query Page($first: Int!, $after: String, $status: [ContributionStatus!]) {
    contributions(
      first: $first
      after: $after
      filter: { status: { in: $status } }
      orderBy: { field: ATTRIBUTED, direction: DESC }
    ) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { id contributionId attributed contributor { address } }
    }
  }
`;

test('urql reads a whole list page by page, by its variables', async () => {
  const variables = { first: 7, status: ['ACCEPTED', 'REJECTED'] };
  const seen: { contributionId: string; attributed: string }[] = [];
  let after: string | null = null;
  let total = 0;
  do {
    const { data, error } = await client.query(Page, { ...variables, after }).toPromise();
    expect(error).toBeUndefined();
    const { nodes, pageInfo, totalCount }: NonNullable<typeof data>['contributions'] = data!.contributions;
    seen.push(...nodes);
    total = totalCount;
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after !== null);

  expect(seen).toHaveLength(total);
  expect(total).toBeGreaterThan(2 * variables.first);
  expect(new Set(seen.map(({ contributionId }) => contributionId)).size).toBe(total);
  const amounts = seen.map(({ attributed }) => BigInt(attributed));
  expect(amounts).toEqual([...amounts].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
});

test('urql answers the same page again from its cache', async () => {
  const variables = { first: 3, status: ['PENDING'] };
  const first = await client.query(Page, variables).toPromise();
  const again = await client.query(Page, variables, { requestPolicy: 'cache-only' }).toPromise();
  expect(again.data).toEqual(first.data);
});

test('urql shows one row by its id, and null where there is none', async () => {
  const Detail = gql`
    query Detail($id: BigInt!) {
      contribution(id: $id) { contributionId datanet { name } scores { totalCount nodes { score } } }
    }
  `;
  const { data } = await client.query(Detail, { id: '2' }).toPromise();
  expect(data.contribution).toMatchObject({
    contributionId: '2',
    datanet: { name: 'Node manuals' },
    scores: { totalCount: 2 },
  });
  expect((await client.query(Detail, { id: '999999' }).toPromise()).data).toEqual({ contribution: null });
});

test('urql gets errors with the code to branch on', async () => {
  const { data, error } = await client.query(Page, { first: 1000, status: [] }).toPromise();
  expect(data).toBeFalsy();
  expect(error?.networkError).toBeUndefined();
  expect(error?.graphQLErrors.map(({ message, extensions }) => ({ message, code: extensions.code }))).toEqual([
    {
      code: 'BAD_USER_INPUT',
      message: 'contributions: first is 1000, over the maximum of 100 rows a page: continue with after or before.',
    },
  ]);
});
