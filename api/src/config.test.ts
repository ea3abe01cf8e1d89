import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const least = {
  DATABASE_URL: 'postgres://user:password@127.0.0.1:5432/openledger',
  CHAIN_RPC_URL: 'http://127.0.0.1:8545',
  CONTRACTS_FILE: 'contracts.json',
};

test('three variables are enough; the rest has defaults, and empty means unset', () => {
  expect(readConfig({ ...least, API_PORT: '', GRAPHIQL: '' })).toEqual({
    databaseUrl: least.DATABASE_URL,
    rpcUrls: [least.CHAIN_RPC_URL],
    contractsFile: 'contracts.json',
    host: '127.0.0.1',
    port: 4000,
    logLevel: 'info',
    graphiql: true,
    secret: undefined,
    publicUrl: undefined,
    origins: ['*'],
    chatOperators: [],
    proxies: 0,
    budgets: {
      anonymous: 100_000,
      session: 300_000,
      keys: 1_000_000,
      writes: { anonymous: 30, session: 120, key: 600 },
    },
    relayerAddress: undefined,
    introspection: true,
    suggestions: true,
    persistedOnly: false,
    webhookAllowPrivate: false,
    workersAllowPrivate: false,
  });
});

test('nodes are listed with commas; those over WebSockets are the indexer’s alone', () => {
  const { rpcUrls } = readConfig({
    ...least,
    CHAIN_RPC_URL: 'https://a.example/key, wss://a.example/key,http://b.example,https://a.example/key',
  });
  expect(rpcUrls).toEqual(['https://a.example/key', 'http://b.example']);
});

test('a wrong list of nodes is not repeated: it may hold keys', () => {
  expect(() => readConfig({ ...least, CHAIN_RPC_URL: 'https://a.example/secret,b' })).toThrow(/^(?!.*secret)/s);
});

test.each([
  ['DATABASE_URL', undefined, 'DATABASE_URL is missing: a Postgres URL such as'],
  ['DATABASE_URL', 'localhost', 'DATABASE_URL must be a Postgres URL such as'],
  ['DATABASE_URL', 'postgres:///openledger', 'DATABASE_URL must be a Postgres URL such as'],
  ['DATABASE_URL', 'postgres://me:50%@127.0.0.1/x', 'special characters in it must be percent-encoded'],
  ['CHAIN_RPC_URL', 'localhost:8545', 'CHAIN_RPC_URL must be URLs beginning with http://, https://, ws:// or wss://'],
  ['CHAIN_RPC_URL', 'http://127.0.0.1:8545,', 'CHAIN_RPC_URL must be URLs beginning with'],
  ['CHAIN_RPC_URL', 'https://me:50%@a.example', 'CHAIN_RPC_URL must be URLs beginning with'],
  [
    'CHAIN_RPC_URL',
    'ws://127.0.0.1',
    'CHAIN_RPC_URL must have an http:// or https:// URL among its ws:// and wss:// ones',
  ],
  ['RELAYER_ADDRESS', '0x12', 'RELAYER_ADDRESS must be the address of the relayer’s key'],
  ['CONTRACTS_FILE', '', 'CONTRACTS_FILE is missing: the path of the manifest'],
  ['API_PORT', 'http', 'API_PORT must be a port number such as 4000'],
  ['API_PORT', '70000', 'API_PORT '],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be debug, info, warn, error or silent'],
  ['GRAPHIQL', 'true', 'GRAPHIQL must be on or off'],
  ['API_SECRET', 'abc', 'API_SECRET must be 32 bytes or more in hex'],
  ['API_URL', 'api.example', 'API_URL must be where clients reach this API, such as https://api.example'],
  ['API_URL', 'https://api.example/graphql', 'API_URL must be where clients reach this API'],
  ['API_ORIGINS', 'https://app.example/', 'API_ORIGINS must be origins such as https://app.example'],
  ['API_PROXIES', '-1', 'API_PROXIES '],
  ['PERSISTED_ONLY', 'yes', 'PERSISTED_ONLY must be on or off'],
])('%s as %s is refused by name', (name, value, message) => {
  expect(() => readConfig({ ...least, [name]: value })).toThrow(ConfigError);
  expect(() => readConfig({ ...least, [name]: value })).toThrow(message);
});
