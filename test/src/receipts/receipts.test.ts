import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerifier, lineOf } from './index.ts';
import { layWorld, type World } from './world/index.ts';
import { tiny } from './world/version.ts';

let world: World;
beforeAll(async () => {
  world = await layWorld({ answers: 12 });
}, 300_000);
afterAll(() => world?.stop());

const verifier = () => createVerifier({ connection: world.ground, manifest: world.ground.manifest });

test('receipts, and the epoch that pays them, are recomputed to the last bit from a database rebuilt from the chain', async () => {
  const { receipt, epoch, posted } = verifier();
  const ids = await posted();
  expect(new Set(ids)).toEqual(new Set(world.requestIds));
  for (const id of ids) {
    const verdict = await receipt(id);
    expect(lineOf(verdict)).toMatch(/is right: its place in batch \d+, its request, its signature, \d+ payments/);
  }
  expect(lineOf(await epoch(1n))).toMatch(/^epoch 1 is right: its total of \d+ wei, 3 rewards and their root$/);
});

test('what a version’s answers are attributed with is recomputed from its contributions and the base', async () => {
  const { modelId, version } = world.published;
  const verdict = await verifier().adapter(modelId, version, { base: join(tiny, 'base'), rows: 8 });
  expect(lineOf(verdict)).toBe('');
});
