import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import { EngineError } from '../engine.ts';
import { AdapterUnavailableError } from '../served.ts';
import { fixtures, useStores } from './store.fixture.ts';

const { adapter, cacheDir, engine, hashOf, opened, server, statusOf } = useStores();

/** Holds answers back until they are asked for. */
const holdBack = (path: string) => {
  const held: ServerResponse[] = [];
  server().instead.set(path, (_, response) => held.push(response));
  return {
    arrived: (count = 1) => vi.waitFor(() => expect(held).toHaveLength(count)),
    send: async (file: string) => held.splice(0).forEach(async (response) => response.end(await readFile(file))),
  };
};
const plainConfig = join(fixtures, 'plain/adapter_config.json');

test('the first request of an adapter fetches, verifies and loads it; the next finds it loaded', async () => {
  const store = await opened();
  const first = await store.acquire(adapter('plain'));
  expect(first).toMatchObject({ hash: hashOf('plain'), wasWarm: false });
  expect(await adapterHash(join(cacheDir(), first.hash))).toBe(first.hash);
  const second = await store.acquire(adapter('plain'));
  expect(second.wasWarm).toBe(true);
  expect(server().asked).toEqual(['/plain/adapter_config.json', '/plain/adapter_model.safetensors']);
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', leases: 2, isPinned: false, error: undefined });
  expect(store.counts()).toMatchObject({ warm: 1, stored: 0, cold: 1, refused: 0, fetched: 1 });
  first.release();
  first.release();
  expect(statusOf(store, 'plain')?.leases).toBe(1);
  second.release();
  expect(statusOf(store, 'plain')?.leases).toBe(0);
});

test('many that wait for one adapter share its fetch, and others do not wait for it', async () => {
  const store = await opened();
  const config = holdBack('/plain/adapter_config.json');
  const waiting = Array.from({ length: 5 }, () => store.acquire(adapter('plain')));
  await config.arrived();
  expect(statusOf(store, 'plain')?.state).toBe('fetching');
  await store.acquire(adapter('rslora'));
  expect(statusOf(store, 'plain')?.state).toBe('fetching');
  await config.send(plainConfig);
  await Promise.all(waiting);
  expect(engine().loads).toEqual([hashOf('rslora'), hashOf('plain')]);
  expect(server().asked.filter((path) => path.startsWith('/plain'))).toHaveLength(2);
});

test('who fetches the same adapter from elsewhere waits for neither a slow place nor a wrong one', async () => {
  const store = await opened();
  const config = holdBack('/slow/');
  const first = store.acquire(adapter('plain', 'slow'));
  await config.arrived();
  await expect(store.acquire(adapter('plain', 'nowhere'))).rejects.toThrow('answers with status 404');
  const second = await store.acquire(adapter('plain'));
  // It is there now, and so for who waited for the slow one.
  expect((await first).hash).toBe(second.hash);
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', leases: 2 });
});

test('files that are not what the chain says are never loaded, and nothing of them is kept', async () => {
  const store = await opened();
  const wrong = store.acquire(adapter('plain', 'rslora'));
  await expect(wrong).rejects.toThrow(AdapterUnavailableError);
  await expect(wrong).rejects.toThrow(`have hash ${hashOf('rslora')}; the chain says ${hashOf('plain')}`);
  expect(engine().loads).toEqual([]);
  expect(await readdir(cacheDir())).toEqual([]);
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'failed', leases: 0 });
  await store.acquire(adapter('plain'));
  expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', error: undefined });
});

test('what cannot be fetched is left alone for a while, then tried again', async () => {
  const store = await opened({ retry: { firstMs: 300, maxMs: 300 } });
  server().instead.set('/plain/', (_, response) => response.writeHead(500).end());
  await expect(store.acquire(adapter('plain'))).rejects.toThrow('status 500');
  await expect(store.acquire(adapter('plain'))).rejects.toThrow('it is tried again in 1 s');
  expect(server().asked).toHaveLength(1);
  server().instead.clear();
  await vi.waitFor(() => store.acquire(adapter('plain')));
});

test('an adapter that the engine cannot take is fetched once, says why, and is not tried for each request', async () => {
  const store = await opened({ allowFiles: true });
  const folder = join(fixtures, '../../refused/llama/dora');
  const dora = { hash: await adapterHash(folder), uri: pathToFileURL(folder).href };
  for (let asked = 0; asked < 3; asked += 1) {
    await expect(store.acquire(dora)).rejects.toThrow(/cannot be loaded: .*use_dora/);
  }
  expect(engine().loads).toEqual([dora.hash]);
  expect(store.status()).toMatchObject([{ state: 'failed', leases: 0 }]);
});

test('an engine that fails is no fault of the adapter: the next request tries again', async () => {
  const store = await opened();
  engine().gate = () => Promise.reject(new EngineError('out of memory'));
  await expect(store.acquire(adapter('plain'))).rejects.toThrow(EngineError);
  engine().gate = async () => {};
  await store.acquire(adapter('plain'));
  expect(server().asked).toHaveLength(2);
});

test('what was fetched is there after a restart', async () => {
  const before = await opened();
  await before.acquire(adapter('plain'));
  await before.close();
  await expect(before.acquire(adapter('rslora'))).rejects.toThrow('closed');
  server().asked.splice(0);
  const store = await opened();
  expect(statusOf(store, 'plain')?.state).toBe('stored');
  await store.acquire(adapter('plain'));
  expect(store.counts()).toMatchObject({ stored: 1, fetched: 0 });
  expect(server().asked).toEqual([]);
});

test.each([
  ['damaged', (folder: string) => writeFile(join(folder, 'adapter_model.safetensors'), 'damaged')],
  ['lost', (folder: string) => rm(folder, { recursive: true })],
])('files that were %s on disk are fetched anew, once for all that wait', async (_, harm) => {
  const before = await opened();
  await before.acquire(adapter('plain'));
  await before.close();
  const store = await opened();
  await harm(join(cacheDir(), hashOf('plain')));
  server().asked.splice(0);
  await Promise.all(Array.from({ length: 3 }, () => store.acquire(adapter('plain'))));
  expect(server().asked).toEqual(['/plain/adapter_config.json', '/plain/adapter_model.safetensors']);
  expect(await adapterHash(join(cacheDir(), hashOf('plain')))).toBe(hashOf('plain'));
});

test('the one not used for longest goes when there is no room; what is in use or pinned stays', async () => {
  const store = await opened({ maxLoaded: 3 });
  await store.preload(adapter('plain'), { pin: true });
  const used = await store.acquire(adapter('rslora'));
  (await store.acquire(adapter('patterns'))).release();
  const also = await store.acquire(adapter('regex'));
  expect(engine().loaded).toEqual(new Set([hashOf('plain'), hashOf('rslora'), hashOf('regex')]));
  expect(statusOf(store, 'patterns')?.state).toBe('stored');
  const waiting = store.acquire(adapter('patterns'));
  let isThere = false;
  waiting.then(() => {
    isThere = true;
  });
  (await store.acquire(adapter('regex'))).release();
  expect([isThere, statusOf(store, 'patterns')?.state]).toEqual([false, 'stored']);
  used.release();
  await waiting;
  also.release();
  expect(engine().mostLoaded()).toBe(3);
  expect(store.counts().unloaded).toBe(2);
});

test('pinning more than fits says so, and so does asking for what fits beside no pinned one', async () => {
  const store = await opened({ maxLoaded: 1 });
  await store.preload(adapter('plain'), { pin: true });
  await expect(store.preload(adapter('rslora'), { pin: true })).rejects.toThrow('beside those that are pinned');
  store.retire(hashOf('rslora'));
  await expect(store.acquire(adapter('patterns'))).rejects.toThrow('beside those that are pinned');
  store.retire(hashOf('plain'));
  await store.acquire(adapter('patterns'));
});

test('fetching ahead sends no loaded adapter away', async () => {
  const store = await opened({ maxLoaded: 2 });
  const ahead = ['plain', 'rslora', 'patterns', 'regex'] as const;
  await Promise.all(ahead.map((name) => store.preload(adapter(name))));
  const states = ahead.map((name) => statusOf(store, name)?.state);
  expect(states.toSorted()).toEqual(['loaded', 'loaded', 'stored', 'stored']);
  expect(store.counts().unloaded).toBe(0);
});

test('who waits no longer is let go at once, and the adapter comes all the same', async () => {
  const store = await opened();
  const config = holdBack('/plain/adapter_config.json');
  const left = new AbortController();
  const waiting = store.acquire(adapter('plain'), { signal: left.signal });
  await config.arrived();
  left.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  expect(statusOf(store, 'plain')?.leases).toBe(0);
  await config.send(plainConfig);
  await vi.waitFor(() => expect(statusOf(store, 'plain')).toMatchObject({ state: 'stored', error: undefined }));
});

test('who waits for room and leaves does not stand in the way of the next', async () => {
  const store = await opened({ maxLoaded: 1 });
  const used = await store.acquire(adapter('plain'));
  const left = new AbortController();
  const gone = store.acquire(adapter('rslora'), { signal: left.signal });
  const next = store.acquire(adapter('patterns'));
  await vi.waitFor(() => expect(statusOf(store, 'patterns')?.state).toBe('stored'));
  left.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  used.release();
  expect((await next).hash).toBe(hashOf('patterns'));
  expect(engine().loads).toEqual([hashOf('plain'), hashOf('patterns')]);
});

test('the disk keeps what was used last, over restarts too, and never lets go of what is in use', async () => {
  const sizes = await Promise.all(
    ['plain', 'rslora', 'patterns'].map(async (name) =>
      (
        await Promise.all(
          ['adapter_config.json', 'adapter_model.safetensors'].map((f) => readFile(join(fixtures, name, f))),
        )
      ).reduce((sum, { length }) => sum + length, 0),
    ),
  );
  const diskBytes = Math.max(...sizes) * 2 + 100;
  const before = await opened({ diskBytes });
  const used = await before.acquire(adapter('plain'));
  (await before.acquire(adapter('rslora'))).release();
  (await before.acquire(adapter('patterns'))).release();
  expect(await readdir(cacheDir())).toEqual([hashOf('plain'), hashOf('patterns')].toSorted());
  expect(before.counts()).toMatchObject({ removed: 1, unloaded: 1 });
  used.release();
  await before.close();
  const store = await opened({ diskBytes });
  (await store.acquire(adapter('patterns'))).release();
  (await store.acquire(adapter('rslora'))).release();
  expect(await readdir(cacheDir())).toEqual([hashOf('rslora'), hashOf('patterns')].toSorted());
  const [one, two] = [await store.acquire(adapter('rslora')), await store.acquire(adapter('patterns'))];
  await expect(store.preload(adapter('plain'))).rejects.toThrow('not free on disk beside those in use');
  const waiting = store.acquire(adapter('plain'));
  one.release();
  await waiting;
  expect(await readdir(cacheDir())).toEqual([hashOf('plain'), hashOf('patterns')].toSorted());
  two.release();
});
