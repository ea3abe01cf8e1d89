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
    rpcUrl: least.CHAIN_RPC_URL,
    contractsFile: 'contracts.json',
    host: '127.0.0.1',
    port: 4000,
    logLevel: 'info',
    graphiql: true,
  });
});

test.each([
  ['DATABASE_URL', undefined, 'DATABASE_URL is missing: a Postgres URL such as'],
  ['DATABASE_URL', 'localhost', 'DATABASE_URL must be a Postgres URL such as'],
  ['DATABASE_URL', 'postgres:///openledger', 'DATABASE_URL must be a Postgres URL such as'],
  ['DATABASE_URL', 'postgres://me:50%@127.0.0.1/x', 'special characters in it must be percent-encoded'],
  ['CHAIN_RPC_URL', 'ws://127.0.0.1', 'CHAIN_RPC_URL must be an HTTP URL such as'],
  ['CONTRACTS_FILE', '', 'CONTRACTS_FILE is missing: the path of the manifest'],
  ['API_PORT', 'http', 'API_PORT must be a port number such as 4000'],
  ['API_PORT', '70000', 'API_PORT '],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be debug, info, warn, error or silent'],
  ['GRAPHIQL', 'true', 'GRAPHIQL must be on or off'],
])('%s as %s is refused by name', (name, value, message) => {
  expect(() => readConfig({ ...least, [name]: value })).toThrow(ConfigError);
  expect(() => readConfig({ ...least, [name]: value })).toThrow(message);
});
