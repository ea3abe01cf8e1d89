import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { OnnxError } from './errors.ts';
import type { Limits } from './limits.ts';
import type { External } from './readTensor.ts';

/**
 * The files with external data in a model's folder, each read once and whole, when the first tensor asks for it. A location
 * may lead nowhere else: not up, not to an absolute path, not through a link, and only to a regular file.
 */
export const createExternalFolder = (folder: string, limits: Limits): External => {
  const files = new Map<string, Uint8Array>();
  let total = 0;
  return (location, where) => {
    const known = files.get(location);
    if (known !== undefined) return known;
    if (files.size >= limits.externalFiles) {
      throw new OnnxError(`${where}: the model has more than ${limits.externalFiles} files with external data`);
    }
    const path = resolveInside(folder, location, where);
    const descriptor = openInside(folder, path, location, where);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw new OnnxError(`${where}: its data is in ${location}, which is no file`);
      total += stats.size;
      if (total > limits.totalBytes) {
        throw new OnnxError(
          `${where}: the files with external data have more than ${limits.totalBytes} bytes, up to ${location}`,
        );
      }
      const bytes = readWhole(descriptor, stats.size, location, where);
      files.set(location, bytes);
      return bytes;
    } finally {
      closeSync(descriptor);
    }
  };
};

const resolveInside = (folder: string, location: string, where: string): string => {
  const parts = location.split(/[/\\]/);
  const isPlain =
    location !== '' &&
    !location.includes('\0') &&
    !isAbsolute(location) &&
    !/^[a-z]:/i.test(location) &&
    !parts.includes('..');
  if (!isPlain || parts.every((part) => part === '' || part === '.')) {
    throw new OnnxError(`${where}: its data is in '${location}'; a path inside the model's folder belongs there`);
  }
  return join(folder, ...parts);
};

/** A folder on the way may be a link as well. */
const checkInside = (folder: string, path: string, location: string, where: string): void => {
  const way = relative(realpathSync(folder), realpathSync(path));
  if (way.startsWith(`..${sep}`) || way === '..' || isAbsolute(way)) {
    throw new OnnxError(
      `${where}: ${location} leads out of the model's folder by a link; the files themselves belong there`,
    );
  }
};

const openInside = (folder: string, path: string, location: string, where: string): number => {
  try {
    if (lstatSync(path).isSymbolicLink())
      throw new OnnxError(`${where}: ${location} is a link; the file itself belongs there`);
    checkInside(folder, path, location, where);
    // Without waiting: a pipe in place of a file would block until somebody writes to it.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof OnnxError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new OnnxError(`${where}: its data is in ${location}, which is not beside the model`);
    throw new OnnxError(`${where}: its data in ${location} cannot be opened (${code})`);
  }
};

/** Blocks of one call to the system; more than 2^31 at once fail on some. */
const blockBytes = 2 ** 28;

const readWhole = (descriptor: number, size: number, location: string, where: string): Uint8Array => {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; ) {
    const read = readSync(descriptor, bytes, at, Math.min(blockBytes, size - at), at);
    if (read === 0) throw new OnnxError(`${where}: ${location} became shorter while it was read`);
    at += read;
  }
  return bytes;
};
