import { canonicalJson } from '@openledger/protocol';
import { algorithmId, startingAlgorithm } from '@openledger/protocol/attribution';
import { id, toUtf8Bytes } from 'ethers';
import { bytesContent, contentUri } from '../contents.ts';
import type { Contracts } from '../contracts.ts';
import { type PersonaName, persona } from '../personas.ts';
import type { Scene } from '../scene.ts';
import { auditor } from './disputing.ts';

export const against = 0;
export const inFavour = 1;
export const abstain = 2;

/** Something put to the vote, who votes how, and what would be done. */
export type Motion = {
  readonly title: string;
  readonly reason: string;
  readonly by: PersonaName;
  /** Days after genesis. */
  readonly day: number;
  readonly action: { readonly to: string; readonly data: string };
  readonly votes: Partial<Record<PersonaName, typeof against | typeof inFavour | typeof abstain>>;
  /** The proposer takes it back before the vote. */
  readonly takenBack?: boolean;
};

/** How evidence becomes shares, as every worker starts; its hash is its name on chain. */
export const algorithmContent = bytesContent('application/json', toUtf8Bytes(canonicalJson(startingAlgorithm)));

/** Everything that is up for a vote by now. */
export function motions({ contracts, world, now }: Scene): readonly Motion[] {
  const judgements = [...world.disputes.values()]
    .filter(({ initiator, raisedAt }) => initiator === persona(auditor).address && now - raisedAt > 40_000)
    .map((dispute): Motion => {
      const { bondId } = world.contributions.get(dispute.contributionId)!;
      const bond = bondId === undefined ? undefined : world.stakes.get(bondId);
      const slashed = bond === undefined ? [[], []] : [[bond.id], [firstAmount(world, bond.id)]];
      return {
        title: `Uphold dispute ${dispute.id}`,
        reason: `Contribution ${dispute.contributionId} repeats what stood in the datanet before it. Its bond is slashed and it leaves the datanet.`,
        by: 'bruno',
        day: 0,
        action: action(contracts, 'DisputeResolver', 'resolve', [dispute.id, true, ...slashed]),
        votes: { carla: inFavour, elif: inFavour, ada: inFavour, bruno: inFavour, dmitri: abstain, fay: against },
      };
    });
  return [...standing(contracts), ...judgements];
}

/** What a stake began with: slashing changes its amount, and a proposal must stay the same proposal. */
function firstAmount(world: Scene['world'], stakeId: bigint): bigint {
  return world.latest('StakeManager.RoleStaked', { stakeId })!.args.amount;
}

function standing(contracts: Contracts): readonly Motion[] {
  return [
    {
      title: 'Allow attribution by gradient influence',
      reason:
        'The first method by which workers may say which contributions an answer drew on. Its parameters are published with it.',
      by: 'ada',
      day: 3.6,
      action: action(contracts, 'AttributionLedger', 'setAlgorithm', [
        algorithmId(startingAlgorithm),
        true,
        contentUri(algorithmContent),
        algorithmContent.hash,
      ]),
      votes: { carla: inFavour, elif: inFavour, ada: inFavour, bruno: inFavour, fay: inFavour, dmitri: abstain },
    },
    {
      title: 'Halve the bond of a dispute',
      reason: 'Ten OPEN keeps newcomers from challenging what they see. Five would do.',
      by: 'dmitri',
      day: 12,
      action: action(contracts, 'DisputeResolver', 'setParameter', [id('MIN_DISPUTE_BOND'), 5n * 10n ** 18n]),
      votes: { carla: against, elif: abstain, ada: against, bruno: against, dmitri: inFavour, fay: inFavour },
    },
    {
      title: 'Shorten the challenge window to two minutes',
      reason:
        'Contributors wait for their pay while a batch can be challenged. On a chain that people look at for an hour, two minutes are enough to recompute one.',
      by: 'bruno',
      day: 19,
      action: action(contracts, 'AttributionLedger', 'setParameter', [id('CHALLENGE_WINDOW'), 120n]),
      votes: { carla: inFavour, elif: inFavour, ada: inFavour, bruno: inFavour, dmitri: inFavour, fay: against },
    },
    {
      title: 'Close an epoch every four minutes',
      reason: 'A day is long for the first pay. Who has earned something should see it while they still look.',
      by: 'ada',
      day: 20,
      action: action(contracts, 'RewardDistributor', 'setParameter', [id('EPOCH_LENGTH'), 240n]),
      votes: { carla: inFavour, elif: inFavour, ada: inFavour, bruno: inFavour, fay: inFavour },
    },
    {
      title: 'Let a reward root wait for one minute',
      reason:
        'The guardian watches, and anyone can work the root out again: a minute is enough to take a wrong one back.',
      by: 'ada',
      day: 20.4,
      action: action(contracts, 'RewardDistributor', 'setParameter', [id('ROOT_DELAY'), 60n]),
      votes: { carla: inFavour, elif: inFavour, ada: inFavour, bruno: abstain, dmitri: inFavour },
    },
    {
      title: 'Raise the platform’s part to ten per cent',
      reason: 'To pay for infrastructure out of every fee.',
      by: 'dmitri',
      day: 16.2,
      action: action(contracts, 'InferenceEscrow', 'setFeeSplit', [[1_000, 2_750, 2_500, 500, 3_250]]),
      votes: {},
      takenBack: true,
    },
    {
      title: 'Give contributors forty per cent of every fee',
      reason: 'The people whose text made a model better should have the largest part; the model’s owner gives it up.',
      by: 'ada',
      day: 37.5,
      action: action(contracts, 'InferenceEscrow', 'setFeeSplit', [[500, 2_500, 2_500, 500, 4_000]]),
      votes: { carla: inFavour, elif: against, ada: inFavour, bruno: inFavour, dmitri: abstain, fay: inFavour },
    },
  ];
}

function action(
  contracts: Contracts,
  contract: Parameters<Contracts['at']>[0],
  name: string,
  args: readonly unknown[],
) {
  return { to: contracts.at(contract), data: contracts.encode(contract, name, args) };
}
