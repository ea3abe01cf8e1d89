import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { post, type Reply, send } from './raw.ts';

/** Both as they are by default, and closed: introspection and suggestions off. */
let api: TestApi;
let closed: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
  closed = await startApi(inject('seededUrl'), { introspection: false, suggestions: false });
});
afterAll(() => Promise.all([api.stop(), closed.stop()]));

const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n)).join(' ');
const ask = (query: string, variables?: object) => post(api.url, { query, variables });
const nested = (depth: number) =>
  `{ datanets { nodes ${'{ owner { datanets { nodes '.repeat(depth)}{ name }${' } } }'.repeat(depth)} } }`;

type Probe = { readonly send: () => Promise<Reply>; readonly status: number; readonly code: string };

/** What an attacker sends, and how it is refused. */
const probes: Record<string, Probe> = {
  'a thousand aliases': {
    send: () => ask(`{ ${many(700, (n) => `a${n}: _meta { ready }`)} }`),
    status: 200,
    code: 'GRAPHQL_PARSE_FAILED',
  },
  'as many aliases as fit': {
    send: () => ask(`{ _meta { ${many(900, (n) => `a${n}: ready`)} } }`),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
  'directives without end': {
    send: () => ask(`{ _meta { ready ${many(700, (n) => `@d${n}`)} } }`),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
  'one field again and again': {
    send: () => ask(`{ _meta { ${many(2500, () => 'ready')} } }`),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
  'one field again and again, from fragments of fragments': {
    send: () =>
      ask(
        `{ _meta { ...f0 } } ${many(12, (n) => `fragment f${n} on Meta { ${n === 11 ? 'ready' : `...f${n + 1} ...f${n + 1}`} }`)}`,
      ),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
  'fragments in a circle': {
    send: () => ask('{ _meta { ...a } } fragment a on Meta { ready ...b } fragment b on Meta { block ...a }'),
    status: 200,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a fragment that spreads itself in every field': {
    send: () => ask('{ datanets { nodes { ...d } } } fragment d on Datanet { owner { datanets { nodes { ...d } } } }'),
    status: 200,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a batch': {
    send: () => post(api.url, Array(100).fill({ query: '{ _meta { ready } }' })),
    status: 400,
    code: 'BAD_REQUEST',
  },
  'introspection where it is off': {
    send: () => post(closed.url, { query: '{ __schema { types { name fields { name } } } }' }),
    status: 200,
    code: 'INTROSPECTION_OFF',
  },
  'introspection over and over': {
    send: () => ask(`{ ${many(20, (n) => `s${n}: __schema { types { name } }`)} }`),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
  'names to be guessed where suggestions are off': {
    send: () => post(closed.url, { query: '{ datanet(id: 1) { nam } accountz { id } }' }),
    status: 200,
    code: 'GRAPHQL_VALIDATION_FAILED',
  },
  'a mutation by GET': {
    send: () => send(`${api.url}/graphql?query=${encodeURIComponent('mutation { signOut }')}`, { method: 'GET' }),
    status: 405,
    code: 'BAD_REQUEST',
  },
  'a form of another site': {
    send: () =>
      send(`${api.url}/graphql`, {
        headers: { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://evil.example' },
        body: `query=${encodeURIComponent('mutation { signOut }')}`,
      }),
    status: 403,
    code: 'CSRF_REFUSED',
  },
  'a page of another site with a visitor’s cookie': {
    send: () =>
      post(
        api.url,
        { query: '{ me { address } }' },
        { cookie: `openledger_session=ols_${'a'.repeat(43)}`, origin: 'https://evil.example' },
      ),
    status: 403,
    code: 'CSRF_REFUSED',
  },
  'a body that says it is too large': {
    send: () => post(api.url, { query: '{ _meta { ready } }', variables: { filler: 'x'.repeat(200_000) } }),
    status: 413,
    code: 'REQUEST_ENTITY_TOO_LARGE',
  },
  'a body that does not say how large it is': {
    send: () =>
      send(`${api.url}/graphql`, {
        headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
        chunks: [
          '{"query":"{ _meta { ready } }","variables":{"filler":"',
          ...Array(20).fill('x'.repeat(10_000)),
          '"}}',
        ],
      }),
    status: 413,
    code: 'REQUEST_ENTITY_TOO_LARGE',
  },
  'nesting as deep as a document can': { send: () => ask(nested(250)), status: 200, code: 'QUERY_TOO_COMPLEX' },
  'nesting a little too deep': { send: () => ask(nested(6)), status: 200, code: 'QUERY_TOO_COMPLEX' },
  'variables that nest without end': {
    send: () =>
      post(
        api.url,
        `{"query":"query($f: DatanetFilter) { datanets(filter: $f) { totalCount } }","variables":{"f":${'{"not":'.repeat(10_000)}{}${'}'.repeat(10_000)}}}`,
      ),
    status: 400,
    code: 'BAD_USER_INPUT',
  },
  'a pattern made to be slow': {
    send: () =>
      ask('query($t: String!) { datanets(filter: { name: { contains: $t } }) { totalCount } }', {
        t: '%_'.repeat(2000),
      }),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  'a thousand alternatives in a filter': {
    send: () =>
      ask('query($f: [DatanetFilter!]) { datanets(filter: { or: $f }) { totalCount } }', {
        f: Array.from({ length: 1000 }, (_, n) => ({ name: { eq: `${n}` } })),
      }),
    status: 200,
    code: 'BAD_USER_INPUT',
  },
  'text looked for in a hundred ways on the largest page': {
    send: () =>
      ask('query($f: [DatanetFilter!]) { datanets(filter: { or: $f }) { totalCount } }', {
        f: Array.from({ length: 1000 }, (_, n) => ({ name: { contains: `${n}` } })),
      }),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
  'rows times rows times rows': {
    send: () =>
      ask(
        '{ datanets(first: 100) { nodes { contributions(first: 100) { nodes { scores(first: 100) { nodes { score } } } } } } }',
      ),
    status: 200,
    code: 'QUERY_TOO_COMPLEX',
  },
};

describe.each(Object.entries(probes))('%s', (_what, probe) => {
  test('is refused with its code, and tells nothing of what is inside', async () => {
    const { status, code, body } = await probe.send();
    expect({ status, code }).toEqual({ status: probe.status, code: probe.code });
    expect(body).not.toMatch(/node_modules|\.ts:\d|select |Did you mean/i);
  });

  test('holds nobody up: while it is sent in a loop, others are answered', async () => {
    let over = false;
    let sent = 0;
    const loop = async () => {
      while (!over) {
        await probe.send();
        sent += 1;
      }
    };
    const loops = [loop(), loop(), loop(), loop()];
    const answers = [];
    for (let n = 0; n < 10; n += 1) answers.push(await api.ask('{ datanet(id: 1) { name } }'));
    over = true;
    await Promise.all(loops);
    expect(sent).toBeGreaterThan(0);
    for (const { data } of answers) expect(data).toEqual({ datanet: { name: 'Licences' } });
  });
});

test('text that is a pattern elsewhere is only text here', async () => {
  const found = async (contains: string) =>
    (
      await api.data<{ datanets: { nodes: { name: string }[] } }>(
        'query($contains: String!) { datanets(filter: { name: { contains: $contains } }) { nodes { name } } }',
        { contains },
      )
    ).datanets.nodes.map(({ name }) => name);
  expect(await found('%_sure')).toEqual(['100%_sure']);
  expect(await found('(a+)+$')).toEqual([]);
  expect(await found('%')).toEqual(['100%_sure']);
  expect(await found('_'.repeat(100))).toEqual([]);
});

test('a body that does not say how large it is, and is not too large, is read', async () => {
  const { status, body } = await send(`${api.url}/graphql`, {
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    chunks: ['{"query":"{ datanet', '(id: 1) { name } }"}'],
  });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ data: { datanet: { name: 'Licences' } } });
});

const hash = 'a'.repeat(64);
test.each([
  'null',
  '5',
  '"text"',
  '[]',
  '{}',
  '{"query":5}',
  `{"query":5,"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${hash}"}}}`,
  '{"query":"{ _meta { ready } }","extensions":{"persistedQuery":null}}',
  '{"query":"{ _meta { ready } }","extensions":{"persistedQuery":{"version":2}}}',
  '{"query":"{ _meta { ready } }","extensions":7}',
  '{"query":"{ _meta { ready } }","variables":[1]}',
  '{"query":"{ _meta { ready } }","operationName":{}}',
  '{"query":"{ _meta { ready } }","__proto__":{"x":1}}',
  'not JSON',
])('a body of %s is an error of the client’s, never ours', async (body) => {
  const { status, code } = await post(api.url, body);
  expect(status).toBeLessThan(500);
  expect(code ?? 'none').not.toBe('INTERNAL_SERVER_ERROR');
});

test('introspection and suggestions are there where they are on', async () => {
  expect((await ask('{ __schema { queryType { name } } }')).code).toBeUndefined();
  expect((await ask('{ datanet(id: 1) { nam } }')).body).toContain('Did you mean');
  expect((await send(`${closed.url}/schema.graphql`, { method: 'GET' })).status).toBe(404);
});
