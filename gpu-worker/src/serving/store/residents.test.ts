import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { adapterHash } from '../../lora/index.ts';
import { createReadingEngine } from './readingEngine.fixture.ts';
import { createResidents } from './residents.ts';

const folder = fileURLToPath(new URL('../../../fixtures/adapters/llama/plain', import.meta.url));

// Whoever made room on disk asked again and again, without a break, for one that memory was letting go of: nothing else ran.
test('who lets go of an adapter that is on its way out waits until it is gone', async () => {
  const engine = createReadingEngine();
  const residents = createResidents(engine, { bytes: 1e9, count: 2 });
  const hash = await adapterHash(folder);
  const release = residents.claim(hash);
  await residents.load(hash, { folder, bytes: 1_000 });
  expect(await residents.leave(hash)).toBe(false);
  release();
  const first = residents.leave(hash);
  expect(await residents.leave(hash)).toBe(true);
  expect(engine.loaded.size).toBe(0);
  expect(await first).toBe(true);

  residents.claim(hash)();
  const again = residents.claim(hash);
  await residents.load(hash, { folder, bytes: 1_000 });
  again();
  const leaving = residents.leave(hash);
  const second = residents.leave(hash);
  residents.claim(hash);
  expect(await Promise.all([leaving, second])).toEqual([true, false]);
});
