import { readRewards } from '@openledger/gpu-worker/settlement';
import { rewardTree } from '@openledger/protocol';
import { encodeBytes32String, formatEther, id, parseEther } from 'ethers';
import { asGovernance, pass, tune } from './governance.ts';
import { act, type Ground } from './ground.ts';
import { type IndexedGround, layIndexedGround } from './indexed.ts';
import { keepReceipts, randomShares } from './receipts.ts';
import { startKeeping, startSettling } from './settling.ts';

export type ConservationOptions = {
  /** Answers of the whole month. */
  readonly inferences: number;
  /** 30 without it. */
  readonly days?: number;
  readonly say?: (message: string) => void;
  readonly signal?: AbortSignal;
};

/** Where all OPEN is that payers ever deposited, in wei. */
export type ConservationVerdict = {
  readonly inferences: number;
  readonly settled: number;
  readonly deposited: string;
  readonly withdrawn: string;
  readonly still_deposited: string;
  /** Of model owners, operators and the treasury's part of fees: taken out, and not yet. */
  readonly earned: string;
  readonly stakers: string;
  /** By contributors; and what final batches gave them and they have not taken. */
  readonly claimed: string;
  readonly claimable: string;
  /** What no evidence supported, in final batches. */
  readonly unattributed: string;
  /** The contributors' part of answers whose batch is not final. */
  readonly waiting: string;
  readonly off_wei: string;
};

/** Options that are wrong. */
export class ConservationError extends Error {
  override readonly name = 'ConservationError';
}

const day = 86_400;
const deposit = parseEther('20000');

/**
 * A month in the life of a worker: answers every day, settled, attributed, now and then disputed; epochs closed daily; payers
 * come and go, contributors claim, one leaves, stakers stake and take. Then every wei that was ever deposited is looked for.
 */
export const runConservation = async (options: ConservationOptions): Promise<ConservationVerdict> => {
  const { inferences, days = 30, say = () => {}, signal } = options;
  const ground = await layIndexedGround({ deposit: formatEther(deposit) });
  try {
    for (const [name, seconds] of [
      ['CHALLENGE_WINDOW', 3 * day],
      ['EPOCH_LENGTH', day],
      ['ROOT_DELAY', day],
    ] as const) {
      await tune(ground, name, BigInt(seconds));
    }
    const people = createPeople(ground);
    await people.stake();
    for (let today = 0; today < days; today += 1) {
      signal?.throwIfAborted();
      const count = Math.floor((inferences * (today + 1)) / days) - Math.floor((inferences * today) / days);
      await answerOnce(ground, count);
      await settleAll(ground);
      await people.live(today);
      await pass(ground, day - 3_600);
      if (today % 5 === 4) say(`day ${today + 1}: ${Math.floor((inferences * (today + 1)) / days)} answers`);
    }
    return await countWei(ground, inferences, people.deposited());
  } finally {
    await ground.stop();
  }
};

const random = (below: number): number => Math.floor(Math.random() * below);

/** Fees of all sizes, never round; some answers are never attributed. */
const answerOnce = async (ground: Ground, count: number): Promise<void> => {
  for (const [at, payer] of ground.payers.entries()) {
    const own = Math.floor((count * (at + 1)) / 3) - Math.floor((count * at) / 3);
    const fees = Array.from({ length: own }, () => BigInt(1 + random(2 ** 40)) * BigInt(1 + random(2 ** 18)));
    for (let from = 0; from < own; from += 1_000) {
      const ids = await ground.answer(payer, fees.slice(from, from + 1_000), {
        promised: 10n ** 24n,
        lasts: 3_650 * day,
      });
      await keepReceipts(
        ground,
        ids.filter(() => random(50) > 0),
        randomShares,
      );
    }
  }
};

const settleAll = async (ground: IndexedGround): Promise<void> => {
  // A call that settles hundreds takes a busy machine seconds: it is not stuck.
  const patient = { stuckMs: 30_000 };
  const settler = startSettling(ground.place, { most: 200, mostReceipts: 200, ...patient });
  const keeper = startKeeping(ground.place, patient);
  // What is settled can be posted when it is indexed, what is final counts in an epoch, and a closed one is proposed.
  for (let turn = 0; turn < 3; turn += 1) {
    await settler.now();
    await ground.indexed();
    await keeper.now();
    await ground.indexed();
  }
  await Promise.all([settler.stop(), keeper.stop()]);
};

/** What people do beside asking. */
const createPeople = (ground: IndexedGround) => {
  const { contract, payers, contributors, sql, place, manifest, wallet } = ground;
  const stakers = [wallet(28), wallet(29)];
  let deposited = deposit * BigInt(payers.length);

  const claim = async (at: number): Promise<void> => {
    const distributor = contract('RewardDistributor');
    const accepted: bigint = await distributor.getFunction('acceptedEpoch')();
    const rewards = accepted === 0n ? undefined : await readRewards(sql, accepted);
    const account = contributors[at]!.address.toLowerCase();
    const own = rewards?.rewards.find((one) => one.account === account);
    if (rewards === undefined || own === undefined) return;
    if ((await distributor.getFunction('claimed')(account)) === own.cumulativeAmount) return;
    const { proofOf } = rewardTree(manifest.chainId, place.distributor, rewards.rewards);
    await act(distributor, 'claim', account, own.cumulativeAmount, proofOf(account));
  };
  const dispute = async (): Promise<void> => {
    const [batch] = await sql<{ id: bigint }[]>`
      select id from chain.attribution_batch where status = 'posted' order by id desc limit 1`;
    if (batch === undefined) return;
    await act(ground.open, 'approve', manifest.contracts.StakeManager, parseEther('100'));
    const target = `0x${batch.id.toString(16).padStart(64, '0')}`;
    const resolver = contract('DisputeResolver');
    await act(resolver, 'raise', 1, target, id('WRONG'), id('evidence'), 'ipfs://why', parseEther('10'));
    const disputeId: bigint = await resolver.getFunction('disputeCount')();
    await asGovernance(ground, 'DisputeResolver', 'resolve', disputeId, true, [], []);
  };
  return {
    deposited: () => deposited,
    stake: async () => {
      for (const [at, staker] of stakers.entries()) {
        await act(ground.open, 'transfer', staker.address, parseEther('1000'));
        await act(contract('Open', staker), 'approve', manifest.contracts.StakeManager, parseEther('1000'));
        await act(contract('StakeManager', staker), 'stake', id('VALIDATOR'), 1n, parseEther(`${100 + 333 * at}`));
      }
    },
    live: async (today: number) => {
      const escrow = contract('InferenceEscrow');
      if (today % 3 === 1) await claim(today % contributors.length);
      if (today % 4 === 2) await act(contract('StakeManager'), 'claimStakerReward', stakers[today % 2]!.address);
      if (today % 6 === 3) await act(escrow, 'withdrawEarnings', manifest.treasury);
      if (today % 6 === 5) await act(escrow, 'withdrawEarnings', wallet(20).address);
      if (today % 7 === 4) await dispute();
      if (today % 8 === 1) await act(contract('InferenceEscrow', payers[0]), 'requestWithdrawal', 10n ** 15n + 7n);
      if (today % 8 === 2) {
        await pass(ground, 3_600);
        await act(contract('InferenceEscrow', payers[0]), 'withdraw');
      }
      if (today % 9 === 8) {
        deposited += 5n * 10n ** 18n + 3n;
        await act(escrow, 'depositFor', payers[1]!.address, 5n * 10n ** 18n + 3n);
      }
      if (today === 6) {
        await act(
          contract('DatanetRegistry', contributors[2]),
          'withdrawContribution',
          3n,
          encodeBytes32String('MINE'),
        );
      }
      await ground.indexed();
    },
  };
};

/** Adds up events of the chain, and holds them against what the contracts say and hold. */
const countWei = async (ground: IndexedGround, inferences: number, deposited: bigint): Promise<ConservationVerdict> => {
  const { contract, open, place, manifest, sql } = ground;
  const sumOf = async (name: Parameters<Ground['contract']>[0], event: string, field: string): Promise<bigint> => {
    const of = contract(name);
    let sum = 0n;
    const last = await ground.provider.getBlockNumber();
    for (let from = 0; from <= last; from += 500) {
      const found = (await of.queryFilter(of.getEvent(event), from, from + 499)) as unknown as {
        args: Record<string, bigint>;
      }[];
      for (const { args } of found) sum += BigInt(args[field]!);
    }
    return sum;
  };
  const view = (name: Parameters<Ground['contract']>[0], method: string): Promise<bigint> =>
    contract(name).getFunction(method)();
  const balanceOf = (address: string): Promise<bigint> => open.getFunction('balanceOf')(address);
  const fee = (part: string) => sumOf('InferenceEscrow', 'FeeDistributed', part);
  const [final] = await sql<{ attributed: bigint; unattributed: bigint }[]>`
    select coalesce(sum(attributed), 0) as attributed, coalesce(sum(unattributed), 0) as unattributed
    from chain.attribution_batch where status = 'finalized'`;
  const [settled] = await sql<{ count: number }[]>`select count(*)::int as count from chain.inference`;
  const contributors = await fee('contributors');
  const stakers = await fee('stakers');
  const shares = (await fee('platform')) + (await fee('model')) + (await fee('worker'));
  const withdrawn = await sumOf('InferenceEscrow', 'Withdrawn', 'amount');
  const claimed = await sumOf('RewardDistributor', 'Claimed', 'amount');
  const still = await view('InferenceEscrow', 'totalDeposits');
  const unattributed = final!.unattributed;
  const claimable = final!.attributed - claimed;
  const waiting = contributors - final!.attributed - unattributed;

  let off = 0n;
  const compare = (is: bigint, should: bigint) => {
    off += is > should ? is - should : should - is;
  };
  compare(await sumOf('InferenceEscrow', 'Deposited', 'amount'), deposited);
  // Every wei, by events alone.
  compare(withdrawn + still + shares + stakers + claimed + claimable + unattributed + waiting, deposited);
  // And by what the contracts hold and say.
  const taken = await sumOf('InferenceEscrow', 'EarningsWithdrawn', 'amount');
  compare((await view('InferenceEscrow', 'totalEarnings')) + taken, shares + unattributed);
  compare(await view('InferenceEscrow', 'heldForContributors'), waiting);
  compare(await balanceOf(place.escrow), still + (shares + unattributed - taken) + waiting);
  compare(await balanceOf(place.distributor), claimable);
  const paidToStakers = await sumOf('StakeManager', 'StakerRewardPaid', 'amount');
  compare((await view('StakeManager', 'rewardsOwed')) + paidToStakers, stakers);
  compare(
    await balanceOf(manifest.contracts.StakeManager),
    (await view('StakeManager', 'totalStaked')) + stakers - paidToStakers,
  );
  return {
    ...{ inferences, settled: settled!.count, deposited: `${deposited}`, withdrawn: `${withdrawn}` },
    ...{ still_deposited: `${still}`, earned: `${shares}`, stakers: `${stakers}`, claimed: `${claimed}` },
    ...{ claimable: `${claimable}`, unattributed: `${unattributed}`, waiting: `${waiting}`, off_wei: `${off}` },
  };
};

/** What `npm run verify -- conservation` was asked for. @throws ConservationError naming what is wrong */
export const readConservationOptions = (flags: readonly string[]): { readonly inferences: number } => {
  let inferences = 100_000;
  for (let i = 0; i < flags.length; i += 2) {
    const [flag, value] = [flags[i]!, flags[i + 1]];
    if (flag !== '--inferences') throw new ConservationError(`${flag} is unknown: there is --inferences.`);
    if (value === undefined || !/^[1-9]\d{0,6}$/.test(value)) {
      throw new ConservationError(
        `--inferences is ${value ?? 'missing'}: it must be a whole number from 1 to 9999999.`,
      );
    }
    inferences = Number(value);
  }
  return { inferences };
};
