import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentAccounts, type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { coreContracts, formatManifest, manifestSchema } from '@openledger/protocol/deploy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startIndexer } from './process.ts';
import { createDatabase } from './servers.ts';

// An indexer that cannot do its work says which variable is wrong, and ends with 1.

let chain: LocalChain;
let folder: string;
let right: Record<string, string>;

const manifest = (change: Record<string, unknown>) => {
  const accounts = developmentAccounts(coreContracts.length + 1).map(({ address }) => address);
  return manifestSchema.parse({
    chainId: chain.chainId,
    startBlock: 0,
    contracts: Object.fromEntries(coreContracts.map((name, i) => [name, accounts[i]])),
    vesting: [],
    treasury: accounts.at(-1),
    ...change,
  });
};

const writeManifest = async (change: Record<string, unknown>) => {
  const { hash } = await chain.call<{ hash: string }>('eth_getBlockByNumber', ['0x0', false]);
  const file = join(folder, `${Math.random()}.json`);
  await writeFile(file, formatManifest(manifest({ genesisHash: hash, ...change })));
  return file;
};

const refusal = async (change: Record<string, string>) => {
  const indexer = await startIndexer({ ...right, ...change });
  const code = await indexer.ended;
  expect(code).toBe(1);
  return indexer.output();
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-refuses-'));
  chain = await startLocalChain({ chainId: 4242 });
  right = { DATABASE_URL: await createDatabase(), CHAIN_RPC_URL: chain.url, CONTRACTS_FILE: await writeManifest({}) };
});

afterAll(async () => {
  await chain?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a missing variable', async () => {
  expect(await refusal({ DATABASE_URL: '' })).toContain('DATABASE_URL is missing');
});

test('a chain that does not answer', async () => {
  const said = await refusal({ CHAIN_RPC_URL: 'http://127.0.0.1:1' });
  expect(said).toContain('CHAIN_RPC_URL http://127.0.0.1:1 does not answer as a chain');
});

test('a database server that is not there', async () => {
  const said = await refusal({ DATABASE_URL: 'postgres://a:b@127.0.0.1:1/c' });
  expect(said).toContain(
    'DATABASE_URL does not lead to a PostgreSQL server: nothing answers (ECONNREFUSED) at 127.0.0.1:1; check the host and port',
  );
});

test.each([
  ['a web server', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['a server that never answers', () => {}],
])('%s instead of a database server, within seconds', async (_what, answer) => {
  const other = createServer(answer).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const started = Date.now();
  const said = await refusal({ DATABASE_URL: `postgres://a:secret@127.0.0.1:${port}/c` });
  const took = Date.now() - started;
  other.close();
  expect(said).toContain(
    `DATABASE_URL does not lead to a PostgreSQL server: something else answers at 127.0.0.1:${port}; check the host and port`,
  );
  expect(said).not.toContain('secret');
  expect(took).toBeLessThan(20_000);
});

test('a manifest of another chain', async () => {
  const said = await refusal({ CONTRACTS_FILE: await writeManifest({ chainId: 1 }) });
  expect(said).toContain('is chain 4242, but the contracts are deployed on chain 1');
});

test('a manifest whose deployment the chain no longer has', async () => {
  const said = await refusal({ CONTRACTS_FILE: await writeManifest({ startBlock: 900 }) });
  expect(said).toContain('the contracts stand since block 900; the chain at');
});

test('a database that another indexer writes, until that one ends with the supervisor that reads it', async () => {
  const first = await startIndexer(right);
  try {
    await first.ready();
    expect(await refusal({})).toContain('DATABASE_URL leads to a database that another indexer writes');
    first.forsake();
    await chain.mine(3);
    await first.ended;
    const second = await startIndexer(right);
    expect(await second.ready()).toBeLessThan(20_000);
    expect(await second.stop()).toBe(0);
  } finally {
    await first.stop('SIGKILL');
  }
});
