import { migrate } from '@openledger/db';
import { checkServer, startEmbeddedPostgres } from '@openledger/db/server';
import type { Log } from './log.ts';
import type { Run } from './service.ts';
import type { Watchdog } from './watchdog.ts';

export type DatabaseServiceOptions = {
  dataDir: string;
  /** 0 takes a free port, the same one at each start if it can. */
  port: number;
  /** A Postgres that runs already; without it the embedded one is started and kept running. */
  databaseUrl: string | undefined;
  run: Run;
  log: Log;
  watchdog: Watchdog;
};

/**
 * Makes sure that there is a Postgres with this version's schema `app`.
 * @returns its URL. @throws DatabaseError, MigrationError saying what to do.
 */
export async function runDatabase({
  dataDir,
  port,
  databaseUrl,
  run,
  log,
  watchdog,
}: DatabaseServiceOptions): Promise<string> {
  let url = databaseUrl ?? '';
  const onProgress = (message: string) => log.write('database', 'info', message);
  if (databaseUrl === undefined) {
    await run({
      name: 'database',
      async start() {
        const server = await startEmbeddedPostgres({ dataDir, port: port === 0 ? undefined : port, onProgress });
        const exited = server.ended.then(() => 'ended');
        watchdog.guard(server.pid);
        void exited.then(() => watchdog.release(server.pid));
        url = server.url;
        return { exited, stop: server.stop };
      },
    });
  }
  await checkServer(url);
  await migrate(url, { onProgress });
  onProgress('Postgres is ready');
  return url;
}
