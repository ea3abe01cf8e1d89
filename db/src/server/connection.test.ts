import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createDatabase } from '../client.ts';
import { createTestDatabase } from '../testing.ts';
import { checkRights, connectionFor } from './connection.ts';
import { freePort } from './ports.ts';

const database = await createTestDatabase(inject('postgresUrl'));
const given = new URL(database.url);
const name = given.pathname.slice(1);
const { sql, close } = createDatabase({ url: database.url, max: 1 });

beforeAll(() => sql.unsafe(`create role reader_${name} login password 'right'`));
afterAll(async () => {
  await sql.unsafe(`drop role reader_${name}`);
  await close();
  await database.drop();
});

const urlWith = (change: (url: URL) => void) => {
  const url = new URL(database.url);
  change(url);
  return url.href;
};

const connect = (databaseUrl: string) => connectionFor({ databaseUrl, stateDir: '/nowhere', port: undefined });
const refused = async (databaseUrl: string) => {
  const error = await connect(databaseUrl).catch((thrown: Error) => thrown);
  return error instanceof Error ? error.message : 'accepted';
};

test('a server of one’s own is used as it is, and left running', async () => {
  const server = await connect(database.url);
  expect(server).toMatchObject({ url: database.url, embedded: false });
  await server.stop();
  expect(await refused(database.url)).toBe('accepted');
});

test('a server that does not answer', async () => {
  const port = await freePort();
  const url = urlWith((u) => {
    u.port = String(port);
  });
  expect(await refused(url)).toBe(
    `Nothing answers at 127.0.0.1:${port}, the server in DATABASE_URL (ECONNREFUSED). Check the host and port, that the server runs, and that it accepts connections from this machine; or unset DATABASE_URL to use the embedded one.`,
  );
});

test('a program that is no database server', async () => {
  const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const port = await freePort();
  await new Promise<void>((resolve) => web.listen(port, '127.0.0.1', resolve));
  const url = urlWith((u) => {
    u.port = String(port);
  });
  const message = await refused(url);
  web.close();
  expect(message).toBe(
    `What answers at 127.0.0.1:${port}, the server in DATABASE_URL, is not Postgres. Check the host and port, or unset DATABASE_URL to use the embedded one.`,
  );
});

test('a wrong password, which is not repeated', async () => {
  const url = urlWith((u) => {
    u.password = 'hunter2';
  });
  expect(await refused(url)).toBe(
    `The server ${given.host} refused user "openledger". Check the user and password in DATABASE_URL; special characters in the password must be percent-encoded.`,
  );
});

test('a database that is not there', async () => {
  const url = urlWith((u) => {
    u.pathname = '/nothing';
  });
  expect(await refused(url)).toBe(
    `The server ${given.host} has no database "nothing", which DATABASE_URL names. Make it with: createdb -h 127.0.0.1 -p ${given.port} -U openledger nothing`,
  );
});

test('a user who may not make schemas', async () => {
  const url = urlWith((u) => {
    u.username = `reader_${name}`;
    u.password = 'right';
  });
  expect(await refused(url)).toBe(
    `User "reader_${name}" in DATABASE_URL may not create schemas in database "${name}". As its owner, run: GRANT CREATE ON DATABASE "${name}" TO "reader_${name}";`,
  );
});

test('a server that is too old', () => {
  expect(() => checkRights('postgres://ada:secret@db.example/ledger', 140_011, true)).toThrow(
    'The server db.example:5432 in DATABASE_URL is Postgres 14; Postgres 15 or newer is needed. Upgrade it, name another, or unset DATABASE_URL to use the embedded one.',
  );
});

test('a server that refuses for another reason says so itself', async () => {
  await sql.unsafe(`create database full_${name} connection limit 0`);
  await sql.unsafe(`grant create on database full_${name} to reader_${name}`);
  const url = urlWith((u) => {
    u.username = `reader_${name}`;
    u.password = 'right';
    u.pathname = `/full_${name}`;
  });
  const message = await refused(url);
  await sql.unsafe(`drop database full_${name}`);
  expect(message).toBe(
    `The server ${given.host} in DATABASE_URL did not accept the connection: too many connections for database "full_${name}".`,
  );
});

test('without DATABASE_URL the embedded server starts in the state folder', async () => {
  const stateDir = join(await mkdtemp(join(tmpdir(), 'openledger-state-')), 'state');
  const folder = join(stateDir, '..');
  await chmod(folder, 0o711);
  const progress: string[] = [];
  const server = await connectionFor({ databaseUrl: undefined, stateDir, port: undefined }, (m) => progress.push(m));
  const own = createDatabase({ url: server.url, max: 1 });
  const [shown] = await own.sql`
    select current_database() as database, current_setting('wal_level') as wal, current_setting('shared_buffers') as buffers,
           current_setting('listen_addresses') as addresses, current_setting('max_connections') as connections,
           current_setting('synchronous_commit') as durable, current_setting('server_encoding') as encoding`;
  await own.close();
  await server.stop();
  await server.ended;
  await rm(folder, { recursive: true });
  expect(server.embedded).toBe(true);
  expect(progress).toEqual(['making the database']);
  expect(shown).toEqual({
    database: 'openledger',
    wal: 'logical',
    buffers: '256MB',
    addresses: '127.0.0.1',
    connections: '200',
    durable: 'on',
    encoding: 'UTF8',
  });
});
