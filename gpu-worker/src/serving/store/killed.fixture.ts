import { createAdapterStore } from './adapterStore.ts';
import { createReadingEngine } from './readingEngine.fixture.ts';
import type { Revision } from './revisions.fixture.ts';

// A process of its own that fetches and lets go of adapters until it is killed: its arguments are the cache's folder, its
// bytes, and the adapters as JSON.

const [cacheDir, diskBytes, adapters] = process.argv.slice(2);
const revisions = JSON.parse(adapters!) as readonly Revision[];
const engine = createReadingEngine();
const store = await createAdapterStore({
  engine,
  cacheDir: cacheDir!,
  diskBytes: Number(diskBytes),
  maxLoaded: 2,
  allowFiles: true,
});
for (let n = 0; ; n += 1) {
  const pair = [revisions[n % revisions.length]!, revisions[(n * 7 + 3) % revisions.length]!];
  const leases = await Promise.all(pair.map((adapter) => store.acquire(adapter)));
  for (const { release } of leases) release();
  process.stdout.write(`${n}\n`);
}
