import { expect, test } from 'vitest';
import { deaths, readKillsOptions, runKills } from './kills.ts';

test('a settler, or a keeper of epochs, that dies in the middle of its work loses nothing and pays nothing twice', async () => {
  // A few of all the steps; npm run verify -- settlement lets them die at each.
  const some = ['post stored', 'post sent', 'finalise signed', 'close sent', 'propose stored', 'accept mined'];
  const at = deaths.filter(({ who, at }) => some.includes(at) && (who === 'settler') === /^(post|finalise)/.test(at));
  const { answers, ...verdict } = await runKills({ kills: 1, at });
  expect(verdict).toEqual({ kills: 6, steps: 6, lost: 0, doubled: 0, off_wei: '0' });
  expect(answers).toBeGreaterThan(1);
}, 240_000);

test('npm run verify -- settlement says what is wrong with its arguments', () => {
  expect(readKillsOptions([])).toEqual({ kills: 50 });
  expect(readKillsOptions(['--kills', '3'])).toEqual({ kills: 3 });
  expect(() => readKillsOptions(['--kills', 'many'])).toThrow('--kills is many: it must be a whole number');
  expect(() => readKillsOptions(['--seeds', '3'])).toThrow('--seeds is unknown: there is --kills.');
});
