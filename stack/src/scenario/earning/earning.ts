import { formatEther, id, parseEther } from 'ethers';
import { type PersonaName, persona, personaAt } from '../personas.ts';
import { call, type Intent, type Policy, type Scene } from '../scene.ts';
import type { Grants } from './grants.ts';

/** Seconds between two withdrawals of one account, and the least that it goes for. */
const rest = 600;
const least = parseEther('0.002');

/** Contributors claim what they were granted; model owners, the worker's operator and stakers take what they earned. */
export function earning(grants: Grants): Policy {
  return (scene) => (scene.live ? [...claims(scene, grants), ...earnings(scene), ...stakers(scene)] : []);
}

function claims({ world, contracts }: Scene, grants: Grants): readonly Intent[] {
  return grants.all().flatMap(({ epochId, account, cumulativeAmount, proof }): readonly Intent[] => {
    const by = personaAt(account)?.name;
    const claimed: bigint = world.latest('RewardDistributor.Claimed', { account })?.args.cumulative ?? 0n;
    if (by === undefined || cumulativeAmount <= claimed) return [];
    return [
      {
        by,
        calls: [call(contracts, 'RewardDistributor', 'claim', [account, cumulativeAmount, proof], 200_000n)],
        say: `${by} claimed ${open(cumulativeAmount - claimed)} for what answers drew on`,
        key: `claim/${epochId}/${account}`,
      },
    ];
  });
}

function earnings(scene: Scene): readonly Intent[] {
  const { world, contracts, now } = scene;
  return [...world.earnings].flatMap(([account, amount]): readonly Intent[] => {
    const by = personaAt(account)?.name;
    const last = world.latest('InferenceEscrow.EarningsWithdrawn', { account });
    if (by === undefined || amount < least || (last !== undefined && now - last.time < rest)) return [];
    const as = by === 'odile' ? 'for running the worker' : 'for models';
    return [
      {
        by,
        calls: [call(contracts, 'InferenceEscrow', 'withdrawEarnings', [account], 150_000n)],
        say: `${by} took out ${open(amount)} that came in ${as}`,
        key: `earnings/${account}/${world.latest('InferenceEscrow.InferenceSettled')?.block}`,
      },
    ];
  });
}

/** Whose stake earns a part of every fee. */
function stakers({ world, contracts, now }: Scene): readonly Intent[] {
  const names = new Set<PersonaName>();
  for (const { args } of world.history.get('StakeManager.RoleStaked') ?? []) {
    const stake = world.stakes.get(args.stakeId);
    const by = args.role === id('VALIDATOR') ? personaAt(args.account)?.name : undefined;
    if (by !== undefined && stake !== undefined && stake.amount > stake.pending) names.add(by);
  }
  const fees = world.history.get('InferenceEscrow.FeeDistributed') ?? [];
  return [...names].flatMap((by): readonly Intent[] => {
    const account = persona(by).address;
    const last = world.latest('StakeManager.StakerRewardPaid', { account });
    if (last !== undefined && now - last.time < rest) return [];
    let since = 0n;
    for (const { args, block } of fees.toReversed()) {
      if (last !== undefined && block <= last.block) break;
      since += args.stakers;
    }
    // All stakers share it: somebody's part is worth a transaction once there are several such.
    if (since < 4n * least) return [];
    return [
      {
        by,
        calls: [call(contracts, 'StakeManager', 'claimStakerReward', [account], 150_000n)],
        say: `${by} took a staker’s part of the fees`,
        tell: (after) => {
          const paid = after.latest('StakeManager.StakerRewardPaid', { account })?.args.amount;
          return paid === undefined ? undefined : `${by} took ${open(paid)}, a staker’s part of the fees`;
        },
        key: `staker/${account}/${fees.length}`,
      },
    ];
  });
}

/** To the first digits that say something. */
function open(wei: bigint): string {
  return `${Number(Number(formatEther(wei)).toPrecision(3))} OPEN`;
}
