import { fileURLToPath } from 'node:url';
import type { Database } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { publicOnly } from '@openledger/protocol/network';
import { createContentSource } from './contentSource.ts';
import { createFileSource } from './fileSource.ts';
import { createHttpSource } from './httpSource.ts';
import { type Source, SourceError } from './source.ts';

export type SourceOptions = {
  /** Holds the content store; without it `openledger:content/…` is refused. */
  readonly db?: Pick<Database, 'select'> | undefined;
  /** Also fetch from addresses that are not on the public internet. */
  readonly allowPrivate: boolean;
  /** Also read folders of this machine, `file:///…`. */
  readonly allowFiles: boolean;
};

const MAX_URI = 2048;

/** Where a URI of the chain leads. @throws SourceError for one that may not be followed, saying which may. */
export const sourceOf = (uri: string, { db, allowPrivate, allowFiles }: SourceOptions): Source => {
  if (uri.length > MAX_URI)
    throw new SourceError(`The adapter's URI has ${uri.length} characters; at most ${MAX_URI} are read`);
  const hash = /^openledger:content\/(0x[0-9a-fA-F]{64})$/.exec(uri)?.[1];
  if (hash !== undefined) {
    if (db === undefined) throw new SourceError('This worker has no content store to fetch openledger:content/… from');
    return createContentSource(hash.toLowerCase() as Hex, db);
  }
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  switch (url?.protocol) {
    case 'https:':
    case 'http:':
      return createHttpSource(url, allowPrivate ? undefined : publicOnly);
    case 'file:':
      if (!allowFiles) throw new SourceError('This worker reads no file:///… adapters (WORKER_ALLOW_FILES lets it)');
      return createFileSource(pathOf(url));
    default:
      throw new SourceError(
        `An adapter's URI is https://…, http://… or openledger:content/0x…; not ${JSON.stringify(uri.slice(0, 80))}`,
      );
  }
};

const pathOf = (url: URL): string => {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new SourceError(`The adapter's URI names no folder of this machine: ${(error as Error).message}`);
  }
};
