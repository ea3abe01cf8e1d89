import { mkdir, mkdtemp, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { adapterFileNames } from './source.ts';

/** An adapter that is whole on disk. */
export type Stored = { readonly hash: Hex; readonly bytes: number; readonly usedAt: Date };

/**
 * Adapters on disk, each in a folder named by its hash. A folder appears there whole, flushed and at once, and goes at
 * once, so that a crash at any moment leaves adapters or rubbish that the next start knows by its name.
 */
export type Disk = {
  readonly folderOf: (hash: Hex) => string;
  /** An empty folder to fetch into. */
  readonly stage: () => Promise<string>;
  /** Makes a staged folder the adapter's. */
  readonly commit: (staged: string, hash: Hex) => Promise<void>;
  readonly discard: (staged: string) => Promise<void>;
  readonly remove: (hash: Hex) => Promise<void>;
  /** Remembers over restarts when an adapter was used. */
  readonly touch: (hash: Hex, at: Date) => Promise<void>;
};

const STAGED = '.part-';
const REMOVED = '.gone-';

/** Opens the folder, makes it where it is not there, and clears away what a crash left. @returns what is in it */
export const openDisk = async (folder: string): Promise<{ disk: Disk; stored: readonly Stored[] }> => {
  await mkdir(folder, { recursive: true });
  const folderOf = (hash: Hex) => join(folder, hash);
  const clear = (path: string) => rm(path, { recursive: true, force: true });
  const stored: Stored[] = [];
  for (const { name } of await readdir(folder, { withFileTypes: true })) {
    if (isRubbish(name)) await clear(join(folder, name));
    if (!/^0x[0-9a-f]{64}$/.test(name)) continue;
    const adapter = await inspect(folderOf(name as Hex), name as Hex);
    if (adapter === undefined) await clear(folderOf(name as Hex));
    else stored.push(adapter);
  }
  const discarded = async (path: string) => {
    const gone = await mkdtemp(join(folder, `${REMOVED}${process.pid}-`));
    await rename(path, gone).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await clear(gone);
  };
  return {
    stored,
    disk: {
      folderOf,
      stage: () => mkdtemp(join(folder, `${STAGED}${process.pid}-`)),
      commit: async (staged, hash) => {
        await flush(staged);
        // A folder may only take the place of an empty one, and a worker beside this one may have been quicker.
        await discarded(folderOf(hash));
        await rename(staged, folderOf(hash));
        await flush(folder);
      },
      discard: clear,
      remove: (hash) => discarded(folderOf(hash)),
      touch: (hash, at) => utimes(folderOf(hash), at, at).catch(() => {}),
    },
  };
};

/** What a process that is gone left; its number may be this one's again. */
const isRubbish = (name: string): boolean => {
  const pid = /^\.(?:part|gone)-(\d+)-/.exec(name)?.[1];
  return pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

const inspect = async (path: string, hash: Hex): Promise<Stored | undefined> => {
  try {
    const files = await Promise.all(adapterFileNames.map((name) => stat(join(path, name))));
    if (!files.every((file) => file.isFile())) return undefined;
    return { hash, bytes: files.reduce((sum, { size }) => sum + size, 0), usedAt: (await stat(path)).mtime };
  } catch {
    return undefined;
  }
};

const flush = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
