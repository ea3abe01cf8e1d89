import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import type { AdapterStatus, AdapterStore } from '../served.ts';
import { type AdapterServer, startAdapterServer } from './adapterServer.fixture.ts';
import { type AdapterStoreOptions, createAdapterStore } from './adapterStore.ts';
import { createReadingEngine, type ReadingEngine } from './readingEngine.fixture.ts';

/** Where peft's adapters of the Llama fixture are. */
export const fixtures = join(import.meta.dirname, '../../../fixtures/adapters/llama');
export const names = ['plain', 'rslora', 'patterns', 'regex', 'all-linear', 'layers'] as const;
export type Name = (typeof names)[number];
export type StoreSettings = Partial<AdapterStoreOptions>;

/** For each test of a file: an empty folder, an engine, and a web server with those adapters. */
export const useStores = () => {
  const hashes = new Map<Name, Hex>();
  const open: AdapterStore[] = [];
  let server: AdapterServer;
  let cacheDir: string;
  let engine: ReadingEngine;

  beforeAll(async () => {
    for (const name of names) hashes.set(name, await adapterHash(join(fixtures, name)));
    server = await startAdapterServer(fixtures);
  });
  beforeEach(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'openledger-store-'));
    engine = createReadingEngine();
    server.asked.splice(0);
    server.instead.clear();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((store) => store.close()));
    await rm(cacheDir, { recursive: true, force: true });
  });
  afterAll(() => server.stop());

  const hashOf = (name: Name): Hex => hashes.get(name)!;
  return {
    hashOf,
    server: () => server,
    engine: () => engine,
    cacheDir: () => cacheDir,
    /** A store over the test's folder, that may fetch from this machine. */
    opened: async (options: StoreSettings = {}): Promise<AdapterStore> => {
      const store = await createAdapterStore({ engine, cacheDir, allowPrivate: true, ...options });
      open.push(store);
      return store;
    },
    /** As the chain would name it. */
    adapter: (name: Name, path: string = name) => ({ hash: hashOf(name), uri: `${server.origin}/${path}/` }),
    statusOf: (store: AdapterStore, name: Name): AdapterStatus | undefined =>
      store.status().find(({ hash }) => hash === hashes.get(name)),
  };
};
