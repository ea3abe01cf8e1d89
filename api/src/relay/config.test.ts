import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RelayerConfigError, readRelayerConfig } from './config.ts';

const needed = {
  DATABASE_URL: 'postgres://me@127.0.0.1:5432/x',
  CHAIN_RPC_URL: 'http://127.0.0.1:8545, wss://node.example',
  CONTRACTS_FILE: 'deployment.json',
  RELAYER_KEY: `0x${'1'.repeat(64)}`,
};

test('has a default for everything that can have one, and counts an empty variable as unset', () => {
  expect(readRelayerConfig({ ...needed, RELAYER_PORT: '' })).toEqual({
    databaseUrl: needed.DATABASE_URL,
    rpcUrls: ['http://127.0.0.1:8545'],
    contractsFile: 'deployment.json',
    key: needed.RELAYER_KEY,
    host: '127.0.0.1',
    port: undefined,
    finalityBlocks: 30n,
    pollMs: 1000,
    stuckSeconds: 45,
    maxFeePerGas: 500_000_000_000n,
    batchRows: 50,
    batchGas: 10_000_000n,
    logLevel: 'info',
  });
});

test.each([
  ['DATABASE_URL', 'mysql://x', 'must be a Postgres URL'],
  ['CHAIN_RPC_URL', 'wss://node.example', 'must have an http:// or https:// URL'],
  ['CHAIN_RPC_URL', '', 'is missing'],
  ['RELAYER_KEY', `0x${'7'.repeat(63)}`, 'must be a private key: 0x and 64 hex digits'],
  ['RELAYER_FINALITY_BLOCKS', '0', 'must be at least 1'],
  ['RELAYER_MAX_FEE_GWEI', 'much', 'must be a whole number from 1 to 1000000'],
  ['LOG_LEVEL', 'loud', 'must be debug, info, warn, error or silent'],
])('%s=%s is refused by name, without a key in the message', (name, value, message) => {
  const read = () => readRelayerConfig({ ...needed, [name]: value });
  expect(read).toThrow(RelayerConfigError);
  expect(read).toThrow(`${name} ${message}`);
  expect(read).not.toThrow('7777');
});

test('the process says what is wrong, and exits 1', async () => {
  const said = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts')],
      { env: { PATH: process.env.PATH, ...needed, CONTRACTS_FILE: '/nowhere.json', RELAYER_KEY: '' } },
      (error, _, stderr) => resolve(`${error?.code} ${stderr}`),
    );
  });
  expect(said).toBe('1 RELAYER_KEY is missing: the private key of the account that pays, 0x and 64 hex digits\n');
});
