import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readScenarioConfig } from './config.ts';
import { readProgress, writeProgress } from './progress.ts';

test('each wrong variable is named, with what would be right', () => {
  expect(() =>
    readScenarioConfig({
      CHAIN_RPC_URL: 'localhost:8545',
      DATABASE_URL: '',
      SCENARIO_LIVE: 'yes',
      OPENLEDGER_BLOCK_TIME: '0',
    }),
  ).toThrowErrorMatchingInlineSnapshot(`
    [ScenarioConfigError: CHAIN_RPC_URL must be a URL, for example http://127.0.0.1:8545
    CONTRACTS_FILE is missing; it must be the path of a deployment manifest, for example .openledger/contracts.json
    DATABASE_URL is missing; it must be a URL, for example postgres://user:password@127.0.0.1:5432/openledger
    SCENARIO_LIVE must be on or off
    OPENLEDGER_BLOCK_TIME must be at least 1 second]
  `);
});

test('progress of another chain, or half a file, is no progress', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scenario-'));
  expect(await readProgress(folder)).toBeUndefined();
  const progress = { genesisHash: '0xaa', phase: 'history', chainTime: 1_790_000_000 } as const;
  await writeProgress(folder, progress);
  expect(await readProgress(folder, '0xaa')).toEqual(progress);
  expect(await readProgress(folder, '0xbb')).toBeUndefined();
  await writeFile(join(folder, 'scenario.json'), '{"genesisHash":');
  expect(await readProgress(folder)).toBeUndefined();
});
