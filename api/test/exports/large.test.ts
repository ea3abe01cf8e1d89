import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashToken, newToken, prefixOf } from '../../src/identity/tokens.ts';
import { startWorlds, type Worlds } from '../analytics/worlds.ts';
import { address, MAX } from '../world.ts';

const ROWS = 200_000;
let worlds: Worlds;
const keys = [newToken('key'), newToken('key'), newToken('key')];
const bearer = (n: number) => ({ authorization: `Bearer ${keys[n]}` });

beforeAll(async () => {
  worlds = await startWorlds();
  const { sql } = worlds;
  await sql.unsafe(`insert into chain.claim
    select lpad((1800000000 + n)::text, 10, '0') || lpad(n::text, 65, '0'), n, 1800000000, '0x' || repeat('ab', 32),
      '${address(1)}', ${MAX} - n, ${MAX} from generate_series(1, ${ROWS}) as n`);
  for (const key of keys) {
    await sql`insert into app.api_key (account, name, prefix, key_hash, scopes, budget_per_minute)
      values (${address(1)}, 'exports', ${prefixOf(key)}, ${hashToken(key)}, '{read}', 1000000)`;
  }
}, 60_000);
afterAll(() => worlds.stop());

const get = (path: string, init: RequestInit = { headers: bearer(0) }) =>
  fetch(`${worlds.api.url}/export/${path}`, init);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const held = () => {
  collect();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + Math.max(arrayBuffers, external);
};

test.each(['csv', 'ndjson', 'parquet'])('200,000 rows as %s take no more memory than a few', async (format) => {
  await (await get(`claims.${format}?limit=1000`)).arrayBuffer();
  const response = await get(`claims.${format}`);
  expect(response.headers.get('x-openledger-rows')).toBe(String(ROWS));
  const size = format === 'parquet' ? 4_000_000 : 64_000_000;
  const samples: number[] = [];
  let bytes = 0;
  for await (const chunk of response.body!) {
    bytes += chunk.length;
    if (bytes > (samples.length * size) / 8) samples.push(held());
  }
  expect(bytes).toBeGreaterThan(size);
  // The first quarter warms up; what is held then is held to the end, give or take what lies in buffers.
  const early = Math.max(...samples.slice(0, 3));
  const late = Math.min(...samples.slice(-4));
  expect(late - early).toBeLessThan(8_000_000);
}, 60_000);

test('a large Parquet file is in row groups, whole and in order', async () => {
  const file = await (await get('claims.parquet?limit=12000')).arrayBuffer();
  const rows = await parquetReadObjects({ file, columns: ['block', 'amount'] });
  expect(rows).toHaveLength(12_000);
  expect(rows.every(({ block, amount }, n) => block === BigInt(n + 1) && amount === String(MAX - BigInt(n + 1)))).toBe(
    true,
  );
});

test('a download that its client leaves ends in the database too, and makes room for others', async () => {
  const { sql } = worlds;
  const open = async () => {
    const [row] = await sql.unsafe<{ n: number }[]>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
       and (state = 'active' or state like 'idle in transaction%')`,
    );
    return row!.n;
  };
  const started = await Promise.all(
    [0, 0, 1, 1].map(async (n) => {
      const gone = new AbortController();
      const response = await get('claims.csv', { headers: bearer(n), signal: gone.signal });
      const reader = response.body!.getReader();
      await reader.read();
      return { gone, reader };
    }),
  );
  // Nobody reads on: each waits with its connection, having sent no more than what lies in buffers.
  // What the server does by the clock is over in a moment.
  await expect.poll(open, { timeout: 10_000 }).toBe(4);
  const refusal = async (n: number) => {
    const refused = await get('claims.csv', { headers: bearer(n) });
    return [refused.status, refused.headers.get('retry-after'), await refused.json()];
  };
  const limited = (error: string) => [429, '5', { error, code: 'RATE_LIMITED' }];
  expect(await Promise.all([refusal(0), refusal(2)])).toEqual([
    limited('2 exports of yours are under way: ask again when one of them has ended.'),
    limited('4 exports are under way: ask again in a few seconds.'),
  ]);
  for (const { gone } of started) gone.abort();
  await Promise.allSettled(started.map(({ reader }) => reader.closed));
  await expect.poll(open, { timeout: 10_000 }).toBe(0);
  expect((await (await get('claims.ndjson?limit=2')).text()).split('\n')).toHaveLength(3);
});

test('rows are paid for from the same budget as queries', async () => {
  const left = (response: Response) => Number(/"read";r=(\d+)/.exec(response.headers.get('ratelimit')!)![1]);
  const ask = (method: string) => get('claims.csv?limit=2000', { method, headers: bearer(2) });
  await worlds.sql`update app.api_key set budget_per_minute = 500 where key_hash = ${hashToken(keys[2]!)}`;
  expect(left(await ask('HEAD'))).toBe(399);
  const paid = await ask('GET');
  expect(left(paid)).toBeLessThan(120);
  await paid.arrayBuffer();
  const refused = await ask('GET');
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([429, 'RATE_LIMITED']);
});

test('who is not known gets fewer rows, and is told how to get them all', async () => {
  const anonymous = await get('claims.csv', {});
  expect([anonymous.status, await anonymous.json()]).toEqual([
    403,
    {
      error:
        'This export has more than 100000 rows, the most that are given to you at once. Narrow it with from and to, take the first rows with limit, or ask with an API key, which is given 5000000.',
      code: 'BUDGET_EXCEEDED',
    },
  ]);
  const first = await get('claims.csv?limit=5', { method: 'HEAD' });
  expect([first.status, first.headers.get('x-openledger-rows')]).toEqual([200, '5']);
  const wrong = await get('claims.csv', { headers: { authorization: `Bearer ${newToken('key')}` } });
  expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
});
