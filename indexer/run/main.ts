import pino from 'pino';
import { endWithReader } from './broken-pipe.ts';
import { ConfigError, type IndexerConfig, readConfig } from './config.ts';
import { appRoot } from './deployment-name.ts';
import { patchPonder } from './ponder-patches.ts';
import { prepareIndexer, viewsSchema } from './prepare.ts';

// The indexer's process: checks the environment, prepares the database, and becomes Ponder.
// Ponder runs in this process and not in one below it, so that one kill ends all and the lock ends with it.

/** `EX_TEMPFAIL`, as Ponder uses it. */
const tryAgain = 75;

endWithReader();
const log = pino({ name: 'indexer', level: 'info' });

/** Hands the process to Ponder's command line. Ponder has its own handlers for signals, and ends the process itself. */
const becomePonder = async (config: IndexerConfig, schema: string) => {
  process.env.PONDER_TELEMETRY_DISABLED = 'true';
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
    ...['--hostname', config.host],
    ...['--port', String(config.port)],
    ...['--log-level', config.logLevel],
    ...['--log-format', config.logFormat],
  );
  patchPonder(({ name, file }) => log.warn({ patch: name, file }, 'Ponder has changed; this patch of it is left out'));
  await import(new URL('./bin/ponder.js', import.meta.resolve('ponder')).href);
};

try {
  const config = readConfig(process.env);
  log.level = config.logLevel;
  const { schema, resumes, watch } = await prepareIndexer(config, (message, details) =>
    log.warn(details ?? {}, message),
  );
  log.info(
    { schema, chainId: String(config.manifest.chainId) },
    resumes ? 'Resuming the index' : 'Indexing from the start',
  );
  watch((because) => {
    log.error(`Stopping: ${because}`);
    // Ponder ends with 0 when told to stop; this is no such end, and starting again is the remedy.
    process.once('exit', () => {
      process.exitCode = tryAgain;
    });
    process.kill(process.pid, 'SIGTERM');
  });
  await becomePonder(config, schema);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  log.fatal(error.message);
  process.exit(1);
}
