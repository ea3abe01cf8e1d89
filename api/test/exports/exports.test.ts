import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tableExports } from '../../src/exports/catalogue.ts';
import { columnsOf } from '../../src/exports/columns.ts';
import { startWorlds, type Worlds } from '../analytics/worlds.ts';
import { address, INDEXED, MAX, world } from '../world.ts';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await startWorlds();
  const rows = world();
  // What formats stumble over: 2^256−1 is there already.
  rows.contribution[0]!.uri = '=HYPERLINK("https://evil.example","me")';
  rows.contribution[1]!.uri = '-1+2, "quoted"\r\nand a second line';
  rows.contribution[2]!.uri = '';
  rows.contribution[3]!.uri = 'Ünïcode 統計 🦊';
  await worlds.show(rows as never);
});
afterAll(() => worlds.stop());

const get = (path: string, init?: RequestInit) => fetch(`${worlds.api.url}/export/${path}`, init);
type Shown = Record<string, string | null>;

/** The rows as the table has them, every cell as text, by a statement of the test's own. */
async function tableRows(name: string): Promise<Shown[]> {
  const { table, order } = tableExports[name]!;
  const columns = columnsOf(table);
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const rows = await worlds.sql.unsafe(
    `select ${columns.map(({ key }) => `"${snake(key)}"::text as "${key}"`).join(', ')} from chain."${snake(table)}" as t
     order by ${order.map((key) => `t."${snake(key)}"`).join(', ')}`,
  );
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ key, name: shown, kind, select }) => {
        const cell = row[key] as string | null;
        if (cell === null || (select.startsWith('nullif') && cell === '0')) return [shown, null];
        return [shown, kind === 'time' ? isoOf(cell) : cell];
      }),
    ),
  );
}
const isoOf = (seconds: string) => `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}Z`;
const kindsOf = (name: string) =>
  new Map(columnsOf(tableExports[name]!.table).map(({ name: shown, kind }) => [shown, kind]));

async function readParquet(response: Response) {
  const file = await response.arrayBuffer();
  return { metadata: parquetMetadata(file), rows: await parquetReadObjects({ file }) };
}

/** Parquet's own types back to text. */
const asText = (row: Record<string, unknown>): Shown =>
  Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [
      name,
      cell == null ? null : cell instanceof Date ? isoOf(String(cell.getTime() / 1000)) : String(cell),
    ]),
  );

test.each(Object.keys(tableExports))('%s: the three formats are the table, row for row', async (name) => {
  const expected = await tableRows(name);
  expect(expected.length).toBeGreaterThan(0);
  const kinds = kindsOf(name);

  const ndjson = (await (await get(`${name}.ndjson`)).text())
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  const flat = (row: Record<string, unknown>): Shown =>
    Object.fromEntries(
      Object.entries(row).map(([key, cell]) => [
        key,
        cell === null ? null : kinds.get(key) === 'json' ? JSON.stringify(cell) : String(cell),
      ]),
    );
  const compact = (row: Shown): Shown =>
    Object.fromEntries(
      Object.entries(row).map(([key, cell]) => [
        key,
        cell !== null && kinds.get(key) === 'json' ? JSON.stringify(JSON.parse(cell)) : cell,
      ]),
    );
  expect(ndjson.map(flat)).toEqual(expected.map(compact));

  const csv = await (await get(`${name}.csv`)).text();
  expect(csv.endsWith('\r\n')).toBe(true);
  const [header, ...lines] = parse(csv, { record_delimiter: '\r\n' }) as string[][];
  expect(header).toEqual([...kinds.keys()]);
  const spreadsheet = (name: string, cell: string) =>
    ['text', 'json'].includes(kinds.get(name)!) && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  expect(lines).toEqual(
    expected.map((row) => header!.map((column) => (row[column] == null ? '' : spreadsheet(column, row[column])))),
  );

  const parquet = await readParquet(await get(`${name}.parquet`));
  expect(parquet.rows.map(asText)).toEqual(expected);
  expect(Object.fromEntries(parquet.metadata.key_value_metadata!.map(({ key, value }) => [key, value]))).toEqual({
    'openledger.export': name,
    'openledger.chain': '31337',
    'openledger.block': '5000',
    'openledger.blockTimestamp': '2027-01-15T08:00:00Z',
  });
});

test('integers of 256 bits survive every format, and formulas none', async () => {
  const csv = await (await get('contributions.csv?limit=3')).text();
  expect(csv).toContain(`,"'=HYPERLINK(""https://evil.example"",""me"")",`);
  expect(csv).toContain(`,"'-1+2, ""quoted""\r\nand a second line",`);
  // Null is an empty field, empty text a quoted one.
  expect(csv.split('\r\n').at(-2)).toContain(',"",');
  expect(csv).toContain(MAX.toString());
  const [first] = (await (await get('contributions.ndjson?limit=1')).text()).split('\n');
  expect(JSON.parse(first!)).toMatchObject({ rowCount: MAX.toString(), bond: MAX.toString() });
  const { rows } = await readParquet(await get('contributions.parquet?limit=1'));
  expect(rows[0]).toMatchObject({ bond: MAX.toString(), createdBlock: 100n, createdAt: expect.any(Date) });
});

test('a series is the same as the field metric', async () => {
  const query = 'interval=WEEK&from=2026-09-14&to=2026-10-12&groupBy=ROLE';
  const { metric } = await worlds.api.data<{ metric: { buckets: object[] } }>(`{
    metric(name: ACTIVE_DEVELOPERS, interval: WEEK, from: "2026-09-14T00:00:00Z", to: "2026-10-12T00:00:00Z", groupBy: ROLE) {
      buckets { start end partial group value numerator denominator } } }`);
  const expected = metric.buckets.map((bucket) => ({
    metric: 'ACTIVE_DEVELOPERS',
    unit: 'accounts',
    interval: 'WEEK',
    ...bucket,
  }));
  const lines = (await (await get(`metrics/ACTIVE_DEVELOPERS.ndjson?${query}`)).text()).split('\n').slice(0, -1);
  expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
  const { rows } = await readParquet(await get(`metrics/ACTIVE_DEVELOPERS.parquet?${query}`));
  expect(
    rows.map(({ start, end, ...row }) => ({ ...row, start: asText({ start }).start, end: asText({ end }).end })),
  ).toEqual(expected);
  const csv = parse(await (await get(`metrics/NET_EMISSIONS.csv?${query.replace('&groupBy=ROLE', '')}`)).text(), {
    columns: true,
  }) as Shown[];
  // A negative number is a number, and no formula.
  expect(csv.find(({ value }) => value!.startsWith('-'))).toBeDefined();
});

test('filters narrow an export, and each says what it cannot be', async () => {
  const all = await tableRows('attributions');
  const narrowed = (
    await (
      await get(`attributions.ndjson?datanet=2&model=1&account=${address(2).toUpperCase().replace('0X', '0x')}`)
    ).text()
  )
    .split('\n')
    .slice(0, -1);
  const wanted = all.filter(
    (row) => row.datanetId === '2' && row.modelId === '1' && row.contributorAddress === address(2),
  );
  expect(wanted.length).toBeGreaterThan(0);
  expect(narrowed.map((line) => JSON.parse(line).contributionId)).toEqual(wanted.map((row) => row.contributionId));

  const inferences = await tableRows('inferences');
  const from = inferences[5]!.createdAt!;
  const to = inferences[12]!.createdAt!;
  const within = inferences.filter(({ createdAt }) => createdAt! >= from && createdAt! < to);
  expect((await get(`inferences.csv?from=${from}&to=${to}`)).headers.get('x-openledger-rows')).toBe(
    String(within.length),
  );

  const refusal = async (path: string) => {
    const response = await get(path);
    return [response.status, ((await response.json()) as { error: string }).error];
  };
  expect(await refusal('inferences.csv?datanet=1')).toEqual([
    400,
    'datanet is no parameter of this export: it takes account, from, limit, model, to.',
  ]);
  expect(await refusal('inferences.csv?from=yesterday')).toEqual([
    400,
    'from: DateTime cannot be "yesterday": expected an ISO 8601 time in whole seconds such as "2026-01-31T12:00:00Z".',
  ]);
  expect(await refusal('inferences.csv?limit=1&limit=2')).toEqual([
    400,
    'limit is given more than once: give it once.',
  ]);
  expect(await refusal('inferences.csv?limit=0')).toEqual([400, 'limit: it is 0: it must be a whole number above 0.']);
  expect((await refusal('nothing.csv'))[0]).toBe(404);
  expect((await refusal('inferences.xlsx'))[0]).toBe(404);
  expect((await refusal('metrics/NOTHING.csv'))[0]).toBe(404);
  expect(await refusal('metrics/FEES.csv?groupBy=DATANET')).toEqual([
    400,
    'FEES cannot be grouped by DATANET: groupBy must be one of NONE, MODEL, ACCOUNT.',
  ]);
});

test('HEAD tells what GET would send; who has it already is told so, until the next block', async () => {
  const path = 'claims.csv';
  const full = await get(path);
  await full.text();
  const head = await get(path, { method: 'HEAD' });
  const shown = ['etag', 'content-type', 'content-disposition', 'x-openledger-block', 'x-openledger-rows'];
  expect(shown.map((name) => head.headers.get(name))).toEqual(shown.map((name) => full.headers.get(name)));
  expect(head.headers.get('content-disposition')).toBe('attachment; filename="claims-5000.csv"');
  expect(await head.text()).toBe('');

  const etag = full.headers.get('etag')!;
  const again = () => get(path, { headers: { 'if-none-match': etag } });
  expect((await again()).status).toBe(304);
  // A block of the same number and time, with another transaction: a reorganisation.
  const last = 'id = (select max(id) from chain.activity)';
  const [newest] = await worlds.sql.unsafe(`select tx_hash from chain.activity where ${last}`);
  await worlds.sql.unsafe(`update chain.activity set tx_hash = '0xff' where ${last}`);
  expect((await again()).status).toBe(200);
  await worlds.sql.unsafe(`update chain.activity set tx_hash = '${newest!.tx_hash}' where ${last}`);
  expect((await again()).status).toBe(304);
});

test('an empty table is a header, nothing, and a Parquet file without rows', async () => {
  expect(await (await get('claims.csv?from=2030-01-01')).text()).toBe(
    'eventId,block,timestamp,transaction,accountAddress,amount,cumulative\r\n',
  );
  expect(await (await get('claims.ndjson?from=2030-01-01')).text()).toBe('');
  expect((await readParquet(await get('claims.parquet?from=2030-01-01'))).rows).toEqual([]);
});

test('/export lists what there is', async () => {
  const listing = (await (await fetch(`${worlds.api.url}/export`)).json()) as {
    exports: { path: string }[];
    metrics: { names: string[] };
  };
  expect(listing.exports.map(({ path }) => path)).toContain('/export/contributions.{csv,ndjson,parquet}');
  expect(listing.metrics.names).toContain('FULL_TIME_DEVELOPERS');
});

test('a reorganisation in the middle of a download does not show in it', async () => {
  const { sql } = worlds;
  await sql.unsafe(`insert into chain.account select '0x' || lpad(to_hex(1000000 + n), 40, '0'), 1, ${INDEXED.timestamp}, 0, 0
    from generate_series(1, 30000) n`);
  const response = await get('accounts.ndjson');
  const rows = Number(response.headers.get('x-openledger-rows'));
  await sql.unsafe(`delete from chain.account where events = 0`);
  const lines = (await response.text()).split('\n').length - 1;
  expect(lines).toBe(rows);
  expect(rows).toBeGreaterThan(30_000);
});
