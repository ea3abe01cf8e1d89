import { expect, test } from 'vitest';
import { readConservationOptions, runConservation } from './conservation.ts';

test('over days with disputes, claims and withdrawals, every wei that was deposited is somewhere, and where it should be', async () => {
  const verdict = await runConservation({ inferences: 60, days: 10 });
  expect(verdict).toMatchObject({ inferences: 60, settled: 60, off_wei: '0' });
  // Nothing of it is a matter of zeros.
  const { inferences: _, settled: __, off_wei: ___, ...amounts } = verdict;
  expect(Object.entries(amounts).filter(([, wei]) => BigInt(wei) <= 0n)).toEqual([]);
}, 240_000);

test('npm run verify -- conservation says what is wrong with its arguments', () => {
  expect(readConservationOptions([])).toEqual({ inferences: 100_000 });
  expect(() => readConservationOptions(['--inferences', '0'])).toThrow('--inferences is 0: it must be a whole number');
  expect(() => readConservationOptions(['--days', '3'])).toThrow('--days is unknown: there is --inferences.');
});
