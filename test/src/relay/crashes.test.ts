import { expect, test } from 'vitest';
import { readCrashOptions, runCrashes } from './crashes.ts';

test('a relayer that dies at every step loses no contribution, and sends none twice', async () => {
  const { contributions, transactions, ...verdict } = await runCrashes({ crashes: 1 });
  expect(verdict).toEqual({ crashes: 14, places: 14, lost: 0, doubled: 0, refused: 0, unsettled: 0, failed: 0 });
  expect(contributions).toBeGreaterThan(20);
  expect(transactions).toBeGreaterThan(3);
}, 240_000);

test('npm run verify -- relay says what is wrong with its arguments', () => {
  expect(readCrashOptions([])).toMatchObject({ crashes: 100, at: { length: 14 } });
  expect(readCrashOptions(['--crashes', '7', '--at', 'bumped,signed'])).toEqual({
    crashes: 7,
    at: ['signed', 'bumped'],
  });
  expect(() => readCrashOptions(['--crashes', 'many'])).toThrow('--crashes is many: it must be a whole number');
  expect(() => readCrashOptions(['--seeds', '7'])).toThrow('--seeds is unknown: there are --crashes and --at.');
  expect(() => readCrashOptions(['--at', 'dawn'])).toThrow('--at is dawn: there are taken, ');
});
