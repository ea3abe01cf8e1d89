import { randomBytes } from 'node:crypto';
import { access, chmod, constants, link, mkdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ancestors, isRoot } from './account.ts';
import { codeOf, DatabaseError } from './errors.ts';

/** Where the embedded server keeps what, all below one folder. */
export type Folder = {
  readonly path: string;
  /** The data directory itself, which belongs to the account the server runs as. */
  readonly cluster: string;
  /** The server's password, mode 600, made once. */
  readonly password: string;
  /** The port of the last start. */
  readonly port: string;
  /** What the server said since its last start. */
  readonly log: string;
};

/** Makes the folder if need be, with its parents. Run as root, those it makes can be passed by the server's account. */
export async function openFolder(path: string): Promise<Folder> {
  const absolute = resolve(path);
  try {
    const first = await mkdir(absolute, { recursive: true });
    if (first !== undefined && isRoot()) {
      for (const made of ancestors(absolute).filter((folder) => folder.length >= first.length)) await letPass(made);
    }
    await access(absolute, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw notWritable(absolute, error);
  }
  // One name for each folder: a running server is recognised by the path on its command line.
  const real = await realpath(absolute);
  return {
    path: real,
    cluster: join(real, 'data'),
    password: join(real, 'password'),
    port: join(real, 'port'),
    log: join(real, 'server.log'),
  };
}

const letPass = async (folder: string): Promise<void> => chmod(folder, ((await stat(folder)).mode & 0o777) | 0o011);

/** The message for a folder that cannot be written to, or a disk that is full. */
export function notWritable(path: string, error: unknown): DatabaseError {
  const code = codeOf(error) ?? String(error);
  if (code === 'ENOSPC') return diskFull(path, error);
  return new DatabaseError(
    'not-writable',
    `Cannot write to the folder ${path} (${code}). Let this user write there, or choose another folder with OPENLEDGER_STATE_DIR, for example OPENLEDGER_STATE_DIR=/var/lib/openledger.`,
    { cause: error },
  );
}

export const diskFull = (path: string, cause?: unknown): DatabaseError =>
  new DatabaseError(
    'disk-full',
    `The disk that holds ${path} is full. Free some space, or choose a folder on another disk with OPENLEDGER_STATE_DIR.`,
    { cause },
  );

/** The server's password: the one kept in the folder, or a new one, the same for all who ask at the same time. */
export async function passwordFor(folder: Folder): Promise<string> {
  const fresh = `${folder.password}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(fresh, randomBytes(24).toString('base64url'), { mode: 0o600 });
    await link(fresh, folder.password);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw notWritable(folder.path, error);
  } finally {
    await rm(fresh, { force: true });
  }
  return readFile(folder.password, 'utf8');
}

/** The port of the last start, if one is remembered. */
export async function rememberedPort(folder: Folder): Promise<number | undefined> {
  const text = await readIfThere(folder.port);
  const port = Number(text);
  return text !== undefined && Number.isInteger(port) && port >= 1024 && port <= 65_535 ? port : undefined;
}

/** The content of a text file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** The last lines of the server's log, for messages. */
export async function lastLines(path: string, lines = 8): Promise<string> {
  const text = (await readIfThere(path)) ?? '';
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
