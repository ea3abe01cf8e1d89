import { listField, lookupField } from '../schema/lists.ts';
import './types.ts';

listField(
  'publishedTokens',
  'publishedToken',
  'Tokens of OpenLedger’s published contracts, on the chains they are on.',
);
listField('publishedBalances', 'publishedBalance', 'Who holds how much of the published tokens.');
listField(
  'publishedTransfers',
  'publishedTransfer',
  'All transfers, deposits and withdrawals of the published tokens.',
);
listField('publishedProposals', 'publishedProposal', 'All proposals to the published governor.');
listField('publishedVotes', 'publishedVote', 'All votes on them.');
listField('publishedParameters', 'publishedParameter', 'Every number that those votes set.');
listField('publishedStakings', 'publishedStaking', 'All positions in the published Staking.');
listField('publishedStakingCommitments', 'publishedStakingCommitment', 'All that positions committed to.');
listField('publishedAirdropClaims', 'publishedAirdropClaim', 'All payments out of signed airdrops.');

const chainId = { column: 'chainId', type: 'BigInt', description: 'Its chain.' };

lookupField('publishedToken', 'publishedToken', 'A published token by chain and contract; null when there is none.', {
  chainId,
  address: { column: 'address', type: 'Address', description: 'Its contract.' },
});
lookupField(
  'publishedProposal',
  'publishedProposal',
  'A proposal to the published governor by chain and number; null when there is none.',
  { chainId, id: { column: 'proposalId', type: 'BigInt', description: 'Its number on chain.' } },
);
lookupField(
  'publishedStaking',
  'publishedStaking',
  'A position in the published Staking by chain and number; null when there is none.',
  { chainId, id: { column: 'stakingId', type: 'BigInt', description: 'Its number on chain.' } },
);
