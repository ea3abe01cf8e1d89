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

/** Loads the targets of many disputes with one query for each kind of target; null for what is not there. */
async function loadTargets(keys: readonly string[], { db }: ApiContext): Promise<(Target | null)[]> {
  const wanted = keys.map((key) => {
    const [type, id] = key.split(':') as [TargetType, `0x${string}`];
    return { type, number: BigInt(id), id };
  });
  const numbersOf = (type: TargetType) => wanted.filter((target) => target.type === type).map(({ number }) => number);
  const contributions = numbersOf('contribution');
  const batches = numbersOf('attribution_batch');
  const roots = wanted.filter(({ type }) => type === 'reward_root');
  const workers = numbersOf('worker').map(addressOf);

  const [contributionRows, batchRows, rootRows, workerRows] = await Promise.all([
    contributions.length > 0
      ? db.query.contribution.findMany({ columns: { id: true }, where: { id: { in: contributions } } })
      : [],
    batches.length > 0
      ? db.query.attributionBatch.findMany({ columns: { id: true }, where: { id: { in: batches } } })
      : [],
    roots.length > 0
      ? db.query.rewardRoot.findMany({
          columns: { id: true, root: true, epochId: true },
          where: {
            OR: [{ root: { in: roots.map(({ id }) => id) } }, { epochId: { in: roots.map(({ number }) => number) } }],
          },
          orderBy: { id: 'desc' },
        })
      : [],
    workers.length > 0
      ? db.query.worker.findMany({ columns: { address: true }, where: { address: { in: workers } } })
      : [],
  ]);

  return wanted.map(({ type, number, id }) => {
    const [typename, row] = {
      contribution: ['Contribution', contributionRows.find((candidate) => candidate.id === number)] as const,
      attribution_batch: ['AttributionBatch', batchRows.find((candidate) => candidate.id === number)] as const,
      reward_root: [
        'RewardRoot',
        rootRows.find(({ root }) => root === id) ?? rootRows.find(({ epochId }) => epochId === number),
      ] as const,
      worker: ['Worker', workerRows.find(({ address }) => address === addressOf(number))] as const,
    }[type];
    return row ? { __typename: typename, ...row } : null;
  });
}

function addressOf(id: bigint): `0x${string}` {
  return `0x${BigInt.asUintN(160, id).toString(16).padStart(40, '0')}`;
}

const targetLoader = createContextCache(
  (context: ApiContext) => new DataLoader((keys: readonly string[]) => loadTargets(keys, context)),
);

/** What a dispute is about, whichever of the four kinds it is. */
export const targetField: FieldsOf<'dispute'> = (t) => ({
  target: t.field({
    type: DisputeTarget,
    nullable: true,
    description: 'What it is about; null when the chain knows nothing by that id.',
    select: { columns: { targetType: true, targetId: true } },
    resolve: ({ targetType, targetId }, _args, context) =>
      targetLoader(context).load(`${targetType}:${targetId}`) as never,
  }),
});
