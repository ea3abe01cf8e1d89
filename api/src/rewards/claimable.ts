import type { Hex } from '@openledger/db/chain';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { ApiContext } from '../context.ts';
import { type AcceptedEpoch, acceptedEpoch, type Leaves, leavesOf } from '../prepared/claims.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';

/** Roots that the index does not come to, for a while: it may be behind, and trees take long to make. */
const strange = new LRUCache<string, true>({ max: 1000, ttl: 5 * 60_000 });
/** Roots that it does come to, which stays so. */
const reproduced = new LRUCache<string, true>({ max: 1000 });

/** What a root pays whom, worked out from the index; null when that does not come to the root that is on chain. */
async function leavesOrNull(context: ApiContext, epoch: AcceptedEpoch): Promise<Leaves | null> {
  const key = `${context.genesisHash} ${epoch.root}`;
  if (strange.has(key)) return null;
  try {
    const leaves = await leavesOf(context, epoch);
    reproduced.set(key, true);
    return leaves;
  } catch (error) {
    if (!(error instanceof GraphQLError && error.extensions.code === 'CONFLICT')) throw error;
    strange.set(key, true);
    return null;
  }
}

/** What can be claimed against now, found once for each answer; undefined while no root was ever accepted. */
const standing = loaderOf(async (keys: readonly 'now'[], context) => {
  const accepted = await acceptedEpoch(context);
  const leaves = accepted && (await leavesOrNull(context, accepted));
  return keys.map(() => leaves);
});

const unless = 'null where what the index comes to is not the root on chain: the published tree at its uri has it then';

/** What an account can claim now, and what it still waits for. Wei. */
export const claimableFields: FieldsOf<'rewardAccount'> = (t) => ({
  claimable: t.field({
    type: 'BigInt',
    nullable: true,
    description: `Wei of OPEN that it can claim now against the root that stands accepted, 0 before the first; ${unless}. The proof is in rewardGrant, the transaction in prepareClaim.`,
    complexity: 20,
    select: { columns: { account: true, claimed: true } },
    resolve: async (row, _args, context) => {
      const { account, claimed } = row as { account: Hex; claimed: bigint };
      const leaves = await standing(context).load('now');
      return leaves === undefined ? 0n : leaves && atLeastZero((leaves.amounts.get(account) ?? 0n) - claimed);
    },
  }),
  pending: t.field({
    type: 'BigInt',
    nullable: true,
    description: `Wei of OPEN that final attributions gave it and no accepted root grants yet; ${unless}.`,
    complexity: 20,
    select: { columns: { account: true, attributed: true } },
    resolve: async (row, _args, context) => {
      const { account, attributed } = row as { account: Hex; attributed: bigint };
      const leaves = await standing(context).load('now');
      return leaves === undefined
        ? attributed
        : leaves && atLeastZero(attributed - (leaves.amounts.get(account) ?? 0n));
    },
  }),
});

/** Whether a root is what the index comes to by itself. */
export const reproducedField: FieldsOf<'rewardRoot'> = (t) => ({
  isReproduced: t.field({
    type: 'Boolean',
    description:
      'Whether final attributions up to the end of its epoch come to this very root: what a proposer could get wrong or falsify.',
    complexity: 50,
    select: { columns: { root: true, epochId: true } },
    resolve: async (row, _args, context) => {
      const { root, epochId } = row as { root: Hex; epochId: bigint };
      if (reproduced.has(`${context.genesisHash} ${root}`)) return true;
      const epoch = await context.db.query.epoch.findFirst({ columns: { end: true }, where: { id: epochId } });
      return epoch !== undefined && (await leavesOrNull(context, { id: epochId, end: epoch.end, root })) !== null;
    },
  }),
});

function atLeastZero(value: bigint): bigint {
  return value < 0n ? 0n : value;
}
