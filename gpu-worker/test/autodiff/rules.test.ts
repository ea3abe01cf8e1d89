import { expect, test } from 'vitest';
import { rules } from '../../src/autodiff/index.ts';
import { generators } from './cases.ts';
import { errorOf } from './finiteDifferences.ts';
import { createRandom } from './random.ts';

// A dozen each time; `RULE_SEEDS=200` for a long proof.
const seeds = Array.from({ length: Number(process.env.RULE_SEEDS ?? 12) }, (_, i) => i + 1);

test('no rule is believed without a proof: each one of the table has random cases here', () => {
  expect(Object.keys(generators).sort()).toEqual(Object.keys(rules).sort());
});

test.for(Object.entries(generators))('%s: its gradient is that of finite differences', async ([op, generate]) => {
  for (const seed of seeds) {
    const random = createRandom(seed * 7919 + op.length);
    const given = generate(random);
    const error = await errorOf(given, random).catch((cause: unknown) => {
      throw new Error(`seed ${seed}: ${JSON.stringify(given)}`, { cause });
    });
    expect(error, `seed ${seed}: ${JSON.stringify(given)}`).toBeLessThan(2e-4);
  }
});
