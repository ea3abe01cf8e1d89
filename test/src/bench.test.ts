import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parts } from './bench/attribution/parts.ts';
import { settleDensely, transferSparsely } from './bench/chains.ts';
import { measureLimit } from './bench/limit.ts';
import { openPlace, type Place } from './bench/place.ts';
import { type FreshProtocol, startFreshProtocol } from './drive/index.ts';

// A limit that leaves something out would flatter the limit, one that does too much would flatter the indexer.

let place: Place;
let fresh: FreshProtocol;

beforeAll(async () => {
  [place, fresh] = await Promise.all([openPlace(), startFreshProtocol({ statesKept: 2 })]);
}, 60_000);

afterAll(async () => {
  await fresh?.stop();
  await place?.close();
});

test('the limit copies every event of the chains it is measured on, decoded', async () => {
  await settleDensely(fresh, { events: 100, transactionsPerBlock: 1 }, () => {});
  await transferSparsely(fresh, 3, () => {});
  const logs = await fresh.chain.call<{ blockNumber: string; logIndex: string }[]>('eth_getLogs', [
    { fromBlock: '0x0', toBlock: 'latest' },
  ]);
  const url = await place.createDatabase();
  expect((await measureLimit(fresh.rpcUrl, fresh.manifest, url)).events).toBe(logs.length);

  const sql = postgres(url, { max: 1 });
  const rows = await sql`select id, event, args from limit_activity order by block, log_index`;
  await sql.end();
  expect(rows.map(({ id }) => id)).toEqual(logs.map((log) => `${log.blockNumber}-${log.logIndex}`));
  const settled = rows.filter(({ event }) => event === 'InferenceSettled');
  expect(settled).toHaveLength(50);
  expect(settled[1]!.args).toMatchObject({ modelId: '1', inTokens: 201, outTokens: 400, fee: '1000000000000001' });
  const last = { from: fresh.accounts[5]!.address, to: fresh.accounts[8]!.address, value: '1' };
  const { args } = rows.at(-1)!;
  expect({ ...args, from: args.from.toLowerCase(), to: args.to.toLowerCase() }).toEqual(last);
});

test('a benchmark that does not exist is named beside those that do', async () => {
  const run = promisify(execFile)(process.execPath, [join(import.meta.dirname, 'bench.ts'), 'indexng']);
  const known = [
    'indexing [--million]',
    'graphql',
    'graphql-operations',
    'intake',
    'base [--domains]',
    'specialise',
    'training [--quick]',
    'serving [--quick] [--large]',
    ['attribution', '[--quick]', ...parts.map(({ name }) => `[--${name}]`)].join(' '),
    'spans [--quick]',
  ];
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: `bench: indexng is unknown\n${known.map((call) => `npm run -s bench -- ${call}\n`).join('')}`,
  });
});
