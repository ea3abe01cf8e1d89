import type { Hex } from '@openledger/db/chain';
import { createContextCache } from '@pothos/core';
import DataLoader from 'dataloader';
import type { ApiContext } from '../context.ts';
import { builder } from '../schema/builder.ts';
import { entityOf, type FieldsOf } from '../schema/entity.ts';

type TargetType = 'contribution' | 'attribution_batch' | 'reward_root' | 'worker';
type Target = { readonly __typename: string };

const DisputeTarget = builder.unionType('DisputeTarget', {
  description: 'What a dispute is about.',
  types: () =>
    (['contribution', 'attributionBatch', 'rewardRoot', 'worker'] as const).map((table) => entityOf(table).ref),
  resolveType: (target) => (target as unknown as Target).__typename,
});

type Key = { readonly targetType: TargetType; readonly targetId: Hex; readonly createdBlock: bigint };

/** Loads the targets of many disputes with one query for each kind of target; null for what is not there. */
async function loadTargets(keys: readonly Key[], { db }: ApiContext): Promise<(Target | null)[]> {
  const idsOf = (type: TargetType) => [
    ...new Set(keys.filter(({ targetType }) => targetType === type).map(({ targetId }) => targetId)),
  ];
  const contributions = idsOf('contribution').map(BigInt);
  const batches = idsOf('attribution_batch').map(BigInt);
  const roots = idsOf('reward_root');
  const workers = idsOf('worker').map(addressOf);

  const [contributionRows, batchRows, rootRows, workerRows] = await Promise.all([
    contributions.length > 0
      ? db.query.contribution.findMany({ columns: { id: true }, where: { id: { in: contributions } } })
      : [],
    batches.length > 0
      ? db.query.attributionBatch.findMany({ columns: { id: true }, where: { id: { in: batches } } })
      : [],
    roots.length > 0
      ? db.query.rewardRoot.findMany({
          columns: { id: true, root: true, block: true },
          where: { root: { in: roots } },
          orderBy: { id: 'desc' },
        })
      : [],
    workers.length > 0
      ? db.query.worker.findMany({ columns: { address: true }, where: { address: { in: workers } } })
      : [],
  ]);

  const targetOf = ({ targetType, targetId, createdBlock }: Key): [typename: string, row: object | undefined] => {
    switch (targetType) {
      case 'contribution':
        return ['Contribution', contributionRows.find(({ id }) => id === BigInt(targetId))];
      case 'attribution_batch':
        return ['AttributionBatch', batchRows.find(({ id }) => id === BigInt(targetId))];
      case 'reward_root':
        // A root can be proposed again: the dispute is about the last time before it was raised.
        return ['RewardRoot', rootRows.find(({ root, block }) => root === targetId && block <= createdBlock)];
      case 'worker':
        return ['Worker', workerRows.find(({ address }) => address === addressOf(targetId))];
    }
  };
  return keys.map((key) => {
    const [typename, row] = targetOf(key);
    return row ? { __typename: typename, ...row } : null;
  });
}

/** The address in the last 20 of 32 bytes. */
function addressOf(id: Hex): Hex {
  return `0x${id.slice(-40)}`;
}

const targetLoader = createContextCache(
  (context: ApiContext) => new DataLoader((keys: readonly Key[]) => loadTargets(keys, context)),
);

/** What a dispute is about, whichever of the four kinds it is. */
export const targetField: FieldsOf<'dispute'> = (t) => ({
  target: t.field({
    type: DisputeTarget,
    nullable: true,
    description: 'What it is about; null when the chain knows nothing by that id.',
    select: { columns: { targetType: true, targetId: true, createdBlock: true } },
    resolve: ({ targetType, targetId, createdBlock }, _args, context) =>
      targetLoader(context).load({ targetType, targetId, createdBlock }) as never,
  }),
});
