import { chainTables, type Hex } from '@openledger/db/chain';
import { type MerkleTree, rewardTree } from '@openledger/protocol';
import { and, desc, eq, lt, lte, sum } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { ApiContext } from '../context.ts';
import { userError } from '../errors.ts';
import { builder } from '../schema/builder.ts';

const { attribution, attributionBatch, epoch, rewardAccount } = chainTables;

/** What the accepted reward root grants one account. Amounts in wei of OPEN. */
export type Grant = {
  readonly account: Hex;
  readonly epochId: bigint;
  readonly root: Hex;
  /** Everything it has earned since the beginning. */
  readonly cumulativeAmount: bigint;
  readonly claimed: bigint;
  readonly claimable: bigint;
  /** Siblings from its leaf to the root. */
  readonly proof: readonly Hex[];
};

export type Leaves = { readonly tree: MerkleTree<string>; readonly amounts: ReadonlyMap<string, bigint> };
export type AcceptedEpoch = { readonly id: bigint; readonly end: bigint; readonly root: Hex };

/** Trees by chain and root: a root is a pure function of final events, so what was once right stays so. */
const trees = new LRUCache<string, Leaves>({ max: 4 });

/**
 * What the accepted root grants an account, with its proof. The root holds what final attributions gave each contributor
 * up to the end of its epoch; the leaves are worked out from the index and held against the root, so that a proof that is
 * given is right.
 * @throws NOT_FOUND when no root is accepted yet or the account is not in it, CONFLICT when the root is of other leaves
 */
export async function grantOf(context: ApiContext, account: Hex): Promise<Grant> {
  const accepted = await acceptedEpoch(context);
  if (accepted === undefined) {
    throw userError('NOT_FOUND', 'No reward root has been accepted yet: there is nothing to claim for anybody.');
  }
  const { tree, amounts } = await leavesOf(context, accepted);
  const cumulativeAmount = amounts.get(account);
  if (cumulativeAmount === undefined) {
    throw userError(
      'NOT_FOUND',
      `The root of epoch ${accepted.id}, the newest that is accepted, grants ${account} nothing. What is attributed after its end comes with a later epoch.`,
    );
  }
  const [known] = await context.db
    .select({ claimed: rewardAccount.claimed })
    .from(rewardAccount)
    .where(eq(rewardAccount.account, account));
  const claimed = known?.claimed ?? 0n;
  const claimable = cumulativeAmount > claimed ? cumulativeAmount - claimed : 0n;
  const { id: epochId, root } = accepted;
  return { account, epochId, root, cumulativeAmount, claimed, claimable, proof: tree.proofOf(account) };
}

export async function acceptedEpoch({ db }: ApiContext): Promise<AcceptedEpoch | undefined> {
  const [found] = await db
    .select({ id: epoch.id, end: epoch.end, root: epoch.root })
    .from(epoch)
    .where(eq(epoch.status, 'accepted'))
    .orderBy(desc(epoch.id))
    .limit(1);
  return found?.root ? { ...found, root: found.root } : undefined;
}

export async function leavesOf(context: ApiContext, { id, end, root }: AcceptedEpoch): Promise<Leaves> {
  const key = `${context.genesisHash} ${root}`;
  const known = trees.get(key);
  if (known) return known;
  // A batch that became final in the block that closed the epoch may be on either side of it.
  for (const upTo of [lte(attributionBatch.closedAt, end), lt(attributionBatch.closedAt, end)]) {
    const earned = await context.db
      .select({ account: attribution.contributor, amount: sum(attribution.amount) })
      .from(attribution)
      .innerJoin(attributionBatch, eq(attributionBatch.id, attribution.batchId))
      .where(and(eq(attribution.status, 'final'), eq(attributionBatch.status, 'finalized'), upTo))
      .groupBy(attribution.contributor);
    const all = earned.map(({ account, amount }) => [account as string, BigInt(amount ?? 0)] as const);
    for (const entries of [all, all.filter(([, amount]) => amount > 0n)]) {
      if (entries.length === 0) continue;
      const rewards = entries.map(([account, cumulativeAmount]) => ({ account, cumulativeAmount }));
      const tree = rewardTree(context.deployment.chainId, context.protocol.addressOf('RewardDistributor'), rewards);
      if (tree.root !== root) continue;
      const leaves = { tree, amounts: new Map(entries) };
      trees.set(key, leaves);
      return leaves;
    }
  }
  throw userError(
    'CONFLICT',
    `The accepted root of epoch ${id} is not the one that follows from the final attributions in the index, so no proof can be given. If the index is behind (see _meta), ask again; else the root may be disputed (prepareDispute).`,
  );
}

const GrantType = builder.objectRef<Grant>('RewardGrant').implement({
  description: 'What the newest accepted reward root grants one account, with the Merkle proof that claims it.',
  fields: (t) => ({
    account: t.expose('account', { type: 'Address', description: 'Whom.' }),
    epochId: t.expose('epochId', { type: 'BigInt', description: 'The epoch the root is of.' }),
    root: t.expose('root', { type: 'Bytes32', description: 'The root.' }),
    cumulativeAmount: t.expose('cumulativeAmount', {
      type: 'BigInt',
      description: 'Wei of OPEN earned since the beginning, up to the end of that epoch: what the leaf says.',
    }),
    claimed: t.expose('claimed', { type: 'BigInt', description: 'Wei of OPEN of it that were claimed already.' }),
    claimable: t.expose('claimable', { type: 'BigInt', description: 'Wei of OPEN that a claim pays now.' }),
    proof: t.field({
      type: ['Bytes32'],
      description: 'Siblings from the leaf to the root, as RewardDistributor.claim takes them.',
      resolve: ({ proof }) => [...proof],
    }),
  }),
});

builder.queryField('rewardGrant', (t) =>
  t.field({
    type: GrantType,
    description: 'What an account can claim, with the proof. To send it: prepareClaim.',
    args: { account: t.arg({ type: 'Address', required: true, description: 'Whose.' }) },
    complexity: 25,
    resolve: (_root, { account }, context) => grantOf(context, account),
  }),
);
