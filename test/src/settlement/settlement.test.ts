import { type Moment, settlerMoments } from '@openledger/gpu-worker/settlement';
import type { Hex } from '@openledger/protocol';
import { parseEther, type Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadDying } from './dyingChild.ts';
import { type Ground, layGround } from './ground.ts';
import { startSettling } from './settling.ts';

let ground: Ground;
beforeAll(async () => {
  ground = await layGround();
}, 60_000);
afterAll(() => ground?.stop());

const nobody = `0x${'0'.repeat(40)}`;
const isSettled = async (requestId: Hex): Promise<boolean> =>
  (await ground.escrow.getFunction('settled')(requestId)).worker !== nobody;
const areSettled = (ids: readonly Hex[]) => Promise.all(ids.map(isSettled));
const takenOf = (payer: Wallet): Promise<bigint> =>
  ground.escrow.getFunction('settledAmount')(payer.address, ground.worker);
const balanceOf = async (payer: Wallet): Promise<bigint> =>
  (await ground.escrow.getFunction('payers')(payer.address)).balance;
/** OPEN that the escrow holds, and what it owes. */
const books = async () => {
  const sums = ['totalDeposits', 'totalEarnings', 'heldForContributors'];
  const owed: bigint[] = await Promise.all(sums.map((name) => ground.escrow.getFunction(name)()));
  const held: bigint = await ground.open.getFunction('balanceOf')(ground.escrow.target);
  return { held, owed: owed.reduce((sum, each) => sum + each) };
};

/** Looks once. */
const settle = async (more = {}) => {
  const settler = startSettling(ground.place, more);
  await settler.now();
  await settler.stop();
  return settler.figures();
};

test('answers of several payers are collected in one call, once, to the wei', async () => {
  const [anna, ben] = [ground.payers[0]!, ground.payers[1]!];
  const fees = [parseEther('0.1') + 7n, 1n, 999_999_999n];
  const ids = [...(await ground.answer(anna, fees)), ...(await ground.answer(ben, fees))];
  const figures = await settle();
  expect(figures).toMatchObject({ settled: 6, calls: 1, waiting: {}, lost: [] });
  expect(await areSettled(ids)).toEqual(ids.map(() => true));
  const sum = fees.reduce((all, each) => all + each);
  for (const payer of [anna, ben]) {
    expect(await takenOf(payer)).toBe(sum);
    expect(await balanceOf(payer)).toBe(parseEther('10') - sum);
  }
  // The indexer has seen nothing of it: only the chain itself says so.
  expect(await settle()).toMatchObject({ settled: 0, calls: 0 });
  const { held, owed } = await books();
  expect(held).toBe(owed);
});

test('what is little waits for more, for its time, or for the end of its voucher', async () => {
  const payer = ground.payers[0]!;
  const [id] = await ground.answer(payer, [5n]);
  expect((await settle({ enough: 1_000n })).calls).toBe(0);
  await ground.answer(payer, [], { lasts: 500 });
  expect((await settle({ enough: 1_000n })).calls).toBe(1);
  expect(await isSettled(id!)).toBe(true);
  const [late] = await ground.answer(payer, [5n]);
  expect((await settle({ enough: 1_000n, patience: 0 })).calls).toBe(1);
  expect(await isSettled(late!)).toBe(true);
});

test('a voucher that promises too little, and a deposit that is too small, pay for what they cover; the rest is shown', async () => {
  const [anna, carl] = [ground.payers[0]!, ground.payers[2]!];
  const before = await takenOf(anna);
  const ids = await ground.answer(anna, [10n, 100n, 5n], { promised: before + 20n });
  const poor = await ground.answer(carl, [parseEther('6'), parseEther('6')], { promised: parseEther('50') });
  expect(await settle()).toMatchObject({ settled: 3, waiting: { voucher: 1, balance: 1 } });
  expect(await areSettled([...ids, ...poor])).toEqual([true, false, true, true, false]);
  await ground.answer(anna, [], { promised: before + 115n });
  expect(await settle()).toMatchObject({ settled: 1, waiting: { balance: 1 } });
  expect(await takenOf(anna)).toBe(before + 115n);
  await ground.sql`delete from app.inference_record where request_id = ${poor[1]!}`;
});

test('an expired voucher’s answers are written off with the reason, until the payer signs again', async () => {
  const ben = ground.payers[1]!;
  const [id] = await ground.answer(ben, [77n], { lasts: -1 });
  const { calls, lost } = await settle();
  expect(calls).toBe(0);
  expect(lost).toContainEqual({ why: 'voucher_expired', answers: expect.any(Number), fees: expect.any(BigInt) });
  await ground.answer(ben, []);
  expect(await settle()).toMatchObject({ settled: 1, lost: [] });
  expect(await isSettled(id!)).toBe(true);
});

test('one answer, or one payer, that the contract refuses keeps no other from being paid', async () => {
  const [anna, ben] = [ground.payers[0]!, ground.payers[1]!];
  const [wrong] = await ground.answer(anna, [3n], { version: 9 });
  const [right] = await ground.answer(anna, [4n]);
  const [unsigned] = await ground.answer(ben, [5n]);
  await ground.sql`update app.voucher set signature = '0x1234' where payer = ${ben.address.toLowerCase()}`;
  expect(await settle()).toMatchObject({ settled: 1, waiting: { UnknownVersion: 1, InvalidVoucherSignature: 1 } });
  expect(await areSettled([wrong!, right!, unsigned!])).toEqual([false, true, false]);
  await ground.sql`delete from app.inference_record where request_id = ${wrong!}`;
  await ground.answer(ben, []);
  expect(await settle()).toMatchObject({ settled: 1, waiting: {} });
});

test('two processes of one worker, and more answers than a call takes: everything is paid once', async () => {
  const ben = ground.payers[1]!;
  const before = await takenOf(ben);
  const ids = await ground.answer(
    ben,
    Array.from({ length: 12 }, () => 11n),
  );
  const settlers = [0, 1].map(() => startSettling(ground.place, { most: 5, everyMs: 100 }));
  await expect.poll(() => takenOf(ben), { timeout: 20_000 }).toBe(before + 132n);
  await Promise.all(settlers.map(({ stop }) => stop()));
  expect(await takenOf(ben)).toBe(before + 132n);
  expect(await areSettled(ids)).toEqual(ids.map(() => true));
});

test('what is stuck in the pool gets a higher fee', async () => {
  const ben = ground.payers[1]!;
  const [id] = await ground.answer(ben, [21n]);
  await ground.chain.setAutomine(false);
  let signed = 0;
  const settler = startSettling(ground.place, {
    onMoment: (moment) => {
      if (moment === 'collect signed' && ++signed === 2)
        void ground.chain.setAutomine(true).then(() => ground.chain.mine(1));
    },
  });
  await settler.now();
  await settler.stop();
  expect(signed).toBeGreaterThan(1);
  expect(await isSettled(id!)).toBe(true);
});

const moments = settlerMoments.filter((moment) => moment.startsWith('collect'));
test.each(moments)('a process killed at “%s” loses nothing and pays nothing twice', async (at: Moment) => {
  const ben = ground.payers[1]!;
  const before = await takenOf(ben);
  const ids = await ground.answer(ben, [31n, 37n]);
  const child = await loadDying();
  // One that was killed after sending leaves its call in the pool, unmined.
  if (at === 'collect sent') await ground.chain.setAutomine(false);
  expect(await child.dieAt({ place: ground.place, who: 'settler', at })).toBe('SIGKILL');
  await ground.chain.setAutomine(true);
  await settle();
  await ground.chain.mine(1);
  await settle();
  expect(await areSettled(ids)).toEqual([true, true]);
  expect(await takenOf(ben)).toBe(before + 68n);
  const { held, owed } = await books();
  expect(held).toBe(owed);
});
