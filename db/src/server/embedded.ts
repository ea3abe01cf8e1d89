import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { locateBinaries } from './binaries.ts';
import { accountFor, hasCluster, initialiseCluster, SUPERUSER } from './cluster.ts';
import { codeOf, DatabaseError } from './errors.ts';
import { diskFull, type Folder, openFolder, passwordFor, rememberedPort } from './folder.ts';
import { freePort, isFree } from './ports.ts';
import {
  end,
  type Launch,
  launch,
  type Postmaster,
  removeForeignLock,
  runningPostmaster,
  signal,
} from './postmaster.ts';
import { isAlive } from './processes.ts';

export type EmbeddedOptions = {
  /** Folder for the data, the password and the log; made if need be. */
  readonly dataDir: string;
  /** Port on 127.0.0.1; without it the one of the last start if free, else any free one. */
  readonly port?: number | undefined;
  /** The database to make; `openledger` without it. */
  readonly database?: string;
  /** Further server settings, over those for a laptop. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Further flags for initdb. */
  readonly initFlags?: readonly string[];
  /** Told in a few words what is being done, when it takes noticeable time. */
  readonly onProgress?: (message: string) => void;
};

/** A server that takes connections. */
export type EmbeddedPostgres = {
  /** With user, password and database. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** False where another live process of ours started the server: it is shared, and `stop` leaves it to that process. */
  readonly owned: boolean;
  /** Resolves when the server's process has ended, stopped or crashed. */
  readonly ended: Promise<void>;
  /** Stops the server and waits until its process is gone; may be called again. */
  readonly stop: () => Promise<void>;
};

/** Recovery after a crash replays at most a few checkpoints of a laptop's writes. */
const START_PATIENCE = 300_000;

/**
 * Starts Postgres 17 on a folder, made and initialised the first time. What a crash left is cleared up: a lock file of
 * a process that is gone is removed, and a server whose starter is gone is stopped and started anew.
 * @throws DatabaseError with the problem and the remedy
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const progress = options.onProgress ?? (() => {});
  const database = options.database ?? 'openledger';
  const binaries = await locateBinaries();
  const folder = await openFolder(options.dataDir);
  const account = await accountFor(folder, binaries);
  const known = await hasCluster(folder);
  const password = await passwordFor(folder);
  if (!known) {
    // Before the long part rather than after it.
    if (options.port !== undefined) await choosePort(folder, options.port);
    progress('making the database');
    await initialiseCluster(folder, binaries, account, password, options.initFlags ?? []);
  }

  for (const started = Date.now(); ; ) {
    const running = await runningPostmaster(folder);
    if (running?.attended) return share(await whenReady(folder, running), options, folder, database, password);
    if (running !== undefined) {
      progress(`stopping the database server that a crash left running (process ${running.pid})`);
      await end(running.pid);
    }
    await removeForeignLock(folder);
    const port = await choosePort(folder, options.port);
    const launched = await launch(folder, binaries, account, port, options.settings ?? {}, START_PATIENCE);
    if (launched.kind === 'ready') {
      return await own(launched, port, async () => {
        await writeFile(folder.port, `${port}\n`);
        return ensureDatabase(folder, port, database, password);
      });
    }
    if (launched.kind === 'slow' || !mayPass(launched.said) || Date.now() - started > 30_000) {
      throw startFailed(folder, launched.said);
    }
    await sleep(200);
  }
}

/**
 * Whether starting again may help: somebody else took the port or the data directory this moment, or the workers of a
 * server that was killed have not noticed yet.
 */
const mayPass = (said: string): boolean =>
  /Address already in use|lock file "postmaster.pid" already exists|is still in use|is empty/.test(said);

async function choosePort(folder: Folder, asked: number | undefined): Promise<number> {
  if (asked === undefined) {
    const remembered = await rememberedPort(folder);
    return remembered !== undefined && (await isFree(remembered)) ? remembered : freePort();
  }
  if (await isFree(asked)) return asked;
  throw new DatabaseError(
    'port-busy',
    `The embedded Postgres was asked to listen on port ${asked}, which another program uses. Choose another with OPENLEDGER_DB_PORT, for example OPENLEDGER_DB_PORT=${asked === 65_535 ? 54_320 : asked + 1}, or leave it unset to have a free one found.`,
  );
}

async function whenReady(folder: Folder, running: Postmaster): Promise<Postmaster> {
  for (const started = Date.now(); Date.now() - started < START_PATIENCE; await sleep(50)) {
    const now = await runningPostmaster(folder);
    if (now === undefined) break;
    if (now.ready) return now;
  }
  throw startFailed(folder, `process ${running.pid}, started by another process, did not become ready`);
}

async function share(
  running: Postmaster,
  options: EmbeddedOptions,
  folder: Folder,
  database: string,
  password: string,
): Promise<EmbeddedPostgres> {
  const { pid, port } = running;
  if (options.port !== undefined && options.port !== port) {
    throw new DatabaseError(
      'port-differs',
      `The embedded Postgres was asked to listen on port ${options.port}, but it runs already, on port ${port}, for another process. Stop that one first, or set OPENLEDGER_DB_PORT=${port}.`,
    );
  }
  const url = await ensureDatabase(folder, port, database, password);
  return { url, port, pid, owned: false, ended: endOf(pid), stop: async () => {} };
}

/** The handle of a server that this process launched; if `prepare` fails, the server is stopped again. */
async function own(
  { pid, gone }: Extract<Launch, { kind: 'ready' }>,
  port: number,
  prepare: () => Promise<string>,
): Promise<EmbeddedPostgres> {
  // However this process ends, short of being killed, the server ends with it.
  const lastResort = () => signal(pid, 'SIGINT');
  process.once('exit', lastResort);
  const ended = gone.then(() => void process.removeListener('exit', lastResort));
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= end(pid).then(() => ended);
    return stopping;
  };
  try {
    return { url: await prepare(), port, pid, owned: true, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Looks twice a second, without keeping this process alive for it. */
async function endOf(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(500, undefined, { ref: false });
}

async function ensureDatabase(folder: Folder, port: number, database: string, password: string): Promise<string> {
  const urlOf = (name: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${name}`;
  const sql = postgres(urlOf('postgres'), { max: 1, onnotice: () => {}, fetch_types: false });
  try {
    const found = await sql`select 1 from pg_database where datname = ${database}`;
    if (found.length === 0) await sql`create database ${sql(database)}`;
  } catch (error) {
    // 42P04, 23505: another process made it this moment.
    if (codeOf(error) === '28P01') throw passwordLost(folder, error);
    if (codeOf(error) !== '42P04' && codeOf(error) !== '23505') throw error;
  } finally {
    await sql.end();
  }
  return urlOf(database);
}

const passwordLost = (folder: Folder, cause: unknown): DatabaseError =>
  new DatabaseError(
    'password-lost',
    `The password in ${folder.password} is not the one of the data directory ${folder.cluster}. Put the right one back, or remove ${folder.path} to start empty (everything on chain is indexed again).`,
    { cause },
  );

function startFailed(folder: Folder, said: string): DatabaseError {
  if (said.includes('No space left on device')) return diskFull(folder.path);
  return new DatabaseError(
    'start-failed',
    `The embedded Postgres on ${folder.cluster} did not start. Its last words, from ${folder.log}:\n${said}`,
  );
}
