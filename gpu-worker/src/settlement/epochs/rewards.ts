import type { Sql } from '@openledger/db';
import { canonicalJson, type Hex, type Reward, rewardTree } from '@openledger/protocol';
import { type RewardList, rewardListSchema } from '@openledger/protocol/attribution';
import { keccak256, toUtf8Bytes } from 'ethers';

/** What everybody has earned by an epoch's end, since the beginning: accounts ascending, each with wei of OPEN above 0. */
export type Rewards = {
  readonly rewards: readonly (Reward & { readonly account: Hex })[];
  readonly total: bigint;
  /** Block of the epoch's end. */
  readonly block: bigint;
};

/**
 * Sums attributions of batches that were final when an epoch was closed, by the order of the chain's own events: a batch that
 * became final after it in the same block belongs to the next one.
 *
 * @returns undefined while the index does not have the epoch's end
 */
export const readRewards = async (sql: Sql, epochId: bigint): Promise<Rewards | undefined> => {
  const [closed] = await sql<{ id: string; block: bigint }[]>`
    select id, block from chain.activity
    where contract_name = 'RewardDistributor' and event = 'EpochClosed' and args ->> 'epochId' = ${`${epochId}`}`;
  if (closed === undefined) return undefined;
  const rows = await sql<{ account: Hex; amount: bigint }[]>`
    with final as (
      select (args ->> 'batchId')::numeric as batch_id from chain.activity
      where contract_name = 'AttributionLedger' and event = 'AttributionBatchFinalized' and id < ${closed.id}
    )
    select contributor as account, sum(amount) as amount
    from chain.attribution join final using (batch_id)
    group by contributor having sum(amount) > 0 order by contributor collate "C"`;
  const rewards = rows.map(({ account, amount }) => ({ account, cumulativeAmount: amount }));
  return { rewards, total: rewards.reduce((sum, each) => sum + each.cumulativeAmount, 0n), block: closed.block };
};

/** What a reward root's `uri` leads to, as bytes, and what the chain says of it. */
export type RewardContent = {
  readonly body: Uint8Array;
  /** keccak256 of the body: `ipfsHash` on chain. */
  readonly hash: Hex;
  readonly uri: string;
  readonly root: Hex;
};

/** Writes rewards as a document. @throws MerkleError when there are none */
export const rewardContentOf = (
  { chainId, distributor, epochId }: { chainId: bigint; distributor: Hex; epochId: bigint },
  { rewards }: Pick<Rewards, 'rewards'>,
): RewardContent => {
  const { root } = rewardTree(chainId, distributor, rewards);
  const list: RewardList = rewardListSchema.parse({
    schema: 'openledger.rewards/1',
    ...{ chainId: `${chainId}`, distributor, epochId: `${epochId}`, root },
    rewards: rewards.map(({ account, cumulativeAmount }) => ({ account, cumulativeAmount: `${cumulativeAmount}` })),
  });
  const body = toUtf8Bytes(canonicalJson(list));
  const hash = keccak256(body) as Hex;
  return { body, hash, uri: `openledger:content/${hash}`, root };
};
