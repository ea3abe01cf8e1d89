import { ZeroAddress, ZeroHash } from 'ethers';
import type { Session } from '../drive/session.ts';
import type { Row } from './graphql.ts';
import type { StateCheck } from './state.ts';

const datanetStatus = ['NONE', 'ACTIVE', 'PAUSED', 'ARCHIVED'];
const contributionStatus = ['NONE', 'PENDING', 'ACCEPTED', 'REJECTED', 'REVOKED'];
const modelStatus = ['NONE', 'DRAFT', 'ACTIVE', 'DEPRECATED', 'WITHDRAWN'];
const batchStatus = ['NONE', 'POSTED', 'FINALIZED', 'REVOKED'];
const disputeStatus = ['NONE', 'OPEN', 'UPHELD', 'REJECTED', 'EXPIRED'];
/** By OperationState: unset (the timelock forgets what was cancelled), waiting, ready, done. */
const operationStatus = ['CANCELLED', 'SCHEDULED', 'SCHEDULED', 'EXECUTED'];

const data: readonly StateCheck[] = [
  {
    list: 'datanets',
    selection:
      'datanetId ownerAddress status visibility quorum reviewWindow scoreThreshold minBond acceptedCount rowCount latestVersion',
    onChain: async ({ datanetId }, session) => {
      const datanet = await session.view('DatanetRegistry', 'datanet', [datanetId]);
      return {
        ownerAddress: datanet.owner,
        status: datanetStatus[Number(datanet.status)],
        visibility: datanet.visibility === 0n ? 'PUBLIC' : 'PRIVATE',
        quorum: datanet.quorum,
        reviewWindow: datanet.reviewWindow,
        scoreThreshold: datanet.scoreThreshold,
        minBond: datanet.minBond,
        acceptedCount: datanet.accepted,
        rowCount: datanet.acceptedRows,
        latestVersion: datanet.versions,
      };
    },
  },
  {
    list: 'contributions',
    selection:
      'contributionId datanetId contributorAddress relayerAddress contentHash rowCount status commitCount scoreCount',
    onChain: async ({ contributionId }, session) => {
      const contribution = await session.view('DatanetRegistry', 'contribution', [contributionId]);
      return {
        datanetId: contribution.datanetId,
        contributorAddress: contribution.contributor,
        relayerAddress: contribution.relayer,
        contentHash: contribution.contentHash,
        rowCount: contribution.rows,
        status: contributionStatus[Number(contribution.status)],
        commitCount: contribution.commits,
        scoreCount: contribution.reveals,
      };
    },
  },
  {
    list: 'datanetVersions',
    selection: 'datanetId version dataRoot',
    onChain: async ({ datanetId, version }, session) => ({
      dataRoot: await session.view('DatanetRegistry', 'dataRoot', [datanetId, version]),
    }),
  },
  {
    list: 'datanetValidators',
    selection: 'datanetId validatorAddress active',
    onChain: async ({ datanetId, validatorAddress }, session) => ({
      active: await session.view('DatanetRegistry', 'isValidator', [datanetId, validatorAddress]),
    }),
  },
  {
    list: 'datanetAccess',
    selection: 'datanetId granteeAddress status expiresAt',
    onChain: async ({ datanetId, granteeAddress, status }, session) => {
      const until: bigint = await session.view('DatanetRegistry', 'accessUntil', [datanetId, granteeAddress]);
      if (until > 0n) return { status: 'GRANTED', expiresAt: dateTime(until) };
      return { status: status === 'GRANTED' ? 'not granted' : status };
    },
  },
  {
    list: 'datanetContributors',
    selection: 'datanetId contributorAddress penalty',
    onChain: async ({ datanetId, contributorAddress }, session) => ({
      penalty: await session.view('StakeManager', 'penalty', [datanetId, contributorAddress]),
    }),
  },
  {
    list: 'relayerAuthorizations',
    selection: 'accountAddress relayerAddress active',
    onChain: async ({ accountAddress, relayerAddress }, session) => ({
      active: (await session.view('DatanetRegistry', 'relayerUntil', [accountAddress, relayerAddress])) > 0n,
    }),
  },
];

const service: readonly StateCheck[] = [
  {
    list: 'models',
    selection: 'modelId ownerAddress status latestVersion baseModelId inputPricePer1k outputPricePer1k',
    onChain: async ({ modelId }, session) => {
      const model = await session.view('ModelRegistry', 'model', [modelId]);
      return {
        ownerAddress: model.owner,
        status: modelStatus[Number(model.status)],
        latestVersion: model.versions,
        baseModelId: model.baseModelId,
        inputPricePer1k: model.inPer1k,
        outputPricePer1k: model.outPer1k,
      };
    },
  },
  {
    list: 'modelVersions',
    selection: 'modelId version adapterHash',
    onChain: async ({ modelId, version }, session) => ({
      adapterHash: await session.view('ModelRegistry', 'adapterHash', [modelId, version]),
    }),
  },
  {
    list: 'workers',
    selection: 'address operatorAddress',
    onChain: async ({ address }, session) => ({
      operatorAddress: await session.view('ModelRegistry', 'operatorOf', [address]),
    }),
  },
  {
    list: 'deployments',
    selection: 'modelId workerAddress version active',
    onChain: async ({ modelId, workerAddress, version }, session) => ({
      active: await session.view('ModelRegistry', 'isDeployed', [modelId, workerAddress, version]),
    }),
  },
  {
    list: 'inferences',
    selection: 'requestId modelId workerAddress version contributorsFee batchId',
    onChain: async ({ requestId }, session) => {
      const settled = await session.view('InferenceEscrow', 'settled', [requestId]);
      const batchId: bigint = await session.view('AttributionLedger', 'batchOf', [requestId]);
      return {
        modelId: settled.modelId,
        workerAddress: settled.worker,
        version: settled.version,
        contributorsFee: settled.contributorsPart,
        batchId: batchId === 0n ? null : batchId,
      };
    },
  },
  {
    list: 'escrowAccounts',
    selection: 'accountAddress balance earned earningsWithdrawn pendingWithdrawal',
    onChain: async ({ accountAddress, earningsWithdrawn }, session) => {
      const payer = await session.view('InferenceEscrow', 'payers', [accountAddress]);
      const waiting: bigint = await session.view('InferenceEscrow', 'earnings', [accountAddress]);
      return {
        balance: payer.balance,
        earned: waiting + BigInt(String(earningsWithdrawn)),
        pendingWithdrawal: payer.requested,
      };
    },
  },
  {
    list: 'algorithms',
    selection: 'algorithmId active',
    onChain: async ({ algorithmId }, session) => ({
      active: await session.view('AttributionLedger', 'isAlgorithm', [algorithmId]),
    }),
  },
  {
    list: 'attributionBatches',
    selection: 'batchId workerAddress status challengeDeadline attributed unattributed',
    onChain: async ({ batchId }, session) => {
      const batch = await session.view('AttributionLedger', 'batch', [batchId]);
      return {
        workerAddress: batch.worker,
        status: batchStatus[Number(batch.status)],
        challengeDeadline: dateTime(batch.challengeDeadline),
        attributed: batch.attributed,
        unattributed: batch.unattributed,
      };
    },
  },
];

const rewards: readonly StateCheck[] = [
  {
    list: 'epochs',
    selection: 'epochId start end root status',
    onChain: async ({ epochId }, session) => {
      const epoch = await session.view('RewardDistributor', 'epochs', [epochId]);
      const { root } = await session.view('RewardDistributor', 'proposals', [epochId]);
      const accepted: bigint = await session.view('RewardDistributor', 'acceptedEpoch');
      return {
        start: dateTime(epoch.start),
        end: dateTime(epoch.end),
        root: root === ZeroHash ? null : root,
        ...(accepted === BigInt(String(epochId)) ? { status: 'ACCEPTED' } : {}),
      };
    },
  },
  {
    list: 'rewardAccounts',
    selection: 'accountAddress claimed',
    onChain: async ({ accountAddress }, session) => ({
      claimed: await session.view('RewardDistributor', 'claimed', [accountAddress]),
    }),
  },
  {
    list: 'stakes',
    selection: 'stakeId accountAddress roleId targetId amount pendingUnstake availableAt',
    onChain: async ({ stakeId }, session) => {
      const stake = await session.view('StakeManager', 'stakes', [stakeId]);
      return {
        accountAddress: stake.account,
        roleId: stake.role,
        targetId: stake.targetId,
        amount: stake.amount,
        pendingUnstake: stake.pending,
        availableAt: stake.pending === 0n ? null : dateTime(stake.availableAt),
      };
    },
  },
  {
    list: 'disputes',
    selection: 'disputeId initiatorAddress targetId status deadline',
    onChain: async ({ disputeId }, session) => {
      const dispute = await session.view('DisputeResolver', 'dispute', [disputeId]);
      return {
        initiatorAddress: dispute.initiator,
        targetId: dispute.targetId,
        status: disputeStatus[Number(dispute.status)],
        deadline: dateTime(dispute.deadline),
      };
    },
  },
];

const governance: readonly StateCheck[] = [
  {
    list: 'proposals',
    selection: 'proposalId proposerAddress forVotes againstVotes abstainVotes voteStart voteEnd',
    onChain: async ({ proposalId }, session) => {
      const votes = await session.view('OpenGovernor', 'proposalVotes', [proposalId]);
      return {
        proposerAddress: await session.view('OpenGovernor', 'proposalProposer', [proposalId]),
        forVotes: votes.forVotes,
        againstVotes: votes.againstVotes,
        abstainVotes: votes.abstainVotes,
        voteStart: dateTime(await session.view('OpenGovernor', 'proposalSnapshot', [proposalId])),
        voteEnd: dateTime(await session.view('OpenGovernor', 'proposalDeadline', [proposalId])),
      };
    },
  },
  {
    list: 'timelockCalls',
    selection: 'operationId status',
    onChain: async ({ operationId }, session) => {
      const state = Number(await session.view('TimelockController', 'getOperationState', [operationId]));
      return { status: operationStatus[state] };
    },
  },
  {
    list: 'roleMembers',
    selection: 'contract contractName roleId accountAddress active',
    onChain: async ({ contract, roleId, accountAddress }, session) => ({
      // Every contract with roles has the same function.
      active: await session.view('TimelockController', 'hasRole', [roleId, accountAddress], String(contract)),
    }),
  },
  {
    list: 'pauseStates',
    selection: 'contract paused',
    onChain: async ({ contract }, session) => ({
      paused: await session.view('StakeManager', 'paused', [], String(contract)),
    }),
  },
  {
    list: 'parameters',
    selection: 'contract key name value',
    onChain: async (row, session) => ({ value: await parameterOnChain(row, session) }),
  },
];

const tokens: readonly StateCheck[] = [
  {
    list: 'tokens',
    selection: 'address symbol totalSupply',
    onChain: async ({ address }, session) => ({
      symbol: await session.view('Open', 'symbol', [], String(address)),
      totalSupply: await session.view('Open', 'totalSupply', [], String(address)),
    }),
  },
  {
    list: 'tokenBalances',
    selection: 'tokenAddress accountAddress balance votes delegateAddress',
    onChain: async ({ tokenAddress, accountAddress }, session) => {
      const balance = await session.view('Open', 'balanceOf', [accountAddress], String(tokenAddress));
      if (tokenAddress !== session.address('GOPEN')) return { balance };
      const delegate = await session.view('GOPEN', 'delegates', [accountAddress]);
      return {
        balance,
        votes: await session.view('GOPEN', 'getVotes', [accountAddress]),
        delegateAddress: delegate === ZeroAddress ? null : delegate,
      };
    },
  },
  {
    list: 'vestingWallets',
    selection: 'address beneficiaryAddress start cliff end released',
    onChain: async ({ address }, session) => ({
      beneficiaryAddress: await session.view('LinearVesting', 'owner', [], String(address)),
      start: dateTime(await session.view('LinearVesting', 'start', [], String(address))),
      end: dateTime(await session.view('LinearVesting', 'end', [], String(address))),
      released: await session.view('LinearVesting', 'released(address)', [session.address('Open')], String(address)),
    }),
  },
];

/** Every list whose rows the contracts can be asked about. */
export const stateChecks: readonly StateCheck[] = [...data, ...service, ...rewards, ...governance, ...tokens];

async function parameterOnChain({ contract, key, name }: Row, session: Session): Promise<unknown> {
  switch (name) {
    case 'VOTING_DELAY':
      return session.view('OpenGovernor', 'votingDelay');
    case 'VOTING_PERIOD':
      return session.view('OpenGovernor', 'votingPeriod');
    case 'PROPOSAL_THRESHOLD':
      return session.view('OpenGovernor', 'proposalThreshold');
    case 'QUORUM_NUMERATOR':
      return session.view('OpenGovernor', 'quorumNumerator()');
    case 'MIN_DELAY':
      return session.view('TimelockController', 'getMinDelay');
    default:
      return session.view('StakeManager', 'parameter', [key], String(contract));
  }
}

/** Unix seconds as the api writes them: ISO 8601 in whole seconds. */
function dateTime(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString().replace('.000Z', 'Z');
}
