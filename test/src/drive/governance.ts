import { accessRoles, type ParameterName, parameterId } from '@openledger/protocol';
import { id, parseEther, ZeroHash } from 'ethers';
import { algorithmId, retiredAlgorithmId } from './attribution.ts';
import type { Cast } from './cast.ts';
import {
  execute,
  executeInFull,
  type GovernedCall,
  inFull,
  type Proposal,
  propose,
  queue,
  queueInFull,
  untilExecutable,
  untilVoted,
  untilVoting,
  voteAgainst,
  voteFor,
  voteInEveryWay,
} from './proposals.ts';
import type { Player, Session } from './session.ts';

/** Contracts with roles and a pause switch. */
export const governedContracts = [
  'StakeManager',
  'DatanetRegistry',
  'ModelRegistry',
  'RewardDistributor',
  'InferenceEscrow',
  'AttributionLedger',
  'DisputeResolver',
] as const;

const day = 86_400n;

/**
 * GOPEN holders allow an attribution method, appoint officers and tune the protocol's numbers; one proposal loses, two
 * are taken back by who made them.
 */
export async function appointAndTune(session: Session, cast: Cast): Promise<void> {
  const { greta, gus, gail } = cast;
  const algorithm = await propose(session, greta, 'Allow influence attribution', [
    setAlgorithm(session, algorithmId, true),
    setAlgorithm(session, retiredAlgorithmId, true),
  ]);
  const officers = await propose(session, greta, 'Appoint officers', appointments(session, cast, 'grantRole'));
  const numbers = await propose(session, gus, 'Tune the numbers', tuning(session));
  const refused = await propose(session, gus, 'Retire the method', [setAlgorithm(session, algorithmId, false)]);
  const hasty = await propose(session, gus, 'Hasty', [setAlgorithm(session, ZeroHash, true)]);
  const mistaken = await propose(session, gail, 'Mistaken', [setAlgorithm(session, id('typo'), true)]);
  await session.send(gus, 'OpenGovernor', 'cancel(uint256)', [hasty.id]);
  await session.send(gail, 'OpenGovernor', 'cancel(address[],uint256[],bytes[],bytes32)', inFull(mistaken));

  await untilVoting(session, refused);
  await voteInEveryWay(session, cast, algorithm);
  for (const proposal of [officers, numbers]) await voteFor(session, greta, proposal);
  await voteAgainst(session, greta, refused);
  await untilVoted(session, refused);

  await queueInFull(session, gail, algorithm);
  for (const proposal of [officers, numbers]) await queue(session, gail, proposal);
  await untilExecutable(session, numbers);
  await executeInFull(session, gail, algorithm);
  for (const proposal of [officers, numbers]) await execute(session, gail, proposal);
}

/** The guardian stops every contract, and lets it go on. */
export async function pauseEverything(session: Session, { warden }: Cast): Promise<void> {
  for (const contract of governedContracts) {
    await session.send(warden, contract, 'pause');
    await session.send(warden, contract, 'unpause');
  }
}

/**
 * GOPEN holders judge the disputes, change governance's own rules and dismiss the officers. A proposal that got through
 * while nobody looked is stopped in the timelock by the council.
 */
export async function judgeAndReform(session: Session, cast: Cast, judgements: readonly GovernedCall[]): Promise<void> {
  const { greta, gail } = cast;
  const judgement = await propose(session, greta, 'Judge the disputes', judgements);
  const reform = await propose(session, greta, 'Change the rules of governance', reforms(session));
  const dismissal = await propose(session, greta, 'Dismiss the officers', [
    ...appointments(session, cast, 'revokeRole'),
    setAlgorithm(session, retiredAlgorithmId, false),
  ]);
  const raid = await propose(session, gail, 'Raid the treasury', [
    {
      to: session.address('Open'),
      data: session.encode('Open', 'transfer', [gail.address, parseEther('1')]),
    },
  ]);
  await untilVoting(session, raid);
  for (const proposal of [judgement, reform, dismissal, raid]) await voteFor(session, greta, proposal);
  await untilVoted(session, raid);
  for (const proposal of [judgement, reform, dismissal]) await queue(session, gail, proposal);
  await stopInTimelock(session, cast, raid);
  await untilExecutable(session, dismissal);
  for (const proposal of [judgement, reform, dismissal]) await execute(session, gail, proposal);
}

async function stopInTimelock(session: Session, { gail, council }: Cast, proposal: Proposal): Promise<void> {
  const queued = await queue(session, gail, proposal);
  await session.send(council, 'TimelockController', 'cancel', [queued.event('CallScheduled').id]);
}

function setAlgorithm(session: Session, algorithm: string, active: boolean): GovernedCall {
  const uri = `ipfs://algorithm/${algorithm}`;
  return {
    to: session.address('AttributionLedger'),
    data: session.encode('AttributionLedger', 'setAlgorithm', [algorithm, active, uri, id(uri)]),
  };
}

/** A guardian everywhere, and a proposer of roots, an evaluator and a canceller. The proposer stays when others go. */
function appointments(session: Session, cast: Cast, method: 'grantRole' | 'revokeRole'): readonly GovernedCall[] {
  const { warden, clerk, judge, council } = cast;
  const change = (
    contract: (typeof governedContracts)[number] | 'TimelockController',
    role: string,
    officer: Player,
  ) => ({
    to: session.address(contract),
    data: session.encode(contract, method, [role, officer.address]),
  });
  return [
    ...governedContracts.map((contract) => change(contract, accessRoles.GUARDIAN_ROLE, warden)),
    ...(method === 'grantRole' ? [change('RewardDistributor', accessRoles.PROPOSER_ROLE, clerk)] : []),
    change('ModelRegistry', accessRoles.EVALUATOR_ROLE, judge),
    change('TimelockController', accessRoles.CANCELLER_ROLE, council),
  ];
}

function tuning(session: Session): readonly GovernedCall[] {
  const set = (contract: (typeof governedContracts)[number], name: ParameterName, value: bigint) => ({
    to: session.address(contract),
    data: session.encode(contract, 'setParameter', [parameterId(name), value]),
  });
  const split = { platformBps: 400, modelBps: 3_000, workerBps: 2_500, stakersBps: 600, contributorsBps: 3_500 };
  return [
    set('StakeManager', 'UNSTAKE_COOLDOWN', 5n * day),
    set('DatanetRegistry', 'BOND_HOLD', 2n * day),
    set('RewardDistributor', 'ROOT_DELAY', 2n * day),
    set('InferenceEscrow', 'WITHDRAWAL_DELAY', 2n * day),
    set('AttributionLedger', 'CHALLENGE_WINDOW', 4n * day),
    set('DisputeResolver', 'MIN_DISPUTE_BOND', parseEther('20')),
    {
      to: session.address('InferenceEscrow'),
      data: session.encode('InferenceEscrow', 'setFeeSplit', [split]),
    },
  ];
}

function reforms(session: Session): readonly GovernedCall[] {
  const governor = session.address('OpenGovernor');
  const timelock = session.address('TimelockController');
  return [
    { to: governor, data: session.encode('OpenGovernor', 'setVotingDelay', [2n * day]) },
    { to: governor, data: session.encode('OpenGovernor', 'setVotingPeriod', [10n * day]) },
    { to: governor, data: session.encode('OpenGovernor', 'setProposalThreshold', [parseEther('200')]) },
    { to: governor, data: session.encode('OpenGovernor', 'updateQuorumNumerator', [30n]) },
    { to: governor, data: session.encode('OpenGovernor', 'updateTimelock', [timelock]) },
    { to: timelock, data: session.encode('TimelockController', 'updateDelay', [3n * day]) },
  ];
}
