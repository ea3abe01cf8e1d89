import type { Report } from './fuzz.ts';
import type { Invariant } from './violation.ts';

/** How often each function must have passed in 20,000 calls, so that the fuzz cannot go blind to it. */
const leastPassed: Readonly<Record<string, number>> = {
  'AttributionLedger.finalizeBatch': 200,
  'AttributionLedger.postBatch': 250,
  'AttributionLedger.setAlgorithm': 4,
  'DatanetRegistry.authorizeRelayer': 70,
  'DatanetRegistry.authorizeRelayerWithSignature': 70,
  'DatanetRegistry.commitScore': 250,
  'DatanetRegistry.commitScoreFor': 40,
  'DatanetRegistry.createDatanet': 15,
  'DatanetRegistry.decideContribution': 150,
  'DatanetRegistry.finalizeContribution': 40,
  'DatanetRegistry.grantAccess': 40,
  'DatanetRegistry.multicall': 60,
  'DatanetRegistry.publishVersion': 80,
  'DatanetRegistry.requestAccess': 15,
  'DatanetRegistry.revealScore': 120,
  'DatanetRegistry.revealScoreFor': 20,
  'DatanetRegistry.revokeAccess': 4,
  'DatanetRegistry.revokeRelayer': 12,
  'DatanetRegistry.revokeRelayerWithSignature': 15,
  'DatanetRegistry.setMetadata': 15,
  'DatanetRegistry.setRules': 15,
  'DatanetRegistry.setStatus': 4,
  'DatanetRegistry.setValidator': 50,
  'DatanetRegistry.submitContribution': 300,
  'DatanetRegistry.submitContributionFor': 90,
  'DatanetRegistry.submitContributionWithSignature': 80,
  'DatanetRegistry.transferOwnership': 10,
  'DatanetRegistry.withdrawContribution': 15,
  'DisputeResolver.counter': 10,
  'DisputeResolver.expire': 15,
  'DisputeResolver.raise': 110,
  'DisputeResolver.resolve': 80,
  'GOPEN.deposit': 15,
  'GOPEN.withdraw': 10,
  'InferenceEscrow.deposit': 130,
  'InferenceEscrow.depositFor': 30,
  'InferenceEscrow.requestWithdrawal': 50,
  'InferenceEscrow.setFeeSplit': 25,
  'InferenceEscrow.settle': 400,
  'InferenceEscrow.withdraw': 40,
  'InferenceEscrow.withdrawEarnings': 70,
  'ModelRegistry.deployAdapter': 15,
  'ModelRegistry.publishVersion': 15,
  'ModelRegistry.recordEvaluation': 8,
  'ModelRegistry.registerModel': 10,
  'ModelRegistry.registerWorker': 4,
  'ModelRegistry.registerWorkerWithConsent': 4,
  'ModelRegistry.setEndpoint': 3,
  'ModelRegistry.setPricing': 12,
  'ModelRegistry.setStatus': 8,
  'ModelRegistry.setWilling': 20,
  'ModelRegistry.transferWorker': 10,
  'ModelRegistry.undeployAdapter': 4,
  'RewardDistributor.acceptRoot': 15,
  'RewardDistributor.claim': 40,
  'RewardDistributor.closeEpoch': 35,
  'RewardDistributor.proposeRoot': 20,
  'RewardDistributor.revokeRoot': 1,
  'StakeManager.claimStakerReward': 100,
  'StakeManager.requestUnstake': 60,
  'StakeManager.stake': 100,
  'StakeManager.withdrawStake': 80,
  'StakeManager.withdrawStakes': 12,
};

/** How many forbidden calls must have been tried on a function, by the invariant that a pass would have broken. */
const leastRefused: readonly (readonly [fn: string, invariant: Invariant, least: number])[] = [
  ['AttributionLedger.postBatch', 1, 25],
  ['InferenceEscrow.setFeeSplit', 1, 3],
  ['InferenceEscrow.withdraw', 2, 25],
  ['RewardDistributor.claim', 2, 5],
  ['InferenceEscrow.settle', 3, 70],
  ['AttributionLedger.postBatch', 3, 30],
  ['DatanetRegistry.commitScore', 3, 25],
  ['DatanetRegistry.commitScoreFor', 3, 3],
  ['DatanetRegistry.revealScore', 3, 30],
  ['RewardDistributor.claim', 3, 15],
  ['AttributionLedger.finalizeBatch', 4, 70],
  ['RewardDistributor.acceptRoot', 4, 25],
  ['InferenceEscrow.settle', 5, 130],
  ['DatanetRegistry.authorizeRelayerWithSignature', 5, 25],
  ['DatanetRegistry.revokeRelayerWithSignature', 5, 8],
  ['DatanetRegistry.submitContributionWithSignature', 5, 25],
  ['DatanetRegistry.commitScoreFor', 5, 10],
  ['DatanetRegistry.multicall', 5, 10],
  ['DatanetRegistry.revealScore', 5, 50],
  ['DatanetRegistry.revealScoreFor', 5, 10],
  ['ModelRegistry.registerWorkerWithConsent', 5, 15],
  ['RewardDistributor.claim', 5, 50],
  ['DisputeResolver.resolve', 6, 20],
  ['StakeManager.withdrawStake', 6, 35],
  ['StakeManager.requestUnstake', 6, 10],
];

const leastMilestones: Readonly<Record<keyof Report['milestones'], number>> = {
  attributedAgain: 30,
  batchesPaid: 200,
  batchesRevoked: 20,
  slashes: 150,
  bondsLost: 3,
  upheld: 50,
  disputedTogether: 25,
  claims: 40,
};

/** What the runs together reached too seldom, one line each; nothing when they saw everything. */
export function blindSpots(reports: readonly Report[]): readonly string[] {
  const total = (count: (report: Report) => number) => reports.reduce((sum, report) => sum + count(report), 0);
  const spots: string[] = [];
  const expect = (what: string, count: number, least: number) => {
    if (count < least) spots.push(`${what}: ${count} times, at least ${least} expected`);
  };
  for (const [fn, least] of Object.entries(leastPassed)) {
    expect(
      `${fn} passed`,
      total(({ reached }) => reached.get(fn)?.passed ?? 0),
      least,
    );
  }
  for (const [fn, invariant, least] of leastRefused) {
    const count = total(({ reached }) => reached.get(fn)?.refused[invariant] ?? 0);
    expect(`${fn} tried against invariant ${invariant}`, count, least);
  }
  for (const [name, least] of Object.entries(leastMilestones) as [keyof Report['milestones'], number][]) {
    expect(
      name,
      total(({ milestones }) => milestones[name]),
      least,
    );
  }
  return spots;
}
