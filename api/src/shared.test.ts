import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { shared } from './shared.ts';

test('a thousand who ask at once cost one read, and no second begins while it lasts', async () => {
  let reads = 0;
  const finish = Promise.withResolvers<string>();
  const ask = shared(20, () => {
    reads += 1;
    return finish.promise;
  });
  const early = Array.from({ length: 1000 }, ask);
  await sleep(60);
  const late = Array.from({ length: 1000 }, ask);
  expect(reads).toBe(1);
  finish.resolve('read');
  expect(new Set(await Promise.all([...early, ...late]))).toEqual(new Set(['read']));
});

test('what was read is read anew once it is old, also after a failure', async () => {
  let reads = 0;
  const ask = shared(20, async () => {
    reads += 1;
    if (reads === 1) throw new Error('down');
    return reads;
  });
  await expect(ask()).rejects.toThrow('down');
  await sleep(60);
  expect(await ask()).toBe(2);
});
