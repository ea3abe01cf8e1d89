import { join } from 'node:path';

/** A process to start. */
export type Command = { command: string; args: readonly string[]; cwd: string };

/**
 * The indexer as a process: start it with the environment of {@link readConfig}, stop it with SIGTERM.
 * Exits 1 when its environment is wrong, 75 when trying again may help. `GET /ready` on `INDEXER_PORT` answers 200 once
 * history is indexed.
 */
export const indexerCommand = (): Command => ({
  command: process.execPath,
  args: [join(import.meta.dirname, 'main.ts')],
  cwd: join(import.meta.dirname, '..'),
});
