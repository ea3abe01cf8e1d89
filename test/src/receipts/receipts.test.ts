import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerifier, lineOf, readCommand, runCommand, type Subject, type Verifier } from './index.ts';
import { readReceiptsOptions } from './run.ts';
import { lineAfter, tamperings } from './tampering/index.ts';
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
  expect(lineOf(verdict)).toBe(
    'adapter of model 1, version 2, is right: its records, its card (whitened-projected-influence: LDS 0.000), 1 datanet versions, ' +
      'its adapter, whose its 21 rows are, 3 copies among them, 21 texts in its span index, gradients of 8 of them within 2 steps of 127',
  );
});

test.each(tamperings.map((one) => [one.name, one] as const))('%s is found and named', async (_name, tampering) => {
  const line = await lineAfter(world, tampering);
  expect(line).toContain(' is wrong: ');
  expect(line).toMatch(tampering.names);
});

test('what is not there says so', async () => {
  const { receipt, epoch, adapter } = verifier();
  const nothing = `0x${'12'.repeat(32)}` as const;
  expect(lineOf(await receipt(nothing))).toContain('request is 0x1212');
  expect(lineOf(await epoch(9n))).toContain('epoch is 9, not one that is closed on chain');
  expect(lineOf(await adapter(1n, 7, { base: tiny, rows: 1 }))).toContain('Version 7 of model 1 is not published');
  expect(lineOf(await adapter(1n, 1, { base: tiny, rows: 1 }))).toContain(
    'the training record of version 1 of model 1',
  );
});

test('npm run verify says what is wrong with what it is asked', async () => {
  const env = { DATABASE_URL: world.ground.place.databaseUrl };
  const ask = (what: Subject, ...args: string[]) => readCommand(what, args, env);
  await expect(ask('receipt', '0x12')).rejects.toThrow('0x12 is no receipt: npm run verify -- receipt <requestId>');
  await expect(ask('epoch')).rejects.toThrow('Nothing is no epoch: npm run verify -- epoch <number>');
  await expect(ask('adapter', '1', 'x')).rejects.toThrow('1 x is no adapter');
  await expect(ask('adapter', '1', '2', '--rows', '0')).rejects.toThrow('is no adapter');
  await expect(ask('epoch', '1')).rejects.toThrow('CONTRACTS_FILE is missing: the path of the deployment');
  expect(() => readReceiptsOptions(['--count', '3'])).toThrow('--count is 3: it must be a whole number from 8');
  expect(() => readReceiptsOptions(['--seeds', '3'])).toThrow('--seeds is unknown: there is --count.');
});

test('a verdict of a running deployment is one line', async () => {
  const { place, manifest, stop: _, ...ground } = world.ground;
  const said: string[] = [];
  const command = {
    what: 'epoch' as const,
    databaseUrl: place.databaseUrl,
    manifest,
    verify: (of: Verifier) => of.epoch(1n),
  };
  expect(await runCommand(command, (line) => said.push(line))).toBe(true);
  expect(said).toEqual([lineOf(await createVerifier({ connection: ground, manifest }).epoch(1n))]);
});
