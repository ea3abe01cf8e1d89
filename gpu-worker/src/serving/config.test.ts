import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const key = `0x${'1'.repeat(64)}`;
const least = {
  DATABASE_URL: 'postgres://user:secret@127.0.0.1/openledger',
  CHAIN_RPC_URL: 'ws://127.0.0.1:8546, http://127.0.0.1:8545,http://127.0.0.1:8545',
  CONTRACTS_FILE: 'deployment.json',
  WORKER_KEY: key,
};

test('what is not said has a default, and an empty variable says nothing', () => {
  const config = readConfig({ ...least, WORKER_PORT: '', WORKER_PINNED: ' typescript-tutor-1 ,2' });
  expect(config).toMatchObject({
    rpcUrls: ['http://127.0.0.1:8545'],
    host: '127.0.0.1',
    port: 4020,
    publicUrl: undefined,
    base: { folder: expect.stringMatching(/gpu-worker\/base$/), name: 'openledger/base' },
    engine: { kind: 'onnx', providers: undefined, rows: 16, queue: 64, maxRank: 16 },
    adapters: { pinned: ['typescript-tutor-1', '2'], allowPrivate: false, allowFiles: false },
    access: 'keys',
    logLevel: 'info',
  });
});

test('each wrong variable is named with what would be right, and none of the secrets', () => {
  const wrong = () =>
    readConfig({
      ...{ DATABASE_URL: 'mysql://user:secret@x/y', CHAIN_RPC_URL: 'ftp://x', WORKER_KEY: '0xsecret' },
      ...{ WORKER_PORT: 'x', WORKER_URL: 'https://worker.example/path', WORKER_ACCESS: 'all', WORKER_ROWS: '0' },
      ...{ WORKER_BASE_PRICE_IN: '1000', WORKER_ALLOW_FILES: 'yes', WORKER_BASE_NAME: 'a b' },
    });
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrowErrorMatchingInlineSnapshot(`
    [ConfigError: DATABASE_URL must be a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger
    CHAIN_RPC_URL must be URLs beginning with http://, https://, ws:// or wss://
    CONTRACTS_FILE is missing: the path of the manifest that the deployment wrote
    WORKER_KEY must be a private key: 0x and 64 hex digits
    WORKER_PORT must be a whole number such as 4020
    WORKER_URL must be where clients reach this worker, such as https://worker.example, without a path
    WORKER_BASE_NAME must be a name such as openledger/base
    WORKER_BASE_PRICE_IN must be 0: on chain nobody owns the base, so what its answers cost could not be collected. Publish a model to be paid for
    WORKER_ROWS must be 1 or more
    WORKER_ACCESS must be keys or open
    WORKER_ALLOW_FILES must be on or off]
  `);
  expect(() => readConfig({ ...least, WORKER_ENGINE: 'vllm' })).toThrow(/^VLLM_URL is missing: .*http/);
  expect(() => readConfig({ ...least, WORKER_KEY: `0x${'f'.repeat(64)}` })).toThrow(/^WORKER_KEY is no private key/);
});
