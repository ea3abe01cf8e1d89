import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startEmbeddedPostgres } from './server/embedded.ts';
import { openFolder } from './server/folder.ts';
import { end, runningPostmaster } from './server/postmaster.ts';
import { isAlive } from './server/processes.ts';

export { chainDdl, checkpointOf } from './testing-chain.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The run's server, from the global setup `@openledger/db/testing/setup`. */
    postgresUrl: string;
  }
}

/** A Postgres server for one run of tests. */
export type TestServer = {
  /** For `createTestDatabase`; names a database nobody writes to. */
  readonly url: string;
  /** Makes an empty database, which goes away with the server. @returns its URL. */
  readonly create: () => Promise<string>;
  /** Stops the server and removes its folder. */
  readonly stop: () => Promise<void>;
};

/** A database of one test file's own. */
export type TestDatabase = {
  readonly url: string;
  /** Closes what is still connected to it and removes it. */
  readonly drop: () => Promise<void>;
};

const PREFIX = 'openledger-test-';

/** Durability is of no use in a folder that is thrown away. */
const throwAway = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', shared_buffers: '64MB' };

/**
 * Starts an empty Postgres server on a free port in a folder of the system's temporary ones, in about a second.
 * Servers and folders of earlier runs that were killed are removed first.
 *
 * @example
 * // vitest.config.ts: globalSetup: ['@openledger/db/testing/setup']
 * const { url, drop } = await createTestDatabase(inject('postgresUrl'));
 */
export async function startTestDatabase(): Promise<TestServer> {
  await removeAbandoned();
  const dataDir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(dataDir, 0o711);
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({
      dataDir,
      settings: throwAway,
      initFlags: ['--no-sync', '--wal-segsize=1'],
    });
    const { url } = server;
    return {
      url,
      create: async () => (await createTestDatabase(url)).url,
      stop: () => server.stop().then(remove),
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Makes an empty database on the test server. */
export async function createTestDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(serverUrl, `drop database if exists ${name} with (force)`) };
}

async function administer(serverUrl: string, statement: string): Promise<void> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    await sql.unsafe(statement);
  } finally {
    await sql.end();
  }
}

/** Stops servers and removes folders whose test run is gone without having done so; another user's are left alone. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const folder = await openFolder(join(tmpdir(), name)).catch(() => undefined);
    if (folder === undefined) continue;
    const running = await runningPostmaster(folder);
    if (running !== undefined) await end(running.pid);
    await rm(folder.path, { recursive: true, force: true });
  }
}
