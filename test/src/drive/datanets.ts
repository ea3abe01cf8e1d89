import { id, parseEther } from 'ethers';
import type { Cast } from './cast.ts';
import type { Player, Session } from './session.ts';
import { approveOpen } from './tokens.ts';

const day = 86_400n;

export const visibility = { public: 0, private: 1 } as const;
export const datanetStatus = { active: 1, paused: 2, archived: 3 } as const;

/** The datanets of the stories, by what they are for. */
export type Datanets = {
  /** Public; three validators, a bond of 5 OPEN, 60 % to pass. */
  readonly reviewed: bigint;
  /** Private; its owner decides alone, no bond. */
  readonly curated: bigint;
  /** Closed for good soon after it was opened. */
  readonly archived: bigint;
};

export const reviewWindow = day;
export const scoreThreshold = parseEther('0.6');

/** Dave opens three datanets, tunes them, hands one over, and names validators. */
export async function openDatanets(session: Session, cast: Cast): Promise<Datanets> {
  const { dave, carol, vera, victor, valerie, rita } = cast;
  const reviewed = await create(session, dave, 'Documentation of open source', visibility.public, {
    minBond: parseEther('5'),
    quorum: 3,
  });
  const curated = await create(session, dave, 'Support conversations', visibility.private, { minBond: 0n, quorum: 0 });
  const archived = await create(session, dave, 'Trial', visibility.public, { minBond: 0n, quorum: 1 });

  const better = 'ipfs://datanet/documentation-2';
  await session.send(dave, 'DatanetRegistry', 'setMetadata', [reviewed, better, id(better)]);
  await session.send(dave, 'DatanetRegistry', 'setRules', [archived, 0n, parseEther('0.5'), 2, 3_600n]);
  await session.send(dave, 'DatanetRegistry', 'setStatus', [archived, datanetStatus.paused]);
  await session.send(dave, 'DatanetRegistry', 'setStatus', [archived, datanetStatus.active]);
  await session.send(dave, 'DatanetRegistry', 'setStatus', [archived, datanetStatus.archived]);
  await session.send(dave, 'DatanetRegistry', 'transferOwnership', [archived, carol.address]);

  for (const validator of [vera, victor, valerie, rita]) {
    await session.send(dave, 'DatanetRegistry', 'setValidator', [reviewed, validator.address, true]);
  }
  // Rita carries contributions for others: she does not review.
  await session.send(dave, 'DatanetRegistry', 'setValidator', [reviewed, rita.address, false]);
  for (const bonded of [cast.alice, cast.bob, cast.carol, cast.sybil, rita]) {
    await approveOpen(session, bonded, session.address('StakeManager'));
  }
  return { reviewed, curated, archived };
}

/** Builders ask for the private datanet: one may train on it, one loses the right again, one waits. */
export async function shareThePrivateDatanet(session: Session, cast: Cast, { curated }: Datanets): Promise<void> {
  const { dave, erin, ursula, peggy } = cast;
  for (const [builder, purpose] of [
    [erin, 'Train a support adapter'],
    [ursula, 'Research'],
    [peggy, 'Curiosity'],
  ] as const) {
    await session.send(builder, 'DatanetRegistry', 'requestAccess', [curated, purpose]);
  }
  const expiresAt = (await session.now()) + 365n * day;
  await session.send(dave, 'DatanetRegistry', 'grantAccess', [curated, erin.address, expiresAt]);
  await session.send(dave, 'DatanetRegistry', 'grantAccess', [curated, ursula.address, expiresAt]);
  await session.send(dave, 'DatanetRegistry', 'revokeAccess', [curated, ursula.address]);
}

type Rules = { minBond: bigint; quorum: number };

async function create(session: Session, owner: Player, name: string, shown: number, rules: Rules): Promise<bigint> {
  const uri = `ipfs://datanet/${name.toLowerCase().replaceAll(' ', '-')}`;
  const { minBond, quorum } = rules;
  const args = [name, uri, id(uri), shown, minBond, scoreThreshold, quorum, reviewWindow];
  const sent = await session.send(owner, 'DatanetRegistry', 'createDatanet', args);
  return sent.event('DatanetCreated').datanetId;
}
