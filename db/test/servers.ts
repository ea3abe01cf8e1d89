import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from '../src/server/embedded.ts';
import { isAlive } from '../src/server/processes.ts';

/** What the tests of the embedded server share: a folder for each test, and no server left after it. */
export type Place = {
  folder: string;
  /** Holds a database that was started and stopped before. */
  dataDir: string;
  /** Is not there yet. */
  newDir: string;
  servers: EmbeddedPostgres[];
};

const initFlags = ['--no-sync', '--wal-segsize=1'];

export function aPlaceForEachTest(): Place {
  const place: Place = { folder: '', dataDir: '', newDir: '', servers: [] };
  const all = { folder: '' };
  beforeAll(async () => {
    all.folder = await mkdtemp(join(tmpdir(), 'openledger-embedded-'));
    await chmod(all.folder, 0o711);
    await (await startEmbeddedPostgres({ dataDir: join(all.folder, 'used'), initFlags })).stop();
  });
  afterAll(() => rm(all.folder, { recursive: true }));
  beforeEach(async () => {
    place.folder = await mkdtemp(join(all.folder, 'test-'));
    await chmod(place.folder, 0o711);
    place.dataDir = join(place.folder, 'postgres');
    place.newDir = join(place.folder, 'new');
    place.servers = [];
    spawnSync('cp', ['-a', join(all.folder, 'used'), place.dataDir]);
    await rm(join(place.dataDir, 'port'));
  });
  afterEach(async () => {
    for (const server of place.servers) {
      await server.stop();
      if (server.owned) expect(isAlive(server.pid), 'a server was left running').toBe(false);
    }
    await rm(place.folder, { recursive: true });
  });
  return place;
}

/** Starts a server in the test's place; it is stopped after the test. */
export async function start(place: Place, options: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: place.dataDir, initFlags, ...options });
  place.servers.push(server);
  return server;
}

/** What a start says when it is refused. */
export async function refused(place: Place, options: Partial<EmbeddedOptions> = {}): Promise<string> {
  const error = await start(place, options).catch((thrown: Error) => thrown);
  return error instanceof Error ? error.message : 'started';
}

/** The first row of an answer. */
export async function ask(server: EmbeddedPostgres, statement: string): Promise<unknown> {
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe(statement);
    return row;
  } finally {
    await sql.end();
  }
}
