import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hex } from '@openledger/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import { type AdapterStore, AdapterUnavailableError } from '../served.ts';
import { type AdapterStoreOptions, createAdapterStore } from './index.ts';
import { createReadingEngine, type ReadingEngine } from './readingEngine.fixture.ts';

const fixtures = join(import.meta.dirname, '../../../fixtures/adapters/llama');
const names = ['plain', 'rslora', 'patterns', 'regex', 'all-linear', 'layers'] as const;
type Name = (typeof names)[number];

let server: Server;
let origin: string;
let cacheDir: string;
let engine: ReadingEngine;
const hashes = new Map<Name, Hex>();
const open: AdapterStore[] = [];
/** Requests as they came. */
let asked: string[] = [];
type Answer = (request: IncomingMessage, response: ServerResponse) => void;
/** Answers in place of the folder, by the beginning of the path. */
let instead: Record<string, Answer> = {};

beforeAll(async () => {
  for (const name of names) hashes.set(name, await adapterHash(join(fixtures, name)));
  server = createServer(async (request, response) => {
    const path = request.url!;
    asked.push(path);
    const other = Object.entries(instead).find(([prefix]) => path.startsWith(prefix));
    if (other !== undefined) return other[1](request, response);
    await readFile(join(fixtures, path)).then(
      (body) => response.end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'openledger-store-'));
  engine = createReadingEngine();
  asked = [];
  instead = {};
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((store) => store.close()));
  await rm(cacheDir, { recursive: true, force: true });
});
afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const opened = async (options: Partial<AdapterStoreOptions> = {}): Promise<AdapterStore> => {
  const store = await createAdapterStore({ engine, cacheDir, allowPrivate: true, ...options });
  open.push(store);
  return store;
};
const adapter = (name: Name, at = `${origin}/${name}/`) => ({ hash: hashes.get(name)!, uri: at });
const statusOf = (store: AdapterStore, name: Name) => store.status().find(({ hash }) => hash === hashes.get(name));
const hang: Answer = () => {};

test('the first request of an adapter fetches, verifies and loads it; the next finds it loaded', async () => {
  const store = await opened();
  const first = await store.acquire(adapter('plain'));
  expect(first).toMatchObject({ hash: hashes.get('plain'), wasWarm: false });
  expect(await adapterHash(join(cacheDir, first.hash))).toBe(first.hash);
  const second = await store.acquire(adapter('plain'));
  expect(second.wasWarm).toBe(true);
  expect(asked).toEqual(['/plain/adapter_config.json', '/plain/adapter_model.safetensors']);
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', leases: 2, isPinned: false, error: undefined });
  first.release();
  first.release();
  expect(statusOf(store, 'plain')?.leases).toBe(1);
  second.release();
  expect(statusOf(store, 'plain')?.leases).toBe(0);
});

test('many that wait for one adapter share its fetch, and others do not wait for it', async () => {
  const store = await opened();
  const held: ServerResponse[] = [];
  instead = { '/plain/adapter_config.json': (_, response) => held.push(response) };
  const waiting = Array.from({ length: 5 }, () => store.acquire(adapter('plain')));
  await vi.waitFor(() => expect(held).toHaveLength(1));
  expect(statusOf(store, 'plain')?.state).toBe('fetching');
  await store.acquire(adapter('rslora'));
  expect(statusOf(store, 'plain')?.state).toBe('fetching');
  held[0]!.end(await readFile(join(fixtures, 'plain/adapter_config.json')));
  await Promise.all(waiting);
  expect(engine.loads).toEqual([hashes.get('rslora'), hashes.get('plain')]);
  expect(asked.filter((path) => path.startsWith('/plain'))).toHaveLength(2);
});

test('files that are not what the chain says are never loaded, and nothing of them is kept', async () => {
  const store = await opened();
  const wrong = store.acquire({ hash: hashes.get('plain')!, uri: `${origin}/rslora` });
  await expect(wrong).rejects.toThrow(AdapterUnavailableError);
  await expect(wrong).rejects.toThrow(`have hash ${hashes.get('rslora')}; the chain says ${hashes.get('plain')}`);
  expect(engine.loads).toEqual([]);
  expect(await readdir(cacheDir)).toEqual([]);
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'failed', leases: 0 });
  // Its right place is not spoiled by a wrong one.
  await store.acquire(adapter('plain'));
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', error: undefined });
});

test('what was fetched is there after a restart, and what was damaged meanwhile is fetched anew', async () => {
  const before = await opened();
  for (const name of ['plain', 'rslora'] as const) await before.acquire(adapter(name));
  await before.close();
  asked = [];
  await writeFile(join(cacheDir, hashes.get('rslora')!, 'adapter_model.safetensors'), 'damaged');
  const store = await opened();
  expect(statusOf(store, 'plain')?.state).toBe('stored');
  await store.acquire(adapter('plain'));
  expect(asked).toEqual([]);
  await store.acquire(adapter('rslora'));
  expect(asked).toEqual(['/rslora/adapter_config.json', '/rslora/adapter_model.safetensors']);
});

test('the one not used for longest goes when there is no room; what is in use or pinned stays', async () => {
  const store = await opened({ maxLoaded: 3 });
  await store.preload(adapter('plain'), { pin: true });
  const used = await store.acquire(adapter('rslora'));
  (await store.acquire(adapter('patterns'))).release();
  (await store.acquire(adapter('regex'))).release();
  expect(engine.loaded).toEqual(new Set(['plain', 'rslora', 'regex'].map((name) => hashes.get(name as Name))));
  expect(statusOf(store, 'patterns')?.state).toBe('stored');
  const also = await store.acquire(adapter('regex'));
  const waiting = store.acquire(adapter('patterns'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(statusOf(store, 'patterns')?.state).toBe('stored');
  used.release();
  await waiting;
  also.release();
  expect(engine.mostLoaded()).toBe(3);
});

test('who waits no longer is let go at once, and the adapter comes all the same', async () => {
  const store = await opened();
  const held: ServerResponse[] = [];
  instead = { '/plain/adapter_config.json': (_, response) => held.push(response) };
  const left = new AbortController();
  const waiting = store.acquire(adapter('plain'), { signal: left.signal });
  await vi.waitFor(() => expect(held).toHaveLength(1));
  left.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  expect(statusOf(store, 'plain')?.leases).toBe(0);
  held[0]!.end(await readFile(join(fixtures, 'plain/adapter_config.json')));
  await vi.waitFor(() => expect(statusOf(store, 'plain')?.state).toBe('stored'));
});

test('a worker fetches from the public internet alone, unless its operator lets it', async () => {
  const store = await opened({ allowPrivate: false });
  await expect(store.acquire(adapter('plain'))).rejects.toThrow('127.0.0.1 is not on the public internet');
  await expect(store.acquire(adapter('plain', origin.replace('127.0.0.1', 'localhost')))).rejects.toThrow(
    'localhost leads to 127.0.0.1, which is not on the public internet',
  );
  await expect(store.acquire(adapter('plain', `file://${fixtures}/plain`))).rejects.toThrow('WORKER_ALLOW_FILES');
  expect(asked).toEqual([]);
});

test('downloads that are too large, stall, or never end are given up', async () => {
  const store = await opened({
    limits: { configBytes: 100_000, fileBytes: 50_000, headerBytes: 10_000, tensors: 100, rank: 64, modules: 100 },
    stallMs: 100,
    fetchMs: 400,
  });
  instead = {
    '/stalled/': hang,
    '/large/adapter_model': (_, response) => response.writeHead(200, { 'content-length': '50001' }).write('x'),
    '/endless/adapter_config': (_, response) => {
      const more = (): void => void (response.destroyed || response.write(Buffer.alloc(10_000), more));
      more();
    },
    '/slow/adapter_config': (_, response) => {
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    },
    '/large/adapter_config': (_, response) => response.end('{}'),
  };
  const error = (path: string) => store.acquire(adapter('plain', `${origin}/${path}`)).catch(({ message }) => message);
  expect(await Promise.all(['stalled', 'large', 'endless', 'slow', 'none'].map(error))).toEqual([
    'The adapter cannot be fetched: No byte of adapter_config.json arrived for 0.1 s',
    'The adapter cannot be fetched: adapter_model.safetensors has 50001 bytes; at most 50000 are fetched',
    'The adapter cannot be fetched: adapter_config.json has more than 100000 bytes, which is the most that is fetched',
    'The adapter cannot be fetched: The adapter did not arrive within 0.4 s',
    `The adapter cannot be fetched: ${origin}/none/adapter_config.json answers with status 404`,
  ]);
  expect(await readdir(cacheDir)).toEqual([]);
});
