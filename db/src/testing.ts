import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { startEmbeddedPostgres } from './server/index.ts';

export type TestDatabase = {
  /** An empty database of its own. @returns its URL. */
  create(): Promise<string>;
  stop(): Promise<void>;
};

/** A Postgres for one run of tests, on a free port, in a folder that goes away with it. Durability is off: it is thrown away. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'openledger-db-'));
  chmodSync(folder, 0o755);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const server = await startEmbeddedPostgres({
      dataDir: join(folder, 'data'),
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '128MB' },
    });
    let count = 0;
    return {
      async create() {
        count += 1;
        const name = `test_${process.pid}_${count}`;
        const admin = postgres(server.url, { max: 1, onnotice: () => {} });
        await admin.unsafe(`create database ${name}`);
        await admin.end();
        return server.url.replace(/\/[^/]*$/, `/${name}`);
      },
      async stop() {
        await server.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
