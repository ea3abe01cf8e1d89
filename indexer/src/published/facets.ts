import type { Event } from 'ponder:registry';
import type { SubjectType } from '../facets.ts';
import type { PublishedName } from '../occurrence.ts';

type ArgumentOf<name extends PublishedName> = keyof Event<name>['args'] & string;
type FacetOf<name extends PublishedName> = {
  subject: readonly [SubjectType, ArgumentOf<name> | '@contract'];
  actor?: ArgumentOf<name>;
};

const token = { subject: ['token', '@contract'] } as const;
const contract = { subject: ['contract', '@contract'] } as const;
const proposal = { subject: ['published_proposal', 'proposalId'] } as const;
const staking = { subject: ['published_staking', 'stakingId'] } as const;

/**
 * How the published contracts' events read in the activity log. Their proposals and positions are numbered like the
 * protocol's, so they are subjects of types of their own.
 */
export const publishedFacets = {
  'EthereumOpen:Transfer': token,
  'EthereumOpen:Approval': { ...token, actor: 'owner' },

  'L2Wopen:Transfer': token,
  'L2Wopen:Approval': { ...token, actor: 'owner' },
  'L2Wopen:Deposit': { subject: ['account', 'dst'], actor: 'dst' },
  'L2Wopen:Withdrawal': { subject: ['account', 'src'], actor: 'src' },

  'L2Gopen:Transfer': token,
  'L2Gopen:Approval': { ...token, actor: 'owner' },
  'L2Gopen:Deposit': { subject: ['account', 'sender'], actor: 'sender' },
  'L2Gopen:Withdrawal': { subject: ['account', 'src'], actor: 'src' },
  'L2Gopen:DelegateChanged': { subject: ['account', 'delegator'], actor: 'delegator' },
  'L2Gopen:DelegateVotesChanged': { subject: ['account', 'delegate'] },

  'L2Governor:ProposalCreated': { ...proposal, actor: 'proposer' },
  'L2Governor:ProposalQueued': proposal,
  'L2Governor:ProposalExecuted': proposal,
  'L2Governor:ProposalCanceled': proposal,
  'L2Governor:VoteCast': { ...proposal, actor: 'voter' },
  'L2Governor:VoteCastWithParams': { ...proposal, actor: 'voter' },
  'L2Governor:VotingDelaySet': contract,
  'L2Governor:VotingPeriodSet': contract,
  'L2Governor:ProposalThresholdSet': contract,
  'L2Governor:QuorumNumeratorUpdated': contract,
  'L2Governor:TimelockChange': contract,

  'L2Staking:Staked': staking,
  'L2Staking:ToppedUp': staking,
  'L2Staking:RequestUnstake': staking,
  'L2Staking:Unstaked': staking,
  'L2Staking:CommitStake': staking,
  'L2Staking:ConfigCreated': contract,
  'L2Staking:ConfigSet': contract,

  'L2Airdrop:AirdropClaimed': { subject: ['account', 'account'], actor: 'account' },
} as const satisfies { [name in PublishedName]: FacetOf<name> };
