import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { portIfFree } from '@openledger/protocol/chain';
import pino from 'pino';
import { endWithReader } from './broken-pipe.ts';
import { ConfigError, type IndexerConfig, readConfig } from './config.ts';
import { appRoot } from './deployment-name.ts';
import { haltsOf, remedy } from './halt.ts';
import { mayPass } from './passing.ts';
import { patchPonder } from './ponder-patches.ts';
import { connect, HaltedError, LostLockError, prepareIndexer, viewsSchema } from './prepare.ts';
import { readReadiness } from './readiness.ts';
import { startStatusServer } from './status-server.ts';

// The indexer's process: checks the environment, prepares the database, and becomes Ponder.
// Ponder runs in this process and not in one below it, so that one kill ends all and the lock ends with it.

/** `EX_TEMPFAIL`, as Ponder uses it. */
const tryAgain = 75;

endWithReader();
const log = pino({ name: 'indexer', level: 'info' });

/** Hands the process to Ponder's command line. Ponder has its own handlers for signals, and ends the process itself. */
const becomePonder = async (config: IndexerConfig, schema: string, port: number) => {
  process.env.PONDER_TELEMETRY_DISABLED = 'true';
  // Of rows, Ponder would keep as many in memory as fit a fifth of the heap: more memory the longer it runs.
  process.env.PONDER_CACHE_BYTES ??= String(200 * 2 ** 20);
  // Ponder's use of its Postgres client prints a deprecation that nobody here can act on.
  Object.assign(process, { noDeprecation: true });
  // Ponder would take these over its command line's values.
  delete process.env.PORT;
  delete process.env.DATABASE_SCHEMA;
  delete process.env.DATABASE_VIEWS_SCHEMA;
  process.argv.splice(
    2,
    Number.POSITIVE_INFINITY,
    'start',
    ...['--root', appRoot],
    ...['--schema', schema],
    ...['--views-schema', viewsSchema],
    ...['--hostname', '127.0.0.1'],
    ...['--port', String(port)],
    ...['--log-level', config.logLevel],
    ...['--log-format', config.logFormat],
  );
  // Ponder is thousands of files; compiled once, they start in half the time.
  enableCompileCache(join(appRoot, '.ponder', 'compiled'));
  patchPonder(({ name, file }) => log.warn({ patch: name, file }, 'Ponder has changed; this patch of it is left out'));
  await import(new URL('./bin/ponder.js', import.meta.resolve('ponder')).href);
};

/** Goes on answering that nothing is served, and why, until somebody has decided; then ends to be started again. */
const stayHalted = async (config: IndexerConfig, { message }: HaltedError) => {
  log.fatal(`Nothing is served: ${message}. ${remedy}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
  const sql = connect(config.databaseUrl);
  await startStatusServer({ ...config, read: () => readReadiness({ sql, chains: [] }) });
  setInterval(async () => {
    const halts = await haltsOf(sql).catch(() => undefined);
    if (halts?.length !== 0) return;
    log.info('What was indexed has been dropped; starting again');
    process.exit(tryAgain);
  }, 2_000);
};

try {
  const config = readConfig(process.env);
  log.level = config.logLevel;
  try {
    const prepared = await prepareIndexer(config, (message, details) => log.warn(details ?? {}, message));
    log.info(
      { schema: prepared.schema, chainId: String(config.manifest.chainId) },
      prepared.resumes ? 'Resuming the index' : 'Indexing from the start',
    );
    prepared.watch((because) => {
      log.error(`Stopping: ${because}`);
      // Ponder ends with 0 when told to stop; this is no such end, and starting again is the remedy.
      process.once('exit', () => {
        process.exitCode = tryAgain;
      });
      process.kill(process.pid, 'SIGTERM');
    });
    const port = (await portIfFree(0)) ?? 0;
    const ponderUrl = `http://127.0.0.1:${port}`;
    await startStatusServer({ ...config, read: () => readReadiness(prepared), ponderUrl });
    await becomePonder(config, prepared.schema, port);
  } catch (error) {
    if (!(error instanceof HaltedError)) throw error;
    await stayHalted(config, error);
  }
} catch (error) {
  if (error instanceof ConfigError) {
    log.fatal(error.message);
    process.exit(1);
  }
  if (!(error instanceof LostLockError) && !mayPass(error)) throw error;
  log.fatal(`Could not start: ${error.message}. Starting again may help`);
  process.exit(tryAgain);
}
