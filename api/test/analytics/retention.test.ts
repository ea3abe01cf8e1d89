import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ratio } from '../../src/analytics/ratio.ts';
import { address, INDEXED } from '../world.ts';
import { happenings, type Played, play } from './play.ts';
import { startWorlds, type Worlds } from './worlds.ts';

let worlds: Worlds;
beforeAll(async () => {
  worlds = await startWorlds();
});
afterAll(() => worlds.stop());

const now = INDEXED.timestamp;
const unix = (iso: string) => BigInt(Date.parse(iso) / 1000);
const iso = (time: bigint) => `${new Date(Number(time) * 1000).toISOString().slice(0, 19)}Z`;

const periods = {
  WEEK: Array.from({ length: 17 }, (_, n) => unix('2026-09-28T00:00:00Z') + BigInt(n) * 604_800n),
  MONTH: ['2026-09', '2026-10', '2026-11', '2026-12', '2027-01', '2027-02'].map((m) => unix(`${m}-01T00:00:00Z`)),
};

function expected(rows: Played, role: string, interval: 'WEEK' | 'MONTH', from: bigint) {
  const days = rows.accountRoleDay.filter((row) => row.role === role);
  const starts = periods[interval].filter((_, n, all) => n === all.length - 1 || all[n + 1]! > from);
  const spans = starts.slice(0, -1).map((start, n) => ({ start, end: starts[n + 1]! }));
  const begun = spans.filter(({ start }) => start <= now);
  const within = (span: { start: bigint; end: bigint }) =>
    days.filter(({ day }) => day >= span.start && day < span.end);
  return begun.map((span, c) => {
    const came = new Set(within(span).map(({ account }) => account));
    const cohort = [...came].filter((account) => !days.some((d) => d.account === account && d.day < span.start));
    return {
      start: iso(span.start),
      partial: span.end > now,
      size: String(cohort.length),
      periods: begun.slice(c).map((period, offset) => {
        const seen = new Set(within(period).map(({ account }) => account));
        const active = cohort.filter((account) => seen.has(account)).length;
        return {
          offset,
          start: iso(period.start),
          partial: period.end > now,
          active: String(active),
          share: ratio(BigInt(active), BigInt(cohort.length)),
        };
      }),
    };
  });
}

const ask = async (role: string, interval: string, from: bigint) => {
  const { retention } = await worlds.api.data<{ retention: { block: string; cohorts: unknown[] } }>(`{
    retention(role: ${role.toUpperCase()}, interval: ${interval}, from: "${iso(from)}", to: "2027-01-20T00:00:00Z") {
      block cohorts { start partial size periods { offset start partial active share } } } }`);
  return retention;
};

test('cohorts and who of them came again are what a look at every row gives, in random worlds', async () => {
  await fc.assert(
    fc.asyncProperty(
      happenings,
      fc.constantFrom<'WEEK' | 'MONTH'>('WEEK', 'MONTH'),
      fc.bigInt({ min: unix('2026-09-28T00:00:00Z'), max: now }),
      async (all, interval, from) => {
        const rows = play(all);
        await worlds.show(rows);
        for (const role of ['contributor', 'builder']) {
          const { cohorts } = await ask(role, interval, from);
          expect(cohorts).toEqual(expected(rows, role, interval, from));
        }
      },
    ),
    { numRuns: 8, endOnFailure: true },
  );
});

test('one account that comes on both sides of the turn of ISO week 53 is one cohort, kept', async () => {
  const day = (iso: string) => ({ account: address(1), role: 'builder', day: unix(iso), events: 1 });
  await worlds.show({ accountRoleDay: [day('2027-01-03T00:00:00Z'), day('2027-01-04T00:00:00Z')] });
  const { block, cohorts } = await ask('builder', 'WEEK', unix('2026-12-28T00:00:00Z'));
  expect(block).toBe(INDEXED.block.toString());
  expect(cohorts.map((cohort) => (cohort as { size: string }).size)).toEqual(['1', '0', '0']);
  expect((cohorts[0] as { periods: { active: string; share: string; partial: boolean }[] }).periods).toMatchObject([
    { active: '1', share: '1.000000', partial: false },
    { active: '1', share: '1.000000', partial: false },
    { active: '0', share: '0.000000', partial: true },
  ]);
});

test('without anybody there are empty cohorts without shares', async () => {
  await worlds.show({});
  const { cohorts } = await ask('voter', 'MONTH', unix('2026-12-15T00:00:00Z'));
  expect(cohorts).toMatchObject([
    { start: '2026-12-01T00:00:00Z', size: '0', periods: [{ share: null }, { share: null }] },
    { start: '2027-01-01T00:00:00Z', size: '0', partial: true },
  ]);
});
