import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Hex } from '@openledger/protocol';
import { type AdapterLimits, configFile, hashDigests, tensorsFile } from '../../lora/index.ts';
import { AdapterUnavailableError } from '../served.ts';
import { orAborted } from './orAborted.ts';
import { type AdapterFileName, adapterFileNames, type Incoming, type Source, SourceError } from './source.ts';

export type FetchLimits = Pick<AdapterLimits, 'configBytes' | 'fileBytes'> & {
  /** Milliseconds without a byte after which a download is given up. */
  readonly stallMs: number;
  /** Milliseconds that the two files may take in all. */
  readonly totalMs: number;
};

type FetchOptions = {
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
  /** Told of each piece that arrives; ends the fetch by throwing. */
  readonly onBytes: (bytes: number) => void;
};

/** What was written into the folder. */
export type Fetched = { readonly hash: Hex; readonly bytes: number };

/**
 * Fetches an adapter's two files into a folder, and flushes them to disk. Whoever sends them chooses their sizes and how
 * slow they come, so both are bounded while they arrive. The hash is of what arrived; comparing it is the caller's.
 *
 * @throws SourceError; the signal's reason when aborted
 */
export const fetchAdapter = async (
  source: Source,
  folder: string,
  { limits, signal, onBytes }: FetchOptions,
): Promise<Fetched> => {
  const tooLong = new AbortController();
  const ended = new AbortController();
  after(limits.totalMs, undefined, { signal: ended.signal, ref: false }).then(
    () => tooLong.abort(new SourceError(`The adapter did not arrive within ${limits.totalMs / 1000} s`)),
    () => {},
  );
  const both = AbortSignal.any([signal, tooLong.signal]);
  try {
    const digests = new Map<AdapterFileName, string>();
    let bytes = 0;
    for (const name of adapterFileNames) {
      const limit = name === configFile ? limits.configBytes : limits.fileBytes;
      const file = await fetchFile(source, { name, folder, limit, stallMs: limits.stallMs, signal: both, onBytes });
      digests.set(name, file.digest);
      bytes += file.bytes;
    }
    return { hash: hashDigests({ config: digests.get(configFile)!, tensors: digests.get(tensorsFile)! }), bytes };
  } finally {
    ended.abort();
  }
};

type File = Omit<FetchOptions, 'limits'> & {
  readonly name: AdapterFileName;
  readonly folder: string;
  readonly limit: number;
  readonly stallMs: number;
};

const fetchFile = async (source: Source, { name, folder, limit, stallMs, signal, onBytes }: File) => {
  const stalled = new AbortController();
  const watch = setTimeout(
    () => stalled.abort(new SourceError(`No byte of ${name} arrived for ${stallMs / 1000} s`)),
    stallMs,
  ).unref();
  const either = AbortSignal.any([signal, stalled.signal]);
  try {
    either.throwIfAborted();
    const opening = source.open(name, { limit, signal: either });
    const incoming = await orAborted(opening, either).catch((error) => {
      opening.then(({ close }) => close()).catch(() => {});
      throw error;
    });
    try {
      return await write(join(folder, name), bounded(incoming, { name, limit, signal: either, watch, onBytes }));
    } finally {
      incoming.close();
    }
  } catch (error) {
    if (either.aborted) throw either.reason;
    throw error instanceof SourceError || error instanceof AdapterUnavailableError
      ? error
      : new SourceError(`${name}: ${(error as Error).message}`, { cause: error });
  } finally {
    clearTimeout(watch);
  }
};

type Bounds = Pick<File, 'name' | 'limit' | 'signal' | 'onBytes'> & { watch: NodeJS.Timeout };

async function* bounded(
  { size, body }: Incoming,
  { name, limit, signal, watch, onBytes }: Bounds,
): AsyncGenerator<Uint8Array> {
  if (size !== undefined && size > limit) {
    throw new SourceError(`${name} has ${size} bytes; at most ${limit} are fetched`);
  }
  const chunks = body[Symbol.asyncIterator]();
  for (let bytes = 0; ; ) {
    const { done, value } = await orAborted(chunks.next(), signal);
    if (done) return;
    watch.refresh();
    bytes += value.length;
    if (bytes > limit) throw new SourceError(`${name} has more than ${limit} bytes, which is the most that is fetched`);
    onBytes(value.length);
    yield value;
  }
}

const write = async (path: string, chunks: AsyncIterable<Uint8Array>) => {
  const digest = createHash('sha256');
  let bytes = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) {
      digest.update(chunk);
      bytes += chunk.length;
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { digest: digest.digest('hex'), bytes };
};
