import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Metric, metrics } from '../../src/analytics/catalogue.ts';
import { ratio } from '../../src/analytics/ratio.ts';
import { startApi } from '../client.ts';
import { address, hash, INDEXED, world } from '../world.ts';
import { type Group, type Interval, naive, type Place } from './naive.ts';
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

/** Start of a bucket, found by walking back hour by hour. */
function floor(interval: Interval, time: bigint): bigint {
  const date = new Date(Number(time) * 1000);
  date.setUTCMinutes(0, 0, 0);
  const begins = () =>
    interval === 'HOUR' ||
    (date.getUTCHours() === 0 &&
      (interval === 'DAY' || (interval === 'WEEK' ? date.getUTCDay() === 1 : date.getUTCDate() === 1)));
  while (!begins()) date.setUTCHours(date.getUTCHours() - 1);
  return BigInt(date.getTime() / 1000);
}
/** Start of the next bucket: longer ahead than any is long, then back. */
const next = (interval: Interval, start: bigint): bigint => {
  const most = { HOUR: 3600n, DAY: 86_400n, WEEK: 604_800n, MONTH: 31n * 86_400n }[interval];
  return floor(interval, start + most);
};

type Answered = { start: string; end: string; partial: boolean; group: string | null; value: string | null };
type Series = { block: string; blockTimestamp: string; groupCount: number; buckets: Answered[] };
type Asked = { name: keyof typeof naive; interval: Interval; by: Group; from: bigint; to: bigint };

const field = ({ name, interval, by, from, to }: Asked, alias: string) =>
  `${alias}: metric(name: ${name}, interval: ${interval}, groupBy: ${by}, groups: 20, from: "${iso(from)}", to: "${iso(to)}") {
    block blockTimestamp groupCount buckets { start end partial group value } }`;

function expected(rows: Played, { name, interval, by, from, to }: Asked, group: string | null): Answered[] {
  const { whole, ratio: isRatio }: Metric = metrics[name];
  const unit = whole ? interval : interval === 'HOUR' ? 'HOUR' : 'DAY';
  const first = floor(unit, from);
  const end = floor(unit, to - 1n) === to ? to : next(unit, floor(unit, to - 1n));
  const found: Answered[] = [];
  for (let s = first; s < end && s <= now; ) {
    const whole = next(interval, floor(interval, s));
    const e = whole < end ? whole : end;
    const before = (k: number): { s: bigint; e: bigint } => {
      const later = k === 1 ? floor(interval, s) : before(k - 1).s;
      return { s: floor(interval, later - 1n), e: later };
    };
    const at: Place = { s, e, before, now };
    const value = naive[name](rows, at, by, group);
    found.push({
      start: iso(s),
      end: iso(e),
      partial: e > now || s !== floor(interval, s) || e !== whole,
      group,
      value: isRatio ? ratio(...(value as [bigint, bigint])) : String(value),
    });
    s = e;
  }
  return found;
}

/** Asks for everything at once, and compares every bucket of every group with what each row says. */
async function compare(api: Worlds['api'], rows: Played, asked: readonly Asked[]) {
  const answers: Record<string, Series> = {};
  for (let n = 0; n < asked.length; n += 25) {
    const fields = asked.slice(n, n + 25).map((one, k) => field(one, `m${n + k}`));
    Object.assign(answers, await api.data(`{ ${fields.join('\n')} }`));
  }
  asked.forEach((one, n) => {
    const { buckets, block, blockTimestamp, groupCount } = answers[`m${n}`]!;
    const label = JSON.stringify(one, (_, value) => (typeof value === 'bigint' ? iso(value) : value));
    expect([block, blockTimestamp], label).toEqual([INDEXED.block.toString(), iso(now)]);
    const groups = [...new Set(buckets.map(({ group }) => group))];
    if (one.by === 'NONE') expect(groups.length, label).toBeLessThanOrEqual(1);
    else expect(groupCount, label).toBe(groups.length);
    const wanted = one.by === 'NONE' ? [null] : groups;
    expect(buckets, label).toEqual(wanted.flatMap((group) => expected(rows, one, group)));
    if (one.by === 'NONE') return;
    // A group that is not there has nothing in any bucket.
    for (const key of keysOf(rows, one.by).filter((other) => !groups.includes(other))) {
      const values = expected(rows, one, key).map(({ value }) => value);
      expect(
        values.every((value) => value === '0' || value === null),
        `${label} ${key}`,
      ).toBe(true);
    }
  });
}

const keysOf = (rows: Played, by: Group): string[] => {
  const all = {
    NONE: [],
    DATANET: rows.contribution.map(({ datanetId }) => String(datanetId)),
    MODEL: rows.model.map(({ id }) => String(id)),
    ROLE: rows.accountRoleDay.map(({ role }) => role),
    ACCOUNT: [...rows.contribution.map((c) => c.contributor), ...rows.inference.map((i) => i.payer)],
  };
  return [...new Set<string>(all[by])];
};

const names = Object.keys(naive) as (keyof typeof naive)[];
const groupsOf = (name: keyof typeof naive) => Object.keys(metrics[name].sources) as Group[];
const offered = (name: keyof typeof naive, interval: Interval) =>
  ((metrics[name] as Metric).intervals ?? ['HOUR']).includes(interval) || interval !== 'HOUR';
const allOf = (interval: Interval, from: bigint, to: bigint): Asked[] =>
  names
    .filter((name) => offered(name, interval))
    .flatMap((name) => groupsOf(name).map((by) => ({ name, interval, by, from, to })));

const range = fc
  .tuple(
    fc.constantFrom<Interval>('HOUR', 'DAY', 'WEEK', 'MONTH'),
    fc.bigInt({ min: 0n, max: 2n * 86_400n }),
    fc.bigInt({ min: 1n, max: 110n * 86_400n }),
  )
  .map(([interval, late, long]) => {
    const to = now + 3600n - late;
    const longest = { HOUR: 30n * 3600n, DAY: 30n * 86_400n, WEEK: 200n * 86_400n, MONTH: 200n * 86_400n }[interval];
    return { interval, from: to - (long < longest ? long : longest), to };
  });

test('every metric is what a look at every row gives, bucket by bucket and group by group, in random worlds', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, range, async (all, { interval, from, to }) => {
      const rows = play(all);
      await worlds.show(rows);
      await compare(worlds.api, rows, allOf(interval, from, to));
    }),
    { numRuns: 8, endOnFailure: true },
  );
}, 120_000);

test('every metric over the seeded world is what a look at its rows gives, where it reads rows', async () => {
  const rows = world() as unknown as Played;
  // The rollups of that world are made up, and say nothing of its rows; its balances' batches neither.
  const byRows = names.filter((name) => !fromRollups.has(name));
  const api = await startApi(inject('seededUrl'));
  try {
    const from = unix('2026-09-14T00:00:00Z');
    const to = unix('2026-10-05T00:00:00Z');
    const asked = byRows.flatMap((name) =>
      groupsOf(name).map((by) => ({ name, interval: 'DAY' as const, by, from, to })),
    );
    await compare(
      api,
      rows,
      asked.filter(({ name, by }) => by === 'NONE' || by === 'ROLE' || readsRows.has(`${name} ${by}`)),
    );
  } finally {
    await api.stop();
  }
});

const fromRollups = new Set<string>([
  'MODELS_REGISTERED',
  'MODEL_VERSIONS',
  'DEPLOYMENTS',
  'UNDEPLOYMENTS',
  'NET_DEPLOYMENTS',
  'CONTRIBUTIONS_SUBMITTED',
  'CONTRIBUTIONS_ACCEPTED',
  'CONTRIBUTIONS_REJECTED',
  'CONTRIBUTIONS_REVOKED',
  'ROWS_ACCEPTED',
  'CONTRIBUTION_ACCELERATION',
  'ACCEPTANCE_RATE',
  'INFERENCES',
  'INPUT_TOKENS',
  'OUTPUT_TOKENS',
  'FEES',
  'ACTIVE_MODEL_SHARE',
  'NET_EMISSIONS',
  'EMISSIONS_PER_FEE',
  'REWARDS_ATTRIBUTED',
  'REWARDS_CLAIMED',
]);
const readsRows = new Set(['CONTRIBUTIONS_PER_CONTRIBUTOR DATANET', 'SELF_PAID_FEES ACCOUNT', 'ORGANIC_FEES MODEL']);

test('an empty protocol has zeros, and nothing to divide by', async () => {
  await worlds.show({});
  const [from, to] = [unix('2027-01-14T00:00:00Z'), unix('2027-01-16T00:00:00Z')];
  await compare(worlds.api, play([]), allOf('DAY', from, to));
  const data = await worlds.api.data(`{
    fees: metric(name: FEES, interval: DAY, from: "${iso(from)}") { buckets { value partial } }
    rate: metric(name: ACCEPTANCE_RATE, interval: DAY, from: "${iso(from)}") { buckets { value numerator denominator } }
    later: metric(name: FEES, interval: DAY, from: "2027-03-01T00:00:00Z", to: "2027-03-02T00:00:00Z") { buckets { value } }
    usual: metric(name: FEES, interval: HOUR) { buckets { start } }
  }`);
  const nothing = { value: null, numerator: '0', denominator: '0' };
  expect(data).toMatchObject({
    fees: {
      buckets: [
        { value: '0', partial: false },
        { value: '0', partial: true },
      ],
    },
    rate: { buckets: [nothing, nothing] },
    later: { buckets: [] },
  });
  expect((data as unknown as { usual: { buckets: unknown[] } }).usual.buckets).toHaveLength(30);
});

test('groups beyond those asked for are left out, the largest stay, and how many there are is said', async () => {
  const happened = [1, 2, 3].flatMap((n) =>
    Array.from({ length: n }, () => ({ kind: 'submit' as const, at: now, a: n, b: 0, amount: 1n })),
  );
  await worlds.show(play(happened));
  const { metric } = await worlds.api.data<{ metric: Series }>(`{
    metric(name: CONTRIBUTIONS_SUBMITTED, interval: DAY, from: "${iso(now)}", groupBy: ACCOUNT, groups: 2) {
      groupCount buckets { group value } } }`);
  expect(metric).toEqual({
    groupCount: 3,
    buckets: [
      { group: address(4), value: '3' },
      { group: address(3), value: '2' },
    ],
  });
  const { one } = await worlds.api.data<{ one: Series }>(`{
    one: metric(name: CONTRIBUTIONS_SUBMITTED, interval: DAY, from: "${iso(now)}", account: "${address(3)}") { buckets { group value } } }`);
  expect(one.buckets).toEqual([{ group: null, value: '2' }]);
});

test('ten active days make a full-time developer, until the first of them is 28 days old', async () => {
  const first = unix('2026-12-10T00:00:00Z');
  const active = (account: number, days: number[]) =>
    days.flatMap((day) =>
      ['builder', 'validator'].map((role) => ({
        account: address(account),
        role,
        day: first + BigInt(day) * 86_400n,
        events: 1,
      })),
    );
  await worlds.show({
    // Nine days in two roles each are nine; ten with a gap are ten.
    accountRoleDay: [...active(1, [0, 1, 2, 3, 4, 5, 6, 7, 8]), ...active(2, [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 30])],
  });
  const { metric } = await worlds.api.data<{ metric: Series }>(`{
    metric(name: FULL_TIME_DEVELOPERS, interval: DAY, from: "${iso(first)}") { buckets { start value } } }`);
  const full = metric.buckets.flatMap(({ start, value }) => (value === '1' ? [start.slice(5, 10)] : []));
  expect([full[0], full.at(-1), full.length]).toEqual(['12-20', '01-06', 18]);
});

test.each([
  [
    'name: ACTIVE_DEVELOPERS, interval: HOUR',
    'ACTIVE_DEVELOPERS is counted by days at the finest: interval must be one of DAY, WEEK, MONTH.',
  ],
  [
    'name: FEES, interval: DAY, groupBy: DATANET',
    'FEES cannot be grouped by DATANET: groupBy must be one of NONE, MODEL, ACCOUNT.',
  ],
  ['name: FEES, interval: DAY, datanetId: 1', 'FEES cannot be narrowed by datanetId: it can be by modelId, account.'],
  [
    'name: NET_EMISSIONS, interval: DAY, modelId: 1',
    'NET_EMISSIONS cannot be narrowed by modelId: it is of the whole protocol only.',
  ],
  [
    'name: FEES, interval: DAY, groupBy: MODEL, modelId: 1, account: "0x0000000000000000000000000000000000000001"',
    'FEES can be grouped or narrowed by one thing at a time, not by MODEL, ACCOUNT at once.',
  ],
  [
    'name: FEES, interval: HOUR, from: "2026-01-01T00:00:00Z"',
    'From 2026-01-01T00:00:00Z to 2027-01-15T09:00:00Z there are more than 1000 buckets of one HOUR: ask for a shorter range or a longer interval.',
  ],
  [
    'name: FEES, interval: DAY, from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z"',
    'from, 2026-01-02T00:00:00Z, is not before to, 2026-01-01T00:00:00Z: no bucket lies between them.',
  ],
  [
    'name: FEES, interval: DAY, from: "1969-01-02T00:00:00Z"',
    'from, 1969-01-02T00:00:00Z, is before 1970: no chain is that old.',
  ],
  ['name: FEES, interval: DAY, groupBy: MODEL, groups: 500', 'groups is 500: it must be from 1 to 100.'],
  [
    'name: FEES, interval: DAY, groupBy: MODEL, groups: 100, from: "2026-01-01T00:00:00Z"',
    '380 buckets of 100 groups are 38000 points; at most 20000 are served. Ask for fewer groups, a shorter range or a longer interval.',
  ],
])('metric(%s) is refused with what would be right', async (args, message) => {
  const { errors } = await worlds.api.ask(`{ metric(${args}) { block } }`);
  expect(errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } });
});

test('a metric is one statement, however many buckets and groups it has', async () => {
  worlds.api.statements();
  await worlds.api.data(
    `{ metric(name: SELF_PAID_SHARE, interval: DAY, groupBy: MODEL, groups: 50) { buckets { value } } }`,
  );
  expect(worlds.api.statements()).toHaveLength(1);
});

test('workers are busy while any of their requests runs, and nothing is said where none was recorded', async () => {
  const { sql, api } = worlds;
  const record = (n: number, worker: number, started: string, ended: string | null) => sql`
    insert into app.inference_record (request_id, genesis_hash, worker, payer, model_id, model_version, state, prompt_hash, output_hash, fee, started_at, ended_at)
    values (${hash(n)}, ${hash(0)}, ${address(worker)}, ${address(1)}, 1, 1, ${ended ? 'answered' : 'running'}, ${hash(1)},
      ${ended ? hash(2) : null}, 0, ${started}::timestamptz, ${ended}::timestamptz)`;
  // Two at once count once, and midnight divides a request.
  await record(1, 10, '2027-01-12T06:00:00Z', '2027-01-12T12:00:00Z');
  await record(2, 10, '2027-01-12T11:00:00Z', '2027-01-12T15:00:00Z');
  await record(3, 11, '2027-01-12T21:00:00Z', '2027-01-13T03:00:00Z');
  await record(4, 11, '2027-01-14T21:00:00Z', null);
  await record(5, 10, '2027-01-15T02:00:00Z', '2027-01-15T04:00:00Z');
  const { all, each } = await api.data<{ all: Series; each: Series }>(`{
    all: metric(name: BUSY_RATIO, interval: DAY, from: "2027-01-12T00:00:00Z") { caveat buckets { value } }
    each: metric(name: BUSY_RATIO, interval: DAY, from: "2027-01-12T00:00:00Z", groupBy: ACCOUNT) { buckets { group value } }
  }`);
  expect(all.buckets.map(({ value }) => value)).toEqual(['0.250000', '0.125000', null, '0.249991']);
  expect(each.buckets.filter(({ group }) => group === address(10)).map(({ value }) => value)).toEqual([
    '0.375000',
    null,
    null,
    '0.249991',
  ]);
});
