import { encodeBytes32String, id, parseEther, toBeHex } from 'ethers';
import type { Batches } from './attribution.ts';
import type { Cast } from './cast.ts';
import type { GovernedCall } from './proposals.ts';
import type { Reviewed } from './reviews.ts';
import type { Player, Session } from './session.ts';
import type { Stakes } from './staking.ts';
import { approveOpen } from './tokens.ts';

const target = { contribution: 0, batch: 1, root: 2, worker: 3 } as const;

/** Open disputes, by what they are about. */
export type Disputes = {
  readonly copied: bigint;
  readonly honest: bigint;
  readonly biased: bigint;
  readonly worker: bigint;
};

/** Dora challenges a copy, a biased batch and a worker; Sybil, in revenge, an honest contribution. The accused answer. */
export async function raiseDisputes(
  session: Session,
  cast: Cast,
  reviewed: Reviewed,
  batches: Batches,
): Promise<Disputes> {
  const { dora, sybil, alice, dave, frank, wren } = cast;
  const honest = reviewed.accepted[0]!;
  await approveOpen(session, dora, session.address('StakeManager'));
  const disputes = {
    copied: await raise(session, dora, target.contribution, toBeHex(reviewed.copied.id, 32), 'a contribution'),
    honest: await raise(session, sybil, target.contribution, toBeHex(honest.id, 32), 'a contribution'),
    biased: await raise(session, dora, target.batch, toBeHex(batches.biased, 32), 'an attribution batch'),
    worker: await raise(session, dora, target.worker, toBeHex(wren.address, 32), 'a worker'),
  };
  await counter(session, alice, disputes.honest);
  await counter(session, dave, disputes.honest);
  await counter(session, frank, disputes.worker);
  return disputes;
}

/** Dora challenges a reward root that waits in its timelock. */
export async function disputeRoot(session: Session, { dora }: Cast, root: string): Promise<bigint> {
  return raise(session, dora, target.root, root, 'a reward root');
}

/** The judgements that governance passes: the copy, the batch and the root fall, the revenge fails. */
export async function judgements(
  session: Session,
  { copied, honest, biased }: Disputes,
  rootDispute: bigint,
  { sybil, frank }: Stakes,
  reviewed: Reviewed,
): Promise<readonly GovernedCall[]> {
  const { bondId } = await session.view('DatanetRegistry', 'contribution', [reviewed.copied.id]);
  const resolve = (disputeId: bigint, upheld: boolean, slashes: readonly (readonly [bigint, bigint])[] = []) => ({
    to: session.address('DisputeResolver'),
    data: session.encode('DisputeResolver', 'resolve', [
      disputeId,
      upheld,
      slashes.map(([stakeId]) => stakeId),
      slashes.map(([, amount]) => amount),
    ]),
  });
  return [
    resolve(copied, true, [
      [sybil, parseEther('120')],
      [bondId, parseEther('5')],
    ]),
    resolve(honest, false),
    resolve(biased, true, [[frank, parseEther('250')]]),
    resolve(rootDispute, true),
  ];
}

/** Nobody judged the dispute about the worker in time: it lapses. */
export async function letLapse(session: Session, { alice }: Cast, { worker }: Disputes): Promise<void> {
  const { deadline } = await session.view('DisputeResolver', 'dispute', [worker]);
  await session.travelTo(deadline);
  await session.send(alice, 'DisputeResolver', 'expire', [worker]);
}

async function raise(
  session: Session,
  initiator: Player,
  type: number,
  targetId: string,
  when: string,
): Promise<bigint> {
  const uri = `ipfs://complaint/${type}/${targetId}`;
  const tag = encodeBytes32String('drive');
  const args = [type, targetId, tag, id(uri), uri, parseEther('25')];
  const sent = await session.send(initiator, 'DisputeResolver', 'raise', args, { when });
  return sent.event('DisputeRaised').disputeId;
}

async function counter(session: Session, accused: Player, disputeId: bigint): Promise<void> {
  const uri = `ipfs://answer/${disputeId}/${accused.name}`;
  await session.send(accused, 'DisputeResolver', 'counter', [disputeId, id(uri), uri]);
}
