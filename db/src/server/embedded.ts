import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { type Account, blockingFolder, isRoot, systemAccount } from './account.ts';
import { locateBinaries, POSTGRES_MAJOR } from './binaries.ts';
import { codeOf, DatabaseError } from './errors.ts';
import { freePort, isFree } from './ports.ts';
import { commandOf, hasEnded, isAlive } from './processes.ts';

export type EmbeddedOptions = {
  /** Where the server keeps its data; made when absent. Its parent must be enterable by the server's account. */
  dataDir: string;
  /** A free one, remembered across starts, when left out or 0. */
  port?: number;
  /** Server settings beyond the defaults, for tests. */
  settings?: Readonly<Record<string, string>>;
};

export type EmbeddedPostgres = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Settles with the reason when the server ends, also by `stop`. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
};

const user = 'openledger';
const database = 'openledger';
const startTimeoutMs = 60_000;

/** For a laptop: room for a few hundred thousand rows, and logical decoding possible later. */
const defaults: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  wal_level: 'logical',
  max_wal_size: '2GB',
  log_destination: 'stderr',
};

/**
 * Starts the Postgres that comes with this package, made on first use and resumed afterwards, and creates the database
 * `openledger` in it.
 * @throws DatabaseError whose message says what is wrong and what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const binaries = await locateBinaries();
  const account: Account = isRoot() ? systemAccount('postgres') : undefined;
  makeFolder(dataDir, account);
  checkVersion(dataDir);
  const password = passwordOf(dataDir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(binaries.initdb, dataDir, account, password);
  await stopOrphan(dataDir);

  const port = await choosePort(dataDir, options.port);
  const settings = Object.entries({ ...defaults, ...options.settings, port: String(port) });
  const child = spawn(
    binaries.postgres,
    ['-D', dataDir, ...settings.flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    {
      ...account,
      // The server reads this folder's name when it starts; ours may be closed to its account.
      cwd: dataDir,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in the terminal is for the program that started the server, which then stops it in order.
      detached: true,
    },
  );
  const kill = () => void child.kill('SIGINT');
  process.once('exit', kill);
  const last: string[] = [];
  const hear = (chunk: Buffer) => {
    last.push(...chunk.toString().trimEnd().split('\n'));
    last.splice(0, last.length - 8);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const exited = new Promise<string>((done) => {
    child.once('error', (error) => done(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      process.off('exit', kill);
      done(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });

  const url = `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await untilAnswering(url, port, exited, last);
  } catch (error) {
    await stopServer(child, exited);
    throw error;
  }
  return { url, port, pid: child.pid!, exited, stop: () => stopServer(child, exited) };
}

function makeFolder(dataDir: string, account: Account): void {
  try {
    mkdirSync(dirname(dataDir), { recursive: true });
    if (!existsSync(dataDir)) mkdirSync(dataDir, { mode: 0o700 });
    if (account !== undefined) chownSync(dataDir, account.uid, account.gid);
  } catch (error) {
    throw new DatabaseError(
      'not-writable',
      `The database folder ${dataDir} cannot be made or written (${codeOf(error)}). Make its parent writable, or set OPENLEDGER_STATE_DIR to another folder.`,
      { cause: error },
    );
  }
  const blocking = blockingFolder(account, dirname(dataDir));
  if (account !== undefined && blocking !== undefined) {
    throw new DatabaseError(
      'not-reachable',
      `Postgres does not run as root but as the account "postgres", which may not enter ${blocking}. Set OPENLEDGER_STATE_DIR to a folder outside it, for example /var/tmp/openledger, or let others pass: chmod o+x ${blocking}`,
    );
  }
}

function checkVersion(dataDir: string): void {
  const file = join(dataDir, 'PG_VERSION');
  if (!existsSync(file)) return;
  const version = readFileSync(file, 'utf8').trim();
  if (version === String(POSTGRES_MAJOR)) return;
  throw new DatabaseError(
    'other-version',
    `The database folder ${dataDir} was made by Postgres ${version}, and this is Postgres ${POSTGRES_MAJOR}. Move the folder away to start anew, or run Postgres ${version} on it yourself and name it in DATABASE_URL.`,
  );
}

/** The server's password, made once and kept beside the data folder for the person who owns it alone. */
function passwordOf(dataDir: string): string {
  const file = `${dataDir}.password`;
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(join(dataDir, 'PG_VERSION'))) {
    throw new DatabaseError(
      'password-lost',
      `The database in ${dataDir} has a password, and ${file}, which held it, is gone. Restore that file, or move ${dataDir} away to start anew.`,
    );
  }
  const password = randomBytes(18).toString('base64url');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

function initialise(initdb: string, dataDir: string, account: Account, password: string): void {
  const passwordFile = join(dataDir, '..', `.${randomBytes(6).toString('hex')}.pw`);
  try {
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
    const made = spawnSync(
      initdb,
      [
        '-D',
        dataDir,
        '-U',
        user,
        `--pwfile=${passwordFile}`,
        '-A',
        'scram-sha-256',
        '-E',
        'UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...account, cwd: dataDir, encoding: 'utf8' },
    );
    if (made.status === 0) return;
    const words = `${made.stderr ?? ''}${made.error?.message ?? ''}`.trim().split('\n').slice(-6).join('\n');
    const full = /No space left|ENOSPC/.test(words);
    throw new DatabaseError(
      full ? 'disk-full' : 'init-failed',
      full
        ? `There is no space left to make the database in ${dataDir}. Free some, or set OPENLEDGER_STATE_DIR to another disk.`
        : `The database could not be made in ${dataDir}:\n${words}`,
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** A server that a killed run left behind on this folder is stopped; a pid file without its process is left to Postgres. */
async function stopOrphan(dataDir: string): Promise<void> {
  const file = join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
  if (!isAlive(pid) || !(commandOf(pid)?.includes(dataDir) ?? false)) {
    rmSync(file, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  if (await hasEnded(pid, 10_000)) return;
  process.kill(pid, 'SIGKILL');
  await hasEnded(pid, 5_000);
}

async function choosePort(dataDir: string, asked: number | undefined): Promise<number> {
  const file = `${dataDir}.port`;
  if (asked !== undefined && asked !== 0) {
    if (await isFree(asked)) return asked;
    throw new DatabaseError(
      'port-busy',
      `Port ${asked}, meant for Postgres, is taken by another program. Stop that program, or choose another port: OPENLEDGER_DB_PORT=${asked + 1}`,
    );
  }
  const remembered = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = remembered > 0 && (await isFree(remembered)) ? remembered : await freePort();
  writeFileSync(file, String(port));
  return port;
}

async function untilAnswering(
  url: string,
  port: number,
  exited: Promise<string>,
  last: readonly string[],
): Promise<void> {
  let ended: string | undefined;
  void exited.then((reason) => {
    ended = reason;
  });
  const deadline = Date.now() + startTimeoutMs;
  while (ended === undefined && Date.now() < deadline) {
    const sql = postgres(url.replace(/\/[^/]*$/, '/postgres'), { max: 1, onnotice: () => {}, connect_timeout: 5 });
    try {
      const [found] = await sql`select 1 from pg_database where datname = ${database}`;
      if (found === undefined) await sql.unsafe(`create database ${database}`);
      return;
    } catch (error) {
      if (codeOf(error) === '28P01') {
        throw new DatabaseError(
          'login-refused',
          `The Postgres on port ${port} does not take the password kept beside its folder.`,
        );
      }
      await sleep(50);
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
  const reason = ended ?? `did not answer within ${startTimeoutMs / 1_000} s`;
  const full = last.some((line) => /No space left/.test(line));
  throw new DatabaseError(full ? 'disk-full' : 'start-failed', [`Postgres ${reason}.`, ...last].join('\n'));
}

async function stopServer(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // SIGINT is Postgres' fast shutdown: open transactions are rolled back, everything committed is on disk.
  child.kill('SIGINT');
  const late = await Promise.race([exited.then(() => false), sleep(15_000, true, { ref: false })]);
  if (late) child.kill('SIGKILL');
  await exited;
}
