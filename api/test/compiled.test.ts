import fc from 'fast-check';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { operations } from './operations.ts';
import { seed } from './seed.ts';

const RUNS = 200;

// An operation is resolved the first time and answered with one statement from then on: nobody may notice the difference.

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
});
afterAll(() => api.stop());

/** What was read of the index: other things are asked now and then, whoever asks. */
const reads = () => api.statements().filter((text) => text.includes('"chain".') || isOne.test(text));
const isOne = /^select (\(|coalesce\()/;
const isCompiled = (statements: readonly string[]) => statements.length === 1 && isOne.test(statements[0]!);

/** When a budget is full again changes by the second. */
const unclocked = (answer: object) => JSON.parse(JSON.stringify(answer).replace(/"resetAt":"[^"]*"/g, '"resetAt":""'));

async function twice(query: string, variables: Record<string, unknown> = {}) {
  const resolved = await api.ask(query, variables);
  api.statements();
  const again = await api.ask(query, variables);
  return { resolved, again, compiled: isCompiled(reads()) };
}

test('generated operations are answered as the resolvers answer them', async () => {
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(operations(), async (query) => {
      const { resolved, again, compiled } = await twice(query);
      // Filters can be too large, and of a row asked for twice in different ways the resolvers cannot always read the second.
      if (resolved.errors) failed += 1;
      else {
        expect(unclocked(again)).toEqual(unclocked(resolved));
        expect(compiled).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
  expect(failed).toBeLessThan(RUNS / 10);
});

/** What pages ask, and the one statement that answers each. */
const pages: Record<string, string> = {
  'a list with its count': '{ contributions(first: 5) { totalCount nodes { contributionId status createdAt } } }',
  'rows with what they point at':
    '{ contributions(first: 5) { nodes { id contributionId contributor { address eventCount } datanet { name owner { address } } } } }',
  'lists inside lists': `{ datanets(first: 3) { nodes { name contributions(first: 4, orderBy: { field: ATTRIBUTED, direction: DESC }) { totalCount
      nodes { scores(first: 2) { nodes { score validator { address } } } } } rollups(interval: DAY) { bucket submitted } } } }`,
  'a page from the end': `{ inferences(last: 2, filter: { attributionStatus: { eq: FINAL }, not: { modelId: { in: ["3", "4"] } } }) {
      edges { cursor node { requestId } } pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } }`,
  'one row': '{ datanet(id: 1) { name } }',
  'a condition of the relation': `{ account(address: "0x0000000000000000000000000000000000000009") {
      relayedContributions(first: 2) { nodes { contributionId } } } }`,
};

test.each(Object.entries(pages))('%s is read by one statement', async (_what, query) => {
  await api.data(query);
  api.statements();
  await api.data(query);
  expect(reads()).toMatchSnapshot();
});

const walk = `query Walk($first: Int, $last: Int, $after: String, $before: String, $filter: ContributionFilter, $orderBy: [ContributionOrder!]) {
  contributions(first: $first, last: $last, after: $after, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount edges { cursor node { contributionId attributed } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

test('variables choose pages, orders and filters as they do for resolvers', async () => {
  const orders = [
    { field: 'ATTRIBUTED', direction: 'ASC' },
    { field: 'UPDATED_AT', direction: 'DESC' },
  ];
  const first = (await api.data(walk, { first: 3, orderBy: orders })) as unknown as Walked;
  const { endCursor, startCursor } = first.contributions.pageInfo;
  const given: Record<string, unknown>[] = [
    { first: 3, orderBy: orders, after: endCursor },
    { first: 3, orderBy: orders, after: endCursor, filter: null },
    { last: 2, orderBy: orders, before: endCursor },
    { first: 9, orderBy: orders, after: startCursor, before: endCursor },
    { first: 3, after: 'REM6STo1' },
    {
      first: 3,
      filter: { status: { in: ['ACCEPTED', 'PENDING'] }, or: [{ datanetId: { eq: 1 } }, { rowCount: { gte: '2' } }] },
    },
    { first: 3, filter: { status: { in: ['ACCEPTED'] }, or: [{ datanetId: { eq: 2 } }, { rowCount: { gte: '2' } }] } },
    { first: 3, filter: { decidedAt: { isNull: true } } },
    { first: 3, filter: { decidedAt: { isNull: false }, updatedAt: { gt: '2026-09-21T00:00:00Z' } } },
    // Wrong ones are refused in the same words.
    { first: 101 },
    { first: -1 },
    { first: 1, last: 1 },
    { first: 1, after: endCursor },
    { first: 1, after: 'nonsense' },
    { first: 1, filter: { status: null } },
    { first: 1, filter: { uri: { eq: 'a\0b' } } },
    { first: 1, filter: { createdBlock: { eq: `${2n ** 64n}` } } },
    { first: 1, filter: { or: [] } },
    { first: 1, filter: { datanetId: { in: Array.from({ length: 501 }, (_, n) => n) } } },
    { first: '1' },
    { first: 1, filter: { nothing: 1 } },
  ];
  // One that is always asked something new, and so always resolves.
  const other = await startApi(inject('seededUrl'));
  for (const variables of given) {
    const expected = await other.ask(`${walk} # ${given.indexOf(variables)}`, variables);
    for (const _ of [1, 2]) expect(unclocked(await api.ask(walk, variables))).toEqual(unclocked(expected));
  }
  await other.stop();
});

type Walked = { contributions: { pageInfo: { endCursor: string; startCursor: string } } };

test('an answer is labelled as that of the resolvers is', async () => {
  const headersOf = async (headers: Record<string, string>) => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: `{ datanet(id: 2) { name } } # ${JSON.stringify(headers)}` }),
    });
    await response.text();
    const {
      date,
      ratelimit,
      etag,
      'cache-control': cache,
      'keep-alive': alive,
      connection,
      ...others
    } = Object.fromEntries(response.headers);
    return others;
  };
  for (const headers of [
    {},
    { origin: 'https://elsewhere.example' },
    { accept: 'application/json' },
    { accept: 'application/graphql-response+json' },
  ]) {
    const resolved = await headersOf(headers);
    expect(await headersOf(headers)).toEqual(resolved);
  }
});

test('who asks again is told when nothing has changed, and gets the answer when something has', async () => {
  const own = await ownDatabase();
  const sql = postgres(own.url, { max: 1 });
  const api = await startApi(own.url);
  const query = '{ datanets(first: 1) { nodes { name } } }';
  await api.data(query);
  const get = (tag?: string) =>
    fetch(`${api.url}/graphql?query=${encodeURIComponent(query)}`, { headers: tag ? { 'if-none-match': tag } : {} });
  const first = await get();
  const tag = first.headers.get('etag')!;
  expect(tag).toMatch(/^W\/"0x0{64}-\d+-[\w-]{27}"$/);
  expect(first.headers.get('cache-control')).toBe('no-cache');
  const again = await get(tag);
  expect({ status: again.status, body: await again.text(), tag: again.headers.get('etag') }).toEqual({
    status: 304,
    body: '',
    tag,
  });
  const posted = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'if-none-match': `"other", ${tag.slice(2)}` },
    body: JSON.stringify({ query }),
  });
  expect(posted.status).toBe(304);

  // A block of the same number and time in the place of another has other transactions.
  const [newest] = await sql`select id, tx_hash from chain.activity order by id desc limit 1`;
  await sql`update chain.activity set tx_hash = ${`0x${'9'.repeat(64)}`} where id = ${newest!.id}`;
  await expect.poll(async () => (await get(tag)).status).toBe(200);
  await sql`update chain.activity set tx_hash = ${newest!.tx_hash} where id = ${newest!.id}`;
  // And going back is a state of its own: in between, something may have been read that is gone.
  await expect.poll(async () => (await get()).headers.get('etag')).not.toBe((await get(tag)).headers.get('etag'));
  expect((await get(tag)).status).toBe(200);
  await api.stop();
  await sql.end();
  await own.drop();
});

test('what is not of the index alone has no tag', async () => {
  const query = '{ _meta { block } datanets(first: 1) { nodes { name } } }';
  await api.data(query);
  const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent(query)}`);
  expect([response.headers.get('etag'), response.headers.get('cache-control')]).toEqual([null, 'private, no-store']);
});

/** A copy of the seeded world that may be changed. */
async function ownDatabase() {
  const admin = postgres(inject('emptyUrl'), { max: 1 });
  const name = `compiled_${process.pid}`;
  await admin.unsafe(`create database ${name}`);
  const url = new URL(inject('emptyUrl'));
  url.pathname = `/${name}`;
  await seed(url.href);
  return {
    url: url.href,
    drop: async () => {
      await admin.unsafe(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}
