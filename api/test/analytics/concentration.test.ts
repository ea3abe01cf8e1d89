import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ratio } from '../../src/analytics/ratio.ts';
import { hash, INDEXED } from '../world.ts';
import { happenings, play } from './play.ts';
import { startWorlds, type Worlds } from './worlds.ts';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await startWorlds();
});
afterAll(() => worlds.stop());

const iso = (time: bigint) => `${new Date(Number(time) * 1000).toISOString().slice(0, 19)}Z`;
const asked = 'accounts total gini hhi nakamoto topShares { accounts share }';

/** By the definitions: every pair compared, every share squared, the largest added until they have more than half. */
function expected(amounts: readonly bigint[]) {
  const sorted = amounts.filter((amount) => amount > 0n).sort((one, other) => (one > other ? -1 : one < other ? 1 : 0));
  const sum = (list: readonly bigint[]) => list.reduce((total, amount) => total + amount, 0n);
  const total = sum(sorted);
  const n = BigInt(sorted.length);
  let apart = 0n;
  for (const one of sorted) for (const other of sorted) apart += one > other ? one - other : other - one;
  const enough = sorted.findIndex((_, k) => sum(sorted.slice(0, k + 1)) * 2n > total);
  return {
    accounts: String(n),
    total: String(total),
    gini: ratio(apart, 2n * n * total),
    hhi: ratio(sum(sorted.map((amount) => amount * amount)), total * total),
    nakamoto: enough < 0 ? null : String(enough + 1),
    topShares: [1, 10, 100].map((accounts) => ({ accounts, share: ratio(sum(sorted.slice(0, accounts)), total) })),
  };
}

test('Gini, HHI, Nakamoto and the largest shares are what their definitions give, in random worlds', async () => {
  await fc.assert(
    fc.asyncProperty(
      happenings,
      fc.bigInt({ min: INDEXED.timestamp - 100n * 86_400n, max: INDEXED.timestamp - 1n }),
      async (all, from) => {
        const to = INDEXED.timestamp;
        const rows = play(all);
        const epoch = { start: from, end: to, total: 0n, status: 'closed' as const, root: null };
        const stamp = { createdBlock: 1n, createdAt: to, createdTx: hash(1), updatedBlock: 1n, updatedAt: to };
        await worlds.show({ ...rows, epoch: [{ id: 7n, ...epoch, ...stamp }] });
        const data = await worlds.api.data(`{
          all: rewardConcentration { ${asked} }
          window: rewardConcentration(from: "${iso(from)}", to: "${iso(to)}") { ${asked} }
          epoch: rewardConcentration(epoch: 7, datanetId: 1) { ${asked} }
        }`);
        const final = rows.attribution.filter(({ status }) => status === 'final');
        const byAccount = (list: typeof final) => {
          const sums = new Map<string, bigint>();
          for (const { contributor, amount } of list) sums.set(contributor, (sums.get(contributor) ?? 0n) + amount);
          return [...sums.values()];
        };
        const inside = final.filter(({ updatedAt }) => updatedAt >= from && updatedAt < to);
        expect(data).toEqual({
          all: expected(byAccount(final)),
          window: expected(byAccount(inside)),
          epoch: expected(byAccount(inside.filter(({ datanetId }) => datanetId === 1n))),
        });
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
});

test('what cannot be asked is refused with what would be right', async () => {
  await worlds.show({});
  const message = async (args: string) =>
    (await worlds.api.ask(`{ rewardConcentration(${args}) { gini } }`)).errors?.[0];
  expect(await message('epoch: 9')).toMatchObject({
    message: 'There is no epoch 9: epochs lists those that were closed.',
    extensions: { code: 'BAD_USER_INPUT' },
  });
  expect((await message('epoch: 9, to: "2027-01-01T00:00:00Z"'))?.message).toBe(
    'epoch already says from when to when: give either epoch, or from and to.',
  );
});
