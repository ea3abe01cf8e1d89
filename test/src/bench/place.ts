import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@openledger/db/server';
import { formatManifest, type Manifest } from '@openledger/protocol/deploy';
import postgres from 'postgres';

/** A folder and a database server for one benchmark, gone with it. */
export type Place = {
  /** An empty database. @returns its URL. */
  createDatabase(): Promise<string>;
  /** Writes a deployment manifest. @returns its path. */
  writeManifest(manifest: Manifest): Promise<string>;
  close(): Promise<void>;
};

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Interrupted, it closes by itself. The server runs as it does for everyone who starts the stack. */
export async function openPlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'openledger-bench-'));
  // Run as root, the server is another user, who has to get to its data.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  const close = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    // Not before: whoever else hears a signal ends the process unless somebody here still listens.
    for (const signal of signals) process.off(signal, interrupt);
  };
  const interrupt = () => void close().finally(() => process.exit(130));
  for (const signal of signals) process.on(signal, interrupt);
  let made = 0;
  return {
    async createDatabase() {
      const url = new URL(server.url);
      const admin = postgres(url.href, { max: 1 });
      const name = `bench_${made++}`;
      await admin`create database ${admin(name)}`;
      await admin.end();
      url.pathname = `/${name}`;
      return url.href;
    },
    async writeManifest(manifest) {
      const file = join(folder, `${manifest.genesisHash}.json`);
      await writeFile(file, formatManifest(manifest));
      return file;
    },
    close,
  };
}
