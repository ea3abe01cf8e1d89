import { getContent } from '@openledger/db';
import type { Phase } from '@openledger/gpu-worker/settlement';
import { type Hex, rewardTree } from '@openledger/protocol';
import { type RewardList, rewardListSchema } from '@openledger/protocol/attribution';
import { pass } from './governance.ts';
import { act } from './ground.ts';
import { type IndexedGround, short } from './indexed.ts';
import { keepReceipts } from './receipts.ts';
import { startKeeping, startSettling } from './settling.ts';

/** Brings the money to where some phase has work, whatever others have left lying about. */
export type Stages = {
  readonly prepare: (phase: Phase) => Promise<void>;
  /** Does all that is left, until every answer is paid for and everything is claimable; then contributors claim. */
  readonly finish: () => Promise<void>;
};

export const createStages = (ground: IndexedGround): Stages => {
  const { sql, indexed, payers, contract } = ground;
  const distributor = contract('RewardDistributor');
  const view = (name: string, ...args: readonly unknown[]) => distributor.getFunction(name)(...args);
  const settle = async () => {
    const settler = startSettling(ground.place);
    await settler.now();
    await settler.stop();
    await indexed();
  };
  const keep = async () => {
    await indexed();
    const keeper = startKeeping(ground.place);
    await keeper.now();
    await keeper.stop();
    await indexed();
  };
  const idsWhere = async (condition: ReturnType<typeof sql>): Promise<readonly Hex[]> => {
    await indexed();
    const rows = await sql<{ id: Hex }[]>`
      select a.request_id as id from app.inference_record a left join chain.inference i using (request_id)
      left join app.receipt r using (request_id) where ${condition}`;
    return rows.map(({ id }) => id);
  };
  const passUntil = async (time: bigint) => {
    const now = BigInt((await ground.provider.getBlock('latest'))!.timestamp);
    if (time > now) await pass(ground, Number(time - now));
  };
  const totalOf = async (epochId: bigint): Promise<bigint> => (await view('epochs', epochId)).cumulativeTotal;
  const isFunded = async () => (await view('funded')) > (await totalOf(await view('epochCount')));
  const isClosed = async () => (await totalOf(await view('epochCount'))) > (await totalOf(await view('acceptedEpoch')));
  const isPending = async () => (await view('pendingEpoch')) > 0n;
  const sendReceipts = async () => {
    const without = await idsWhere(sql`i.request_id is not null and r.request_id is null`);
    await keepReceipts(ground, without);
    return without.length;
  };
  let turns = 0;

  const stages: Record<Phase, () => Promise<void>> = {
    collect: async () => {
      if ((await idsWhere(sql`i.request_id is null`)).length > 0) return;
      const fees = [1, 2].map(() => BigInt(Math.ceil(Math.random() * 1e9)) * 1_000_007n);
      await ground.answer(payers[turns++ % payers.length]!, fees, { promised: 10n ** 24n, lasts: 3_650 * 86_400 });
    },
    post: async () => {
      // Where blocks were taken back there are receipts before answers are collected again, and a settler may post them at once.
      while ((await idsWhere(sql`i.attribution_status = 'none' and r.request_id is not null`)).length === 0) {
        if ((await sendReceipts()) > 0) return;
        await stages.collect();
        await settle();
      }
    },
    finalise: async () => {
      await indexed();
      const posted = () => sql<{ deadline: bigint }[]>`
        select max(challenge_deadline) as deadline from chain.attribution_batch where status = 'posted' having count(*) > 0`;
      if ((await posted()).length === 0) {
        await stages.post();
        await settle();
      }
      await passUntil((await posted())[0]?.deadline ?? 0n);
    },
    close: async () => {
      if (!(await isFunded())) {
        await stages.finalise();
        await settle();
      }
      await passUntil((await view('lastEnd')) + BigInt(short));
    },
    propose: async () => {
      // Whoever accepts one may close and propose the next in the same turn.
      while (await isPending()) {
        await stages.accept();
        await keep();
      }
      if (await isClosed()) return indexed();
      await stages.close();
      await act(distributor, 'closeEpoch');
      await indexed();
    },
    accept: async () => {
      if (!(await isPending())) {
        await stages.propose();
        await keep();
      }
      const { validAt } = await view('proposals', await view('pendingEpoch'));
      await passUntil(validAt);
      await indexed();
    },
  };

  const claimAll = async () => {
    const [found] = await sql<{ hash: Hex }[]>`
      select ipfs_hash as hash from chain.reward_root where status = 'accepted' order by id desc limit 1`;
    const body = (await getContent(ground.db, found!.hash))!.body!;
    const list: RewardList = rewardListSchema.parse(JSON.parse(new TextDecoder().decode(body)));
    const rewards = list.rewards.map(({ account, cumulativeAmount }) => ({
      account,
      cumulativeAmount: BigInt(cumulativeAmount),
    }));
    const { proofOf } = rewardTree(ground.manifest.chainId, ground.place.distributor, rewards);
    for (const { account, cumulativeAmount } of rewards) {
      if ((await view('claimed', account)) === cumulativeAmount) continue;
      await act(distributor, 'claim', account, cumulativeAmount, proofOf(account));
    }
  };

  return {
    prepare: (phase) => stages[phase](),
    finish: async () => {
      for (let round = 0; round < 60; round += 1) {
        await settle();
        await sendReceipts();
        await settle();
        const open = await idsWhere(sql`i.attribution_status is distinct from 'final'`);
        await keep();
        if (open.length === 0 && !(await isFunded()) && !(await isClosed()) && !(await isPending())) break;
        await pass(ground, short + 1);
      }
      await claimAll();
    },
  };
};
