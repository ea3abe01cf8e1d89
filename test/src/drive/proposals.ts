import { id } from 'ethers';
import type { Cast } from './cast.ts';
import type { Player, Sent, Session } from './session.ts';
import { nonceOf, signStandard } from './signing.ts';

/** One call that the timelock carries out when a proposal passes. */
export type GovernedCall = { readonly to: string; readonly data: string };

export type Proposal = {
  readonly id: bigint;
  readonly calls: readonly GovernedCall[];
  readonly description: string;
};

const against = 0;
const inFavour = 1;
const abstain = 2;

/** Asks GOPEN holders for a decision. */
export async function propose(
  session: Session,
  proposer: Player,
  description: string,
  calls: readonly GovernedCall[],
): Promise<Proposal> {
  const sent = await session.send(proposer, 'OpenGovernor', 'propose', [...callArguments(calls), description], {
    when: calls.length === 1 ? '1 call' : `${calls.length} calls`,
    items: calls.length,
  });
  return { id: sent.event('ProposalCreated').proposalId, calls, description };
}

/** Waits until the vote is open. */
export async function untilVoting(session: Session, proposal: Proposal): Promise<void> {
  await session.travelTo((await session.view('OpenGovernor', 'proposalSnapshot', [proposal.id])) + 1n);
}

/** Waits until the vote is over. */
export async function untilVoted(session: Session, proposal: Proposal): Promise<void> {
  await session.travelTo((await session.view('OpenGovernor', 'proposalDeadline', [proposal.id])) + 1n);
}

/** Waits until what was queued can be carried out. */
export async function untilExecutable(session: Session, proposal: Proposal): Promise<void> {
  await session.travelTo(await session.view('OpenGovernor', 'proposalEta', [proposal.id]));
}

/** Every way to vote: with and without reason and parameters, oneself and by signature. */
export async function voteInEveryWay(
  session: Session,
  { greta, gus, gina, gail, rita }: Cast,
  { id }: Proposal,
): Promise<void> {
  await session.send(greta, 'OpenGovernor', 'castVoteWithReasonAndParams', [id, inFavour, 'It is time.', '0x01']);
  await session.send(gus, 'OpenGovernor', 'castVoteWithReason', [id, against, 'Too early.']);

  const ballot = { proposalId: id, support: abstain, voter: gina.address };
  const plain = { ...ballot, nonce: await nonceOf(session, 'OpenGovernor', gina.address) };
  const signed = await signStandard(session, gina, 'OpenGovernor', 'Ballot', plain);
  await session.send(rita, 'OpenGovernor', 'castVoteBySig', [id, abstain, gina.address, signed]);

  const reason = 'Agreed.';
  const params = '0x02';
  const nonce = await nonceOf(session, 'OpenGovernor', gail.address);
  const extended = { proposalId: id, support: inFavour, voter: gail.address, nonce, reason, params };
  const signature = await signStandard(session, gail, 'OpenGovernor', 'ExtendedBallot', extended);
  await session.send(rita, 'OpenGovernor', 'castVoteWithReasonAndParamsBySig', [
    id,
    inFavour,
    gail.address,
    reason,
    params,
    signature,
  ]);
}

export async function voteFor(session: Session, voter: Player, proposal: Proposal): Promise<void> {
  await session.send(voter, 'OpenGovernor', 'castVote', [proposal.id, inFavour]);
}

export async function voteAgainst(session: Session, voter: Player, proposal: Proposal): Promise<void> {
  await session.send(voter, 'OpenGovernor', 'castVote', [proposal.id, against]);
}

/** Puts a passed proposal into the timelock. */
export async function queue(session: Session, caller: Player, proposal: Proposal): Promise<Sent> {
  return session.send(caller, 'OpenGovernor', 'queue(uint256)', [proposal.id], asMany(proposal));
}

/** Carries out a proposal the timelock has let through. */
export async function execute(session: Session, caller: Player, proposal: Proposal): Promise<void> {
  await session.send(caller, 'OpenGovernor', 'execute(uint256)', [proposal.id], asMany(proposal));
}

/** As `queue`, with the whole proposal instead of its id: for callers that trust only the hash. */
export async function queueInFull(session: Session, caller: Player, proposal: Proposal): Promise<void> {
  const signature = 'queue(address[],uint256[],bytes[],bytes32)';
  await session.send(caller, 'OpenGovernor', signature, inFull(proposal), asMany(proposal));
}

/** As `execute`, with the whole proposal instead of its id. */
export async function executeInFull(session: Session, caller: Player, proposal: Proposal): Promise<void> {
  const signature = 'execute(address[],uint256[],bytes[],bytes32)';
  await session.send(caller, 'OpenGovernor', signature, inFull(proposal), asMany(proposal));
}

/** The proposal as the governor's hash sees it: targets, values, calldatas, hash of the description. */
export function inFull({ calls, description }: Proposal): readonly unknown[] {
  return [...callArguments(calls), id(description)];
}

function callArguments(calls: readonly GovernedCall[]): readonly unknown[] {
  return [calls.map(({ to }) => to), calls.map(() => 0n), calls.map(({ data }) => data)];
}

function asMany({ calls }: Proposal) {
  return { when: calls.length === 1 ? '1 call' : `${calls.length} calls`, items: calls.length };
}
