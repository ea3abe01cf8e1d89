import { parameterId, rewardTree } from '@openledger/protocol';
import { id } from 'ethers';
import type { Cast } from './cast.ts';
import type { Session } from './session.ts';

export type ClosedEpoch = {
  readonly epochId: bigint;
  /** What contributors earned in all, as of the epoch's end, by account. Wei of OPEN. */
  readonly earned: ReadonlyMap<string, bigint>;
};

/** What one account may have claimed in all, wei of OPEN, with the proof that the accepted root grants it. */
export type Grant = { readonly account: string; readonly cumulativeAmount: bigint; readonly proof: readonly string[] };

/** Closes the running epoch and works out, from the chain's events alone, what everybody has earned by its end. */
export async function closeEpoch(session: Session, { alice }: Cast): Promise<ClosedEpoch> {
  const minimum: bigint = await session.view('RewardDistributor', 'parameter', [parameterId('EPOCH_LENGTH')]);
  await session.travelTo((await session.view('RewardDistributor', 'lastEnd')) + minimum);
  const sent = await session.send(alice, 'RewardDistributor', 'closeEpoch');
  return { epochId: sent.event('EpochClosed').epochId, earned: await earnedSoFar(session) };
}

/** A root that the guardian takes back, then a second wrong one, which is left waiting. @returns the waiting one. */
export async function proposeWrongRoots(
  session: Session,
  cast: Cast,
  { epochId, earned }: ClosedEpoch,
): Promise<string> {
  const { clerk, warden, sybil } = cast;
  const unfinished = new Map([...earned].slice(0, 1));
  await propose(session, cast, epochId, treeOf(session, unfinished).root);
  await session.send(warden, 'RewardDistributor', 'revokeRoot', [epochId]);

  const greedy = new Map([...earned, [sybil.address, 1n] as const, [clerk.address, 10n ** 18n] as const]);
  const { root } = treeOf(session, greedy);
  await propose(session, cast, epochId, root);
  return root;
}

/** Proposes the true root, waits out its timelock and makes it claimable. */
export async function acceptTrueRoot(
  session: Session,
  cast: Cast,
  { epochId, earned }: ClosedEpoch,
): Promise<readonly Grant[]> {
  const { root, proofOf } = treeOf(session, earned);
  await session.travelTo(await propose(session, cast, epochId, root));
  await session.send(cast.alice, 'RewardDistributor', 'acceptRoot', [epochId]);
  return [...earned].map(([account, cumulativeAmount]) => ({ account, cumulativeAmount, proof: proofOf(account) }));
}

/** Everybody with a grant claims it; anyone may send the claim. */
export async function claim(session: Session, { alice }: Cast, grants: readonly Grant[], when: string): Promise<void> {
  for (const { account, cumulativeAmount, proof } of grants) {
    await session.send(alice, 'RewardDistributor', 'claim', [account, cumulativeAmount, proof], { when });
  }
}

function treeOf(session: Session, earned: ReadonlyMap<string, bigint>) {
  const rewards = [...earned].map(([account, cumulativeAmount]) => ({ account, cumulativeAmount }));
  return rewardTree(session.manifest.chainId, session.address('RewardDistributor'), rewards);
}

/** @returns when the proposed root can be accepted, Unix seconds. */
async function propose(session: Session, { clerk }: Cast, epochId: bigint, root: string): Promise<bigint> {
  const uri = `ipfs://rewards/${root}`;
  const sent = await session.send(clerk, 'RewardDistributor', 'proposeRoot', [epochId, root, id(uri), uri]);
  return sent.event('RootProposed').validAt;
}

/** Sums the attributions of all final batches by contributor. */
async function earnedSoFar(session: Session): Promise<ReadonlyMap<string, bigint>> {
  const final = new Set<bigint>();
  for (const { args } of await session.history('AttributionLedger', 'AttributionBatchFinalized'))
    final.add(args.batchId);
  const contributors = new Map<bigint, string>();
  for (const { args } of await session.history('DatanetRegistry', 'ContributionSubmitted')) {
    contributors.set(args.contributionId, args.contributor.toLowerCase());
  }
  const earned = new Map<string, bigint>();
  for (const { args } of await session.history('AttributionLedger', 'InferenceAttributed')) {
    if (!final.has(args.batchId)) continue;
    for (const [index, contributionId] of [...args.contributionIds].entries()) {
      const account = contributors.get(contributionId)!;
      earned.set(account, (earned.get(account) ?? 0n) + args.amounts[index]);
    }
  }
  return earned;
}
