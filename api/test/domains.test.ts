import { isInterfaceType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../src/schema/index.ts';

/** What each domain must offer, by where a client finds it. */
const domains: Record<string, readonly string[]> = {
  datanets: [
    'Query.datanets',
    'Query.datanet',
    'Datanet.contributions',
    'Datanet.validators',
    'Datanet.access',
    'Datanet.contributors',
  ],
  versions: [
    'Query.datanetVersions',
    'Query.datanetVersion',
    'DatanetVersion.contributionIds',
    'DatanetVersion.proof',
    'DatanetVersion.trainings',
  ],
  contributions: [
    'Query.contributions',
    'Contribution.scores',
    'Contribution.quality',
    'Contribution.content',
    'ContributionContent.provenance',
    'Contribution.inclusions',
    'Contribution.attributions',
  ],
  models: [
    'Query.models',
    'Model.versions',
    'ModelVersion.lineage',
    'ModelVersion.trainings',
    'ModelVersion.evaluations',
    'ModelVersion.deployments',
  ],
  deployments: ['Query.deployments', 'Model.deployments', 'Worker.deployments'],
  workers: ['Query.workers', 'Worker.live', 'WorkerLive.state', 'WorkerLive.figures'],
  inferences: [
    'Query.inferences',
    'Inference.receipt',
    'InferenceReceipt.evidence',
    'InferenceReceipt.proof',
    'Model.inferences',
    'Worker.inferences',
    'Account.inferences',
  ],
  explanations: [
    'Query.explainAnswer',
    'Inference.explanation',
    'AnswerExplanation.state',
    'AnswerExplanation.sentences',
    'AnswerSentence.evidence',
    'AnswerContribution.amount',
    'AnswerContribution.evidence',
    'Account.impact',
    'ModelVersion.attributionCard',
  ],
  attributions: [
    'Inference.attributions',
    'Contribution.attributions',
    'Account.attributions',
    'Datanet.attributions',
    'Model.attributions',
  ],
  rewards: [
    'Query.epochs',
    'Query.rewardRoots',
    'RewardRoot.isReproduced',
    'Query.rewardGrant',
    'RewardGrant.proof',
    'RewardAccount.claimable',
    'RewardAccount.pending',
    'RewardAccount.claimed',
    'Account.claims',
  ],
  staking: ['Query.stakes', 'Query.slashes', 'Query.stakerRewards'],
  disputes: ['Query.disputes', 'Dispute.target', 'Dispute.counters'],
  governance: ['Query.proposals', 'Proposal.votes', 'Query.parameters', 'Query.roleMembers', 'Query.timelockCalls'],
  token: [
    'Token.supply',
    'TokenSupply.circulating',
    'TokenSupply.emitted',
    'TokenSupply.holdings',
    'Token.balances',
    'Token.holderCount',
    'VestingWallet.allocation',
    'VestingWallet.releasable',
    'VestingWallet.releases',
  ],
  accounts: ['Query.account', 'Account.standings', 'Account.rewards', 'Account.balances'],
  activity: ['Query.activity', 'Account.activity', 'Datanet.activity', 'Model.activity'],
  any: ['Query.node', 'Query.nodes', 'Query._meta', 'Query.metric'],
};

test.each(Object.entries(domains))('%s', (_domain, places) => {
  const missing = places.filter((place) => {
    const [typeName, field] = place.split('.') as [string, string];
    const type = schema.getType(typeName);
    return !((isObjectType(type) || isInterfaceType(type)) && field in type.getFields());
  });
  expect(missing).toEqual([]);
});

test('every row says which block it is of', () => {
  const without = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (!isObjectType(type) || !type.getInterfaces().some(({ name }) => name === 'Node')) return [];
    const fields = Object.keys(type.getFields());
    return fields.some((name) => ['block', 'createdBlock', 'firstSeenBlock'].includes(name)) ? [] : [type.name];
  });
  // Summed over a day, it is of many.
  expect(without).toEqual(['AccountRoleDay']);
});
