import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
});
afterAll(() => api.stop());

const list = (args: string) => `{ contributions(${args}) { nodes { id } } }`;
/** What a client sends wrong, and what it is told. */
const wrong: Record<string, string | [query: string, variables: Record<string, unknown>]> = {
  'GraphQL that does not parse': '{ datanets { ',
  'a field that is not there': '{ datanets { nodes { foo } } }',
  'no query at all': '',
  'an oversized page': list('first: 500'),
  'an oversized last page': list('last: 101'),
  'an oversized page inside a row': '{ datanet(id: 1) { contributions(first: 101) { nodes { id } } } }',
  'a negative page': list('first: -1'),
  'both ends': list('first: 1, last: 1'),
  'a cursor that is none': list('after: "zzz"'),
  'a cursor of another order': list(`after: "${btoa('DC:I:2')}", orderBy: { field: SCORE }`),
  'a cursor with a value that is none': list(`after: "${btoa('DC:S:abc')}"`),
  'a cursor with half a value': list(`after: "${btoa('DC:I:1x')}"`),
  'an order without an index': list('orderBy: { field: BOND }'),
  'an id that is none': '{ node(id: "abc") { id } }',
  'an id of no type': `{ node(id: "${btoa('Nothing:1')}") { id } }`,
  'an id with a key that is none': `{ node(id: "${btoa('Datanet:one')}") { id } }`,
  'an id with half a key': `{ node(id: "${btoa('DatanetVersion:["1"]')}") { id } }`,
  'too many ids': ['query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array(101).fill(btoa('Datanet:1')) }],
  'a number that is none': '{ datanet(id: "one") { id } }',
  'a negative number': '{ datanet(id: -1) { id } }',
  'a number above 2^256−1': `{ datanet(id: "${2n ** 256n}") { id } }`,
  'a fraction': ['query($id: BigInt!) { datanet(id: $id) { id } }', { id: 1.5 }],
  'a number that JavaScript rounded': ['query($id: BigInt!) { datanet(id: $id) { id } }', { id: 2 ** 60 }],
  'an object for a number': ['query($id: BigInt!) { datanet(id: $id) { id } }', { id: {} }],
  'a variable left out': 'query($id: BigInt!) { datanet(id: $id) { id } }',
  'a block number that cannot be': list('filter: { createdBlock: { gt: "99999999999999999999999" } }'),
  'an address that is none': '{ account(address: "0x12") { address } }',
  'a hash that is none': '{ inference(requestId: "0x12") { fee } }',
  'a time that is none': list('filter: { createdAt: { gt: "yesterday" } }'),
  'a time that cannot be': list('filter: { createdAt: { gt: "2026-13-01T00:00:00Z" } }'),
  'a time with parts of a second': list('filter: { createdAt: { gt: "2026-01-01T00:00:00.5Z" } }'),
  'a null condition': '{ datanets(filter: { name: { eq: null } }) { nodes { id } } }',
  'no alternative': '{ datanets(filter: { or: [] }) { nodes { id } } }',
  'too long a list': [
    'query($ids: [BigInt!]) { datanets(filter: { datanetId: { in: $ids } }) { nodes { id } } }',
    { ids: Array(501).fill('1') },
  ],
  'a character that no text holds': [
    'query($name: String) { datanets(filter: { name: { eq: $name } }) { nodes { id } } }',
    { name: 'a\0b' },
  ],
  'a range that ends before it begins':
    '{ protocolRollups(interval: DAY, from: "2026-02-01T00:00:00Z", to: "2026-01-01T00:00:00Z") { bucket } }',
  'rows times rows times rows':
    '{ datanets(first: 100) { nodes { contributions(first: 100) { nodes { scores(first: 100) { nodes { score } } } } } } }',
  'too deep': `{ datanets { nodes ${'{ owner { datanets { nodes '.repeat(5)} { name } ${'} } }'.repeat(5)} } }`,
  'too many aliases': `{ ${Array.from({ length: 61 }, (_, n) => `a${n}: _meta { ready }`).join(' ')} }`,
  'too many directives': `{ _meta { ${Array.from({ length: 31 }, (_, n) => `a${n}: ready @include(if: true)`).join(' ')} } }`,
  'a subscription to nothing': 'subscription { activity @include(if: false) { cursor } }',
  'too long a document': `{ ${'_meta { ready } '.repeat(800)} }`,
  'a mutation that is not there': 'mutation { nothing }',
};

test.each(Object.entries(wrong))('%s', async (_what, given) => {
  const [query, variables] = typeof given === 'string' ? [given, undefined] : given;
  const { status, errors } = await api.ask(query, variables);
  expect(status).toBeLessThan(500);
  expect(errors).toBeDefined();
  expect(
    errors!.map(({ message, path, extensions }) => ({ code: extensions.code, message, ...(path && { path }) })),
  ).toMatchSnapshot();
});

test('what is not there is null, not an error', async () => {
  expect(
    await api.data(`{
      datanet(id: 999) { id }
      node(id: "${btoa('Datanet:999')}") { id }
      account(address: "0x00000000000000000000000000000000000000ff") { address }
      datanetVersion(datanetId: 1, version: 99) { dataRoot }
    }`),
  ).toEqual({ datanet: null, node: null, account: null, datanetVersion: null });
});

test('a body over the limit is refused with the limit', async () => {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __typename }', variables: { filler: 'x'.repeat(100_000) } }),
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchSnapshot();
});

test('GET takes queries too', async () => {
  const response = await fetch(`${api.url}/graphql?query=${encodeURIComponent('{ datanet(id: 1) { name } }')}`);
  expect(await response.json()).toMatchObject({ data: { datanet: { name: 'Licences' } } });
});
