import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@openledger/db/server';
import postgres from 'postgres';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    serverUrl: string;
  }
}

/** One database server for all test files. */
export const setup = async (project: TestProject) => {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-indexer-postgres-'));
  // Run as root, the server is another user, who has to get to its data.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data'), settings: { fsync: 'off' } });
  project.provide('serverUrl', server.url);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
};

let created = 0;

/** An empty database of its own. @returns its URL. */
export const createDatabase = async (): Promise<string> => {
  const url = new URL(inject('serverUrl'));
  const admin = postgres(url.href, { max: 1 });
  const name = `indexer_${process.pid}_${created++}`;
  await admin`create database ${admin(name)}`;
  await admin.end();
  url.pathname = `/${name}`;
  return url.href;
};
