import type { ContractName } from '@openledger/protocol/abi';

/** What each call does, by contract and signature. */
export type Calls = Readonly<Partial<Record<ContractName, Readonly<Record<string, string>>>>>;

const vesting = {
  'release()': 'Pays the beneficiary the ether that has vested.',
  'release(address)': 'Pays the beneficiary the OPEN that has vested. Anyone may call.',
  'transferOwnership(address)': 'Hands the wallet to another beneficiary.',
};

const token = {
  'approve(address,uint256)': 'Lets a spender take tokens.',
  'permit(address,address,uint256,uint256,uint8,bytes32,bytes32)': 'The same, by the holder’s signature.',
  'transfer(address,uint256)': 'Sends tokens.',
  'transferFrom(address,address,uint256)': 'Sends tokens the holder approved.',
};

/** The calls that users of the protocol send: contributors, validators, owners, builders, workers, payers, voters. */
export const userFacing: Calls = {
  Open: {
    ...token,
    'burn(uint256)': 'Destroys one’s own OPEN.',
    'burnFrom(address,uint256)': 'Destroys OPEN the holder approved.',
  },
  GOPEN: {
    ...token,
    'deposit(uint256)': 'Wraps OPEN into votes.',
    'withdraw(uint256)': 'Unwraps votes into OPEN.',
    'delegate(address)': 'Gives one’s votes to a delegate.',
    'delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)': 'The same, by the holder’s signature.',
  },
  DatanetRegistry: {
    'createDatanet(string,string,bytes32,uint8,uint256,uint256,uint16,uint64)': 'Opens a datanet with its rules.',
    'setMetadata(uint256,string,bytes32)': 'Points a datanet at a new description.',
    'setRules(uint256,uint256,uint256,uint16,uint64)':
      'Changes bond, threshold, quorum and window for what comes next.',
    'setStatus(uint256,uint8)': 'Pauses, resumes or archives a datanet.',
    'setValidator(uint256,address,bool)': 'Appoints or dismisses a validator.',
    'transferOwnership(uint256,address)': 'Hands a datanet to another owner.',
    'authorizeRelayer(address,uint64)': 'Lets a relayer submit and review in one’s name until a time.',
    'authorizeRelayerWithSignature(address,address,uint64,uint256,bytes)': 'The same, by the account’s signature.',
    'revokeRelayer(address)': 'Takes that back.',
    'revokeRelayerWithSignature(address,address,uint256,bytes)': 'The same, by the account’s signature.',
    'submitContribution(uint256,bytes32,string,bytes32,uint64)': 'Submits one’s own contribution.',
    'submitContributionFor(address,uint256,bytes32,string,bytes32,uint64)': 'A relayer submits for an account.',
    'submitContributionWithSignature(address,uint256,bytes32,string,bytes32,uint64,uint256,bytes)':
      'Anyone submits what its contributor signed.',
    'withdrawContribution(uint256,bytes32)': 'Takes one’s contribution back.',
    'commitScore(uint256,bytes32)': 'A validator commits to a score, blind.',
    'commitScoreFor(address,uint256,bytes32)': 'A relayer commits for a validator that authorised it.',
    'revealScore(uint256,uint256,bytes32,bytes32)': 'A validator reveals the score committed to.',
    'revealScoreFor(address,uint256,uint256,bytes32,bytes32)': 'A relayer reveals for a validator that authorised it.',
    'multicall(bytes[])': 'Carries many calls of one sender in one transaction, all of them or none.',
    'finalizeContribution(uint256)': 'Decides a contribution by the median of its scores. Anyone may call.',
    'decideContribution(uint256,bool,bytes32)': 'The owner decides where no quorum did.',
    'publishVersion(uint256,bytes32,uint64,uint64,string)': 'Publishes a version of the datanet by its Merkle root.',
    'requestAccess(uint256,string)': 'Asks for a private datanet.',
    'grantAccess(uint256,address,uint64)': 'Grants access until a time.',
    'revokeAccess(uint256,address)': 'Takes access back.',
  },
  ModelRegistry: {
    'registerModel(bytes32,string,string)': 'Registers a model as a draft.',
    'publishVersion(uint256,bytes32,string,bytes32,uint16,(uint256,uint32)[])':
      'Publishes an adapter and the datanet versions it was trained on.',
    'recordEvaluation(uint256,bytes32,uint32,uint256,string)': 'Records a score on a benchmark.',
    'setPricing(uint256,uint256,uint256)': 'Sets the price of prompt and generated tokens.',
    'setStatus(uint256,uint8)': 'Activates, deprecates or withdraws a model.',
    'registerWorker(string)': 'Registers the caller as a worker and its operator.',
    'registerWorkerWithConsent(address,string,uint256,bytes)':
      'An operator registers a worker that signed its consent.',
    'setEndpoint(address,string)': 'Announces a worker’s new endpoint.',
    'setWilling(address,bool)': 'Agrees to become a worker’s operator, or takes that back.',
    'transferWorker(address,address,string)': 'Hands a worker to an operator that agreed.',
    'deployAdapter(uint256,address,uint32)': 'Announces that a worker serves a version.',
    'undeployAdapter(uint256,address,uint32)': 'Announces that it no longer does.',
  },
  InferenceEscrow: {
    'deposit(uint256)': 'Pays OPEN in for answers to come.',
    'depositFor(address,uint256)': 'Pays OPEN in for another payer.',
    'settle(((address,address,uint256,uint64),bytes,(bytes32,uint256,uint32,uint32,uint32,uint256,bytes32)[])[])':
      'Settles answers against their payers’ vouchers and splits the fees.',
    'requestWithdrawal(uint256)': 'Asks for a deposit back.',
    'withdraw()': 'Takes the deposit back after the delay.',
    'withdrawEarnings(address)': 'Pays an account what it earned. Anyone may call.',
  },
  AttributionLedger: {
    'postBatch(address,bytes32,bytes32,bytes32,string,(bytes32,uint256[],uint96[],uint96)[])':
      'Posts which contributions settled answers drew on, and for how much.',
    'finalizeBatch(uint256)': 'Pays a batch once its challenge window has passed. Anyone may call.',
  },
  RewardDistributor: {
    'closeEpoch()': 'Closes the running epoch. Anyone may call.',
    'acceptRoot(uint256)': 'Makes a root claimable after its timelock. Anyone may call.',
    'claim(address,uint256,bytes32[])': 'Pays an account what the accepted root grants it. Anyone may call.',
  },
  StakeManager: {
    'stake(bytes32,uint256,uint256)': 'Stakes OPEN in a role.',
    'requestUnstake(uint256,uint256)': 'Asks for a stake back, in part or whole, or takes that back.',
    'withdrawStake(uint256)': 'Pays a stake’s requested part after the cooldown. Anyone may call.',
    'withdrawStakes(uint256[])': 'The same for several stakes and bonds.',
    'claimStakerReward(address)': 'Pays an account its part of the stakers’ fees. Anyone may call.',
  },
  DisputeResolver: {
    'raise(uint8,bytes32,bytes32,bytes32,string,uint256)': 'Challenges something, with a bond.',
    'counter(uint256,bytes32,string)': 'Answers a challenge.',
    'expire(uint256)': 'Ends a dispute nobody judged in time. Anyone may call.',
  },
  OpenGovernor: {
    'propose(address[],uint256[],bytes[],string)': 'Proposes calls for the timelock to carry out.',
    'cancel(uint256)': 'The proposer takes a proposal back before the vote.',
    'cancel(address[],uint256[],bytes[],bytes32)': 'The same, with the proposal in full.',
    'castVote(uint256,uint8)': 'Votes.',
    'castVoteBySig(uint256,uint8,address,bytes)': 'Votes, by the voter’s signature.',
    'castVoteWithReason(uint256,uint8,string)': 'Votes and says why.',
    'castVoteWithReasonAndParams(uint256,uint8,string,bytes)': 'Votes and says why, with parameters.',
    'castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)': 'The same, by the voter’s signature.',
    'queue(uint256)': 'Puts a passed proposal into the timelock. Anyone may call.',
    'queue(address[],uint256[],bytes[],bytes32)': 'The same, with the proposal in full.',
    'execute(uint256)': 'Carries out a proposal after the timelock. Anyone may call.',
    'execute(address[],uint256[],bytes[],bytes32)': 'The same, with the proposal in full.',
  },
  LinearVesting: vesting,
  CliffVesting: vesting,
};

const roles = {
  'grantRole(bytes32,address)': 'governance, by proposal',
  'revokeRole(bytes32,address)': 'governance, by proposal',
  'renounceRole(bytes32,address)': 'whoever holds a role; the deployer at the end of a deployment',
};

const governed = {
  ...roles,
  'pause()': 'the guardian',
  'unpause()': 'the guardian, or governance by proposal',
};

const tuned = { ...governed, 'setParameter(bytes32,uint256)': 'governance, by proposal' };

const receiver = {
  'onERC721Received(address,address,uint256,bytes)': 'tokens sent here; inherited',
  'onERC1155Received(address,address,uint256,uint256,bytes)': 'tokens sent here; inherited',
  'onERC1155BatchReceived(address,address,uint256[],uint256[],bytes)': 'tokens sent here; inherited',
};

/** The other calls that change something, and who sends them. */
export const apart: Calls = {
  DatanetRegistry: { ...tuned, 'revokeContribution(uint256,bytes32)': 'DisputeResolver' },
  ModelRegistry: governed,
  InferenceEscrow: {
    ...tuned,
    'setFeeSplit((uint16,uint16,uint16,uint16,uint16))': 'governance, by proposal',
    'releaseContributors(uint256,uint256)': 'AttributionLedger',
  },
  AttributionLedger: {
    ...tuned,
    'setAlgorithm(bytes32,bool,string,bytes32)': 'governance, by proposal',
    'setChallenged(uint256,bool)': 'DisputeResolver',
    'revokeBatch(uint256,uint256)': 'DisputeResolver',
  },
  RewardDistributor: {
    ...tuned,
    'proposeRoot(uint256,bytes32,bytes32,string)': 'the root proposer',
    'revokeRoot(uint256)': 'the guardian, governance or DisputeResolver',
    'setChallenged(bytes32,bool)': 'DisputeResolver',
    'notifyFunded(uint256)': 'InferenceEscrow',
  },
  StakeManager: {
    ...tuned,
    'lockBond(address,bytes32,uint256,uint256)': 'DatanetRegistry, DisputeResolver',
    'releaseBond(uint256,uint64)': 'DatanetRegistry, DisputeResolver',
    'slash(uint256,uint256,uint256,address)': 'DatanetRegistry, DisputeResolver',
    'freeze(address,uint256)': 'DisputeResolver',
    'unfreeze(address,uint256)': 'DisputeResolver',
    'setPenalty(uint256,address,uint256)': 'DisputeResolver',
    'notifyReward(uint256)': 'InferenceEscrow',
  },
  DisputeResolver: { ...tuned, 'resolve(uint256,bool,uint256[],uint256[])': 'governance, by proposal' },
  OpenGovernor: {
    ...receiver,
    'relay(address,uint256,bytes)': 'governance, by proposal',
    'setProposalThreshold(uint256)': 'governance, by proposal',
    'setVotingDelay(uint48)': 'governance, by proposal',
    'setVotingPeriod(uint32)': 'governance, by proposal',
    'updateQuorumNumerator(uint256)': 'governance, by proposal',
    'updateTimelock(address)': 'governance, by proposal',
  },
  TimelockController: {
    ...roles,
    ...receiver,
    'schedule(address,uint256,bytes,bytes32,bytes32,uint256)': 'proposers; OpenGovernor uses the batch',
    'scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)': 'OpenGovernor',
    'execute(address,uint256,bytes,bytes32,bytes32)': 'anyone; OpenGovernor uses the batch',
    'executeBatch(address[],uint256[],bytes[],bytes32,bytes32)': 'OpenGovernor',
    'cancel(bytes32)': 'a canceller that governance appointed',
    'updateDelay(uint256)': 'governance, by proposal',
  },
  LinearVesting: { 'renounceOwnership()': 'the beneficiary; gives up everything that has not vested' },
  CliffVesting: { 'renounceOwnership()': 'the beneficiary; gives up everything that has not vested' },
};
