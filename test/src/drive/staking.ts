import { stakeRoles } from '@openledger/protocol';
import { parseEther } from 'ethers';
import type { Cast } from './cast.ts';
import type { Datanets } from './datanets.ts';
import type { Player, Session } from './session.ts';
import { approveOpen } from './tokens.ts';

/** The voluntary stakes of the stories, by whose they are. */
export type Stakes = {
  readonly vera: bigint;
  readonly victor: bigint;
  readonly frank: bigint;
  readonly sybil: bigint;
};

/** Validators, an operator and a contributor put OPEN at stake. */
export async function stake(session: Session, cast: Cast, { reviewed }: Datanets): Promise<Stakes> {
  const { vera, victor, frank, wren, sybil } = cast;
  for (const staker of [vera, victor, frank]) await approveOpen(session, staker, session.address('StakeManager'));
  return {
    vera: await open(session, vera, stakeRoles.VALIDATOR, reviewed, '500'),
    victor: await open(session, victor, stakeRoles.VALIDATOR, reviewed, '300'),
    frank: await open(session, frank, stakeRoles.WORKER, BigInt(wren.address), '1000'),
    sybil: await open(session, sybil, stakeRoles.CONTRIBUTOR, reviewed, '200'),
  };
}

/** Vera leaves with a part, Victor changes his mind, and both take their part of the fees. */
export async function takeRewardsAndLeave(
  session: Session,
  { vera, victor, alice }: Cast,
  stakes: Stakes,
): Promise<void> {
  await session.send(vera, 'StakeManager', 'claimStakerReward', [vera.address]);
  await session.send(alice, 'StakeManager', 'claimStakerReward', [victor.address]);
  await session.send(victor, 'StakeManager', 'requestUnstake', [stakes.victor, parseEther('300')]);
  await session.send(victor, 'StakeManager', 'requestUnstake', [stakes.victor, 0n]);
  const asked = await session.send(vera, 'StakeManager', 'requestUnstake', [stakes.vera, parseEther('200')]);
  await session.travelTo(asked.event('UnstakeRequested').availableAt);
  await session.send(vera, 'StakeManager', 'withdrawStake', [stakes.vera]);
}

/** Everyone whose bonds are free gets them back. */
export async function collectBonds(session: Session, cast: Cast): Promise<void> {
  const collectors = [cast.alice, cast.bob, cast.carol, cast.rita];
  const now = (await session.now()) + 1n;
  const opened = await session.history('StakeManager', 'RoleStaked');
  for (const collector of collectors) {
    const free: bigint[] = [];
    for (const { args } of opened) {
      if (args.account.toLowerCase() !== collector.address) continue;
      const { bond, pending, availableAt } = (await session.view('StakeManager', 'stakes', [args.stakeId])).toObject();
      if (bond && pending > 0n && availableAt <= now) free.push(args.stakeId);
    }
    await withdrawAll(session, collector, free);
  }
}

async function withdrawAll(session: Session, collector: Player, stakeIds: readonly bigint[]): Promise<void> {
  if (stakeIds.length === 0) return;
  await session.send(collector, 'StakeManager', 'withdrawStakes', [stakeIds], {
    when: stakeIds.length === 1 ? '1 stake' : `${stakeIds.length} stakes`,
    items: stakeIds.length,
  });
}

async function open(session: Session, staker: Player, role: string, targetId: bigint, amount: string): Promise<bigint> {
  const sent = await session.send(staker, 'StakeManager', 'stake', [role, targetId, parseEther(amount)]);
  return sent.event('RoleStaked').stakeId;
}
