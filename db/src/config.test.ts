import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const messageOf = (env: Record<string, string>) => {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
};

test('without any variable the embedded server is used, in a folder beside the project', () => {
  const nothing = { databaseUrl: undefined, stateDir: resolve('.openledger'), port: undefined };
  expect(readConfig({})).toEqual(nothing);
  expect(readConfig({ DATABASE_URL: '', OPENLEDGER_STATE_DIR: '', OPENLEDGER_DB_PORT: '' })).toEqual(nothing);
});

test('what is set is taken as it is', () => {
  const DATABASE_URL = 'postgresql://ada:p%23ss@db.example:6432/ledger?sslmode=require';
  expect(readConfig({ DATABASE_URL, OPENLEDGER_STATE_DIR: '/srv/ol', OPENLEDGER_DB_PORT: '54320' })).toEqual({
    databaseUrl: DATABASE_URL,
    stateDir: '/srv/ol',
    port: 54_320,
  });
});

const example = 'for example DATABASE_URL=postgres://user:password@localhost:5432/openledger';

test.each([
  ['localhost', `DATABASE_URL is not a URL; ${example}`],
  ['mysql://u:secret@h/d', `DATABASE_URL starts with mysql://, not postgres://; ${example}`],
  [
    'postgres://u:se/#cret@h:port/d',
    `DATABASE_URL is not a valid URL (percent-encode special characters in the password); ${example}`,
  ],
  ['postgres:///d', `DATABASE_URL names no host; ${example}`],
  ['postgres://u:secret@h', `DATABASE_URL names no database after the host; ${example}`],
])('a wrong database URL is explained without its password: %s', (url, message) => {
  expect(messageOf({ DATABASE_URL: url })).toBe(message);
  expect(message).not.toContain('secret');
});

test('every wrong variable is named at once', () => {
  expect(messageOf({ DATABASE_URL: 'x', OPENLEDGER_DB_PORT: '80' })).toBe(
    `DATABASE_URL is not a URL; ${example}
OPENLEDGER_DB_PORT is "80", but a port is a whole number from 1024 to 65535; for example OPENLEDGER_DB_PORT=54320`,
  );
});
