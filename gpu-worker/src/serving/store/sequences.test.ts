import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Hex } from '@openledger/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AdapterStore, Lease } from '../served.ts';
import { createAdapterStore } from './adapterStore.ts';
import { createReadingEngine } from './readingEngine.fixture.ts';
import { type Revision, writeRevisions } from './revisions.fixture.ts';
import { fixtures } from './store.fixture.ts';

const ADAPTERS = 6;
const LOADED = 3;
const PINNED = 2;

let folder: string;
let revisions: readonly Revision[];
let bytes: number;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openledger-sequences-'));
  revisions = await writeRevisions(join(fixtures, 'plain'), join(folder, 'published'), ADAPTERS);
  const sizes = revisions.map(async (revision) => {
    const files = await readdir(revision.folder);
    const stats = await Promise.all(files.map((file) => stat(join(revision.folder, file))));
    return stats.reduce((sum, { size }) => sum + size, 0);
  });
  bytes = Math.max(...(await Promise.all(sizes)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const which = fc.nat(ADAPTERS - 1);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('acquire' as const), which, isAborted: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wrong' as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('preload' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pin' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retire' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('damage' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), which }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), which: fc.nat(30) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One life of a store over a folder, in which the steps happen; what it promises is checked all the time. */
const live = async (cacheDir: string, steps: readonly Step[]): Promise<void> => {
  const engine = createReadingEngine();
  const held = new Map<Lease, Hex>();
  const pinned = new Set<Hex>();
  const failing = new Set<Hex>();
  const broken: string[] = [];
  const isHeld = (hash: Hex) => [...held.values()].includes(hash);
  engine.onUnload = (hash) => {
    if (isHeld(hash)) broken.push(`${hash} was unloaded while it was in use`);
    if (pinned.has(hash)) broken.push(`${hash} was unloaded though it is pinned`);
  };
  engine.gate = async (hash) => {
    await turn();
    if (failing.delete(hash)) throw new Error('the engine failed');
  };
  const store: AdapterStore = await createAdapterStore({
    engine,
    cacheDir,
    maxLoaded: LOADED,
    diskBytes: bytes * (LOADED + 1),
    arrivingBytes: bytes * ADAPTERS * 2,
    allowFiles: true,
    retry: { firstMs: 0, maxMs: 0 },
  });
  const asked: Promise<void>[] = [];
  const acquire = (adapter: { hash: Hex; uri: string }, isAborted: boolean) => {
    const left = new AbortController();
    const given = store.acquire(adapter, { signal: left.signal }).then(
      (lease) => {
        if (!engine.loaded.has(adapter.hash)) broken.push(`${adapter.hash} was given without being loaded`);
        held.set(lease, adapter.hash);
      },
      (error: Error) => {
        const isExpected = isAborted || /the engine failed|status|ENOENT|the chain says/.test(error.message);
        if (!isExpected) broken.push(error.message);
      },
    );
    if (isAborted) left.abort(new Error('left'));
    asked.push(given);
  };
  const release = (n: number) => {
    const lease = [...held.keys()][n % held.size];
    if (lease === undefined) return;
    held.delete(lease);
    lease.release();
  };
  for (const { do: what, which, ...rest } of steps) {
    const adapter = revisions[which % ADAPTERS]!;
    if (what === 'acquire') acquire(adapter, 'isAborted' in rest && rest.isAborted);
    else if (what === 'wrong') acquire({ hash: adapter.hash, uri: revisions[(which + 1) % ADAPTERS]!.uri }, false);
    else if (what === 'release') release(which);
    else if (what === 'preload') asked.push(store.preload(adapter).catch(() => {}));
    else if (what === 'pin' && pinned.size < PINNED) {
      pinned.add(adapter.hash);
      asked.push(store.preload(adapter, { pin: true }).catch(() => {}));
    } else if (what === 'retire') {
      pinned.delete(adapter.hash);
      store.retire(adapter.hash);
    } else if (what === 'damage' && !engine.loaded.has(adapter.hash)) {
      await writeFile(join(cacheDir, adapter.hash, 'adapter_model.safetensors'), 'damaged').catch(() => {});
    } else if (what === 'fail') failing.add(adapter.hash);
    else if (what === 'wait') for (let turns = 0; turns < which; turns += 1) await turn();
    expect(broken).toEqual([]);
    expect(engine.loaded.size).toBeLessThanOrEqual(LOADED);
  }
  // Whoever gives back lets the next in, until nobody waits.
  let isOver = false;
  const all = Promise.all(asked).then(() => {
    isOver = true;
  });
  while (!isOver) {
    release(0);
    await turn();
  }
  await all;
  while (held.size > 0) release(0);
  expect(broken).toEqual([]);
  expect(engine.mostLoaded()).toBeLessThanOrEqual(LOADED);
  for (const { leases } of store.status()) expect(leases).toBe(0);
  await store.close();
  const kept = await readdir(cacheDir);
  expect(kept.filter((name) => !/^0x[0-9a-f]{64}$/.test(name))).toEqual([]);
  expect(kept.length).toBeLessThanOrEqual(LOADED + 1);
};

test('whatever is asked, given back, pinned, damaged or fails: nothing goes while it is in use, nothing is too much, everybody is answered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { maxLength: 40 }), { minLength: 1, maxLength: 2 }), async (lives) => {
      const cacheDir = await mkdtemp(join(folder, 'cache-'));
      for (const steps of lives) await live(cacheDir, steps);
      await rm(cacheDir, { recursive: true });
    }),
    { numRuns: Number(process.env.RUNS ?? 25) },
  );
}, 120_000);
