import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { CatalogueChange } from '../catalogue/index.ts';
import { createNames } from '../catalogue/names.ts';
import type { ServedModel } from '../served.ts';
import { createPlacement, type Placement } from './placement.ts';
import { createReadingEngine } from './readingEngine.fixture.ts';
import { type Name, useStores } from './store.fixture.ts';

const { adapter, cacheDir, engine, hashOf, opened, server, statusOf } = useStores();

const model = (name: Name, modelId: bigint, { version = 1, path = name as string } = {}): ServedModel => ({
  name: `${name}-${modelId}@${version}`,
  modelId,
  version,
  adapterHash: hashOf(name),
  adapterUri: adapter(name, path).uri,
  owner: `0x${'1'.repeat(40)}`,
  createdAt: 0,
  inPer1k: 0n,
  outPer1k: 0n,
  allowed: undefined,
});

/** A catalogue whose deployments are what the test says. */
const stage = (...models: ServedModel[]) => {
  let names = createNames(models);
  let tell: (change: CatalogueChange) => void = () => {};
  return {
    find: (name: string) => names.find(name),
    all: () => names.all(),
    follow: (listener: typeof tell) => {
      tell = listener;
      listener({ added: names.all(), removed: [] });
      return () => {};
    },
    deploy: (...now: ServedModel[]) => {
      const before = names.all();
      names = createNames(now);
      tell({ added: now.filter((m) => !before.includes(m)), removed: before.filter((m) => !now.includes(m)) });
    },
  };
};
const placed = async (placement: Placement, work: () => Promise<void>) => {
  await placement.settled();
  await work();
  placement.close();
};

test('what is deployed is loaded before anybody asks for it, and what is deployed later too', async () => {
  const store = await opened();
  const catalogue = stage(model('plain', 1n));
  const placement = createPlacement({ catalogue, store });
  await placed(placement, async () => {
    expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', isPinned: false, leases: 0 });
    catalogue.deploy(model('plain', 1n), model('rslora', 2n));
    await placement.settled();
    expect(statusOf(store, 'rslora')?.state).toBe('loaded');
    expect((await store.acquire(adapter('rslora'))).wasWarm).toBe(true);
  });
});

test('a pinned name is its newest version’s adapter, and moves on with it', async () => {
  const store = await opened({ maxLoaded: 2 });
  const [one, two, other] = [model('plain', 1n), model('rslora', 1n, { version: 2 }), model('patterns', 2n)];
  const catalogue = stage(one, other);
  const placement = createPlacement({ catalogue, store, pinned: ['plain-1', '1', hashOf('regex'), 'nobody'] });
  await placed(placement, async () => {
    expect(statusOf(store, 'plain')).toMatchObject({ state: 'loaded', isPinned: true });
    expect(statusOf(store, 'patterns')?.isPinned).toBe(false);
    catalogue.deploy(one, { ...two, name: 'plain-1@2' }, other);
    await placement.settled();
    expect(statusOf(store, 'rslora')).toMatchObject({ state: 'loaded', isPinned: true });
    expect(statusOf(store, 'plain')?.isPinned).toBe(false);
  });
});

test('after a restart, what was asked for last is loaded first', async () => {
  const deployed = [model('plain', 1n), model('rslora', 2n), model('patterns', 3n), model('regex', 4n)];
  const before = await opened();
  for (const { adapterHash, adapterUri } of deployed) await before.preload({ hash: adapterHash, uri: adapterUri });
  await before.close();
  const used = new Date(Date.now() + 60_000);
  for (const name of ['rslora', 'regex'] as const) await utimes(join(cacheDir(), hashOf(name)), used, used);
  const store = await opened({ maxLoaded: 2, engine: createReadingEngine() });
  await placed(createPlacement({ catalogue: stage(...deployed), store }), async () => {
    expect(
      store
        .status()
        .filter(({ state }) => state === 'loaded')
        .map(({ hash }) => hash)
        .toSorted(),
    ).toEqual([hashOf('rslora'), hashOf('regex')].toSorted());
  });
});

test('what was undeployed is let go of when others need its room', async () => {
  const store = await opened({ maxLoaded: 1 });
  const catalogue = stage(model('plain', 1n));
  const placement = createPlacement({ catalogue, store, pinned: [hashOf('plain')] });
  await placed(placement, async () => {
    await expect(store.acquire(adapter('rslora'))).rejects.toThrow('pinned');
    catalogue.deploy(model('rslora', 2n));
    await placement.settled();
    await store.acquire(adapter('rslora'));
    expect(engine().loaded).toEqual(new Set([hashOf('rslora')]));
  });
});

test('what cannot be fetched is told once, and comes when it can be', async () => {
  const store = await opened({ retry: { firstMs: 10, maxMs: 10 } });
  server().instead.set('/plain/', (_, response) => response.writeHead(503).end());
  const told: string[] = [];
  const placement = createPlacement({
    catalogue: stage(model('plain', 1n)),
    store,
    everyMs: 15,
    onTrouble: ({ name }, { message }) => told.push(`${name}: ${message}`),
  });
  await placed(placement, async () => {
    await vi.waitFor(() => expect(server().asked.length).toBeGreaterThan(2));
    expect(told).toEqual([expect.stringMatching(/^plain-1@1: The adapter cannot be fetched: .* status 503$/)]);
    server().instead.clear();
    await vi.waitFor(() => expect(statusOf(store, 'plain')?.state).toBe('loaded'));
  });
});

test('one bad adapter, or one that never comes, keeps no other from its place', async () => {
  const store = await opened();
  server().instead.set('/plain/', () => {});
  const catalogue = stage(model('plain', 1n), model('patterns', 2n, { path: 'regex' }), model('rslora', 3n));
  const placement = createPlacement({ catalogue, store });
  await vi.waitFor(() => expect(statusOf(store, 'rslora')?.state).toBe('loaded'));
  await vi.waitFor(() => expect(statusOf(store, 'patterns')?.state).toBe('failed'));
  expect(statusOf(store, 'plain')?.state).toBe('fetching');
  placement.close();
});
