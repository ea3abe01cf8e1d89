import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixtures } from '../../../test/reference.ts';
import { readAdapter } from '../../lora/index.ts';
import { createExtractors } from './extractors.ts';
import { readExported, readGradientBase } from './gradientBase.ts';

const tiny = join(fixtures, 'written/tiny');
const { hash: adapterHash } = await readAdapter(join(tiny, 'adapter'));
const of = { adapterHash, adapterFolder: join(tiny, 'adapter'), projection: { dimensions: 64, seed: 'base' } };
const ids = Array.from({ length: 60 }, (_, at) => 5 + ((at * 37) % 300));

const opened = (base: Awaited<ReturnType<typeof readExported>>, capacity = 64) =>
  createExtractors({ base, capacity, separator: 1, most: 2 });

test('the graph that a base is served by and the one it is trained with give an answer the same gradient', async () => {
  const [trained, exported] = [
    opened(await readGradientBase(join(tiny, 'base'))),
    opened(await readExported(join(tiny, 'base'))),
  ];
  const row = { ids, from: 20 };
  const [one, other] = [await trained.gradientOf(of, row), await exported.gradientOf(of, row)];
  const size = Math.max(...one.map(Math.abs));
  expect(size).toBeGreaterThan(0);
  for (const [at, value] of one.entries()) expect(Math.abs(other[at]! - value)).toBeLessThan(1e-3 * size);
  await trained.close();
  await exported.close();
});

test('gradients add up over the parts of an answer; of one longer than the context the beginning is left out', async () => {
  const extractors = opened(await readGradientBase(join(tiny, 'base')));
  const whole = await extractors.gradientOf(of, { ids, from: 20 });
  const first = await extractors.gradientOf(of, { ids: ids.slice(0, 33), from: 20 });
  const rest = await extractors.gradientOf(of, { ids, from: 33 });
  const size = Math.max(...whole.map(Math.abs));
  for (const [at, value] of whole.entries()) expect(Math.abs(first[at]! + rest[at]! - value)).toBeLessThan(1e-4 * size);
  const short = opened(await readGradientBase(join(tiny, 'base')), 32);
  expect(await short.gradientOf(of, { ids, from: 50 })).toEqual(
    await short.gradientOf(of, { ids: ids.slice(28), from: 22 }),
  );
  await extractors.close();
  await short.close();
});
