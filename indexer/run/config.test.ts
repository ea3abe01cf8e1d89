import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreContracts } from '@openledger/protocol/deploy';
import { afterAll, expect, test } from 'vitest';
import { addressVariable, readConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'openledger-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
const address = (i: number) => `0x${String(i + 1).padStart(40, '0')}`;
const manifest = {
  chainId: '31337',
  genesisHash: `0x${'ab'.repeat(32)}`,
  startBlock: '3',
  contracts: Object.fromEntries(coreContracts.map((name, i) => [name, address(i)])),
  vesting: [],
  treasury: address(99),
};
const manifestFile = (content: unknown) => {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const right = {
  DATABASE_URL: 'postgres://user:password@127.0.0.1:5432/openledger',
  CHAIN_RPC_URL: 'http://127.0.0.1:8545',
  CONTRACTS_FILE: manifestFile(manifest),
};

test('a chain on this machine may be reset at will, and is then indexed anew; another stops the index', () => {
  expect(readConfig(right)).toMatchObject({ rpcUrls: ['http://127.0.0.1:8545'], onChainChange: 'reindex' });
  const remote = { ...right, CHAIN_RPC_URL: 'https://a.example/key, https://b.example' };
  expect(readConfig(remote)).toMatchObject({
    rpcUrls: ['https://a.example/key', 'https://b.example'],
    rpcConcurrency: 8,
    proof: 'headers',
    onChainChange: 'stop',
  });
  expect(readConfig({ ...remote, ON_CHAIN_CHANGE: 'reindex' }).onChainChange).toBe('reindex');
});

test('without a manifest the addresses come from one variable each', () => {
  const inline = {
    ...right,
    CONTRACTS_FILE: '',
    CHAIN_ID: '1612',
    START_BLOCK: '7',
    TREASURY_ADDRESS: address(50),
    ...Object.fromEntries(coreContracts.map((name, i) => [addressVariable(name), address(i)])),
  };
  expect(addressVariable('TimelockController')).toBe('TIMELOCK_CONTROLLER_ADDRESS');
  expect(readConfig(inline).manifest).toMatchObject({ chainId: 1612n, startBlock: 7n, treasury: address(50) });
  expect(() => readConfig({ ...inline, OPEN_ADDRESS: '0x12' })).toThrow(/contracts\.Open must be a 20-byte address/);
});

test.each([
  [{ DATABASE_URL: '' }, 'DATABASE_URL is missing: a PostgreSQL URL such as postgres://'],
  [
    { DATABASE_URL: 'postgres://me:50%@127.0.0.1/x' },
    'DATABASE_URL holds a special character that must be percent-encoded',
  ],
  [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must be a URL beginning with postgres:// or postgresql://'],
  [{ CHAIN_RPC_URL: undefined }, 'CHAIN_RPC_URL is missing: the JSON-RPC URL of the chain'],
  [
    { CHAIN_RPC_URL: 'http://a.example,b' },
    'CHAIN_RPC_URL must be URLs beginning with http://, https://, ws:// or wss://',
  ],
  [{ CONTRACTS_FILE: '' }, 'CONTRACTS_FILE is missing: the path of a deployment manifest'],
  [{ CONTRACTS_FILE: '/nowhere.json' }, 'CONTRACTS_FILE /nowhere.json cannot be read as JSON'],
  [{ CONTRACTS_FILE: manifestFile('{') }, 'cannot be read as JSON'],
  [{ CONTRACTS_FILE: manifestFile({ ...manifest, treasury: 'me' }) }, 'treasury must be a 20-byte address'],
  [{ CHAIN_ID: '1' }, 'CHAIN_ID is 1, but the manifest'],
  [{ CHAIN_RPC_CONCURRENCY: '0' }, 'CHAIN_RPC_CONCURRENCY must be a whole number from 1 to 32'],
  [{ CHAIN_PROOF: 'none' }, 'CHAIN_PROOF must be one of headers, ends'],
  [{ ON_CHAIN_CHANGE: 'x' }, 'ON_CHAIN_CHANGE must be one of reindex, stop'],
  [{ INDEXER_PORT: 'x' }, 'INDEXER_PORT must be a whole number from 1 to 65535'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of error, warn, info, debug, trace'],
])('%o is refused by name', (change, message) => {
  expect(() => readConfig({ ...right, ...change })).toThrow(message);
});
