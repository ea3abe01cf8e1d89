import { type RelationsBuilderColumnBase as Column, defineRelations } from 'drizzle-orm';
import { account, accountRoleDay, relayerAuthorization } from './accounts.ts';
import { activity } from './activity.ts';
import { algorithm, attribution, attributionBatch, attributionRequest } from './attribution.ts';
import { contribution, contributionScore } from './contributions.ts';
import { datanet, datanetAccess, datanetContributor, datanetValidator, datanetVersion } from './datanets.ts';
import { dispute, disputeCounter } from './disputes.ts';
import { parameter, pauseState, proposal, roleMember, timelockCall, vote } from './governance.ts';
import { escrowAccount, feeSplit, inference } from './inference.ts';
import { deployment, model, modelEvaluation, modelTraining, modelVersion, worker } from './models.ts';
import {
  publishedAirdropClaim,
  publishedBalance,
  publishedParameter,
  publishedProposal,
  publishedStaking,
  publishedStakingCommitment,
  publishedToken,
  publishedTransfer,
  publishedVote,
} from './published.ts';
import { claim, epoch, rewardAccount, rewardRoot } from './rewards.ts';
import { datanetDay, datanetHour, modelDay, modelHour, protocolDay, protocolHour } from './rollups.ts';
import { slash, stake, stakerReward } from './staking.ts';
import { allowance, token, tokenBalance, tokenTransfer, vestingRelease, vestingWallet } from './tokens.ts';

/** Every table of the chain schema by its name in code. */
export const chainTables = {
  account,
  accountRoleDay,
  relayerAuthorization,
  activity,
  algorithm,
  attribution,
  attributionBatch,
  attributionRequest,
  contribution,
  contributionScore,
  datanet,
  datanetAccess,
  datanetContributor,
  datanetValidator,
  datanetVersion,
  dispute,
  disputeCounter,
  parameter,
  pauseState,
  proposal,
  roleMember,
  timelockCall,
  vote,
  escrowAccount,
  feeSplit,
  inference,
  deployment,
  model,
  modelEvaluation,
  modelTraining,
  modelVersion,
  worker,
  publishedAirdropClaim,
  publishedBalance,
  publishedParameter,
  publishedProposal,
  publishedStaking,
  publishedStakingCommitment,
  publishedToken,
  publishedTransfer,
  publishedVote,
  claim,
  epoch,
  rewardAccount,
  rewardRoot,
  protocolHour,
  protocolDay,
  datanetHour,
  datanetDay,
  modelHour,
  modelDay,
  slash,
  stake,
  stakerReward,
  allowance,
  token,
  tokenBalance,
  tokenTransfer,
  vestingRelease,
  vestingWallet,
};

/**
 * How the rows of the chain schema point at one another, both ways. To-one relations end in `Row`
 * and to-many in `Rows`, since many tables carry a column (an address, a counter) by the plain name.
 * A to-one is not optional where the contracts refuse the row without its target.
 */
export const chainRelations = defineRelations(chainTables, (r) => {
  const accountOf = (from: Column) => r.one.account({ from, to: r.account.address });
  const workerOf = (from: Column) => r.one.worker({ from, to: r.worker.address });
  const tokenOf = (from: Column) => r.one.token({ from, to: r.token.address });
  const datanetOf = (from: Column) => r.one.datanet({ from, to: r.datanet.id, optional: false });
  const contributionOf = (from: Column) => r.one.contribution({ from, to: r.contribution.id, optional: false });
  const modelOf = (from: Column) => r.one.model({ from, to: r.model.id, optional: false });
  const self = r.account.address;

  return {
    account: {
      ownedDatanetRows: r.many.datanet({ from: self, to: r.datanet.owner }),
      validatorshipRows: r.many.datanetValidator({ from: self, to: r.datanetValidator.validator }),
      accessRows: r.many.datanetAccess({ from: self, to: r.datanetAccess.grantee }),
      standingRows: r.many.datanetContributor({ from: self, to: r.datanetContributor.contributor }),
      contributionRows: r.many.contribution({ from: self, to: r.contribution.contributor }),
      carriedRows: r.many.contribution({
        from: self,
        to: r.contribution.relayer,
        where: { RAW: (given, { ne }) => ne(given.contributor, given.relayer) },
      }),
      scoreRows: r.many.contributionScore({ from: self, to: r.contributionScore.validator }),
      relayerRows: r.many.relayerAuthorization({ from: self, to: r.relayerAuthorization.account }),
      relayedRows: r.many.relayerAuthorization({ from: self, to: r.relayerAuthorization.relayer }),
      roleDayRows: r.many.accountRoleDay({ from: self, to: r.accountRoleDay.account }),
      modelRows: r.many.model({ from: self, to: r.model.owner }),
      workerRow: r.one.worker({ from: self, to: r.worker.address }),
      operatedWorkerRows: r.many.worker({ from: self, to: r.worker.operator }),
      escrowRow: r.one.escrowAccount({ from: self, to: r.escrowAccount.account }),
      inferenceRows: r.many.inference({ from: self, to: r.inference.payer }),
      attributionRows: r.many.attribution({ from: self, to: r.attribution.contributor }),
      rewardRow: r.one.rewardAccount({ from: self, to: r.rewardAccount.account }),
      claimRows: r.many.claim({ from: self, to: r.claim.account }),
      proposedRootRows: r.many.rewardRoot({ from: self, to: r.rewardRoot.proposer }),
      stakeRows: r.many.stake({ from: self, to: r.stake.account }),
      slashRows: r.many.slash({ from: self, to: r.slash.account }),
      gainedSlashRows: r.many.slash({ from: self, to: r.slash.beneficiary }),
      stakerRewardRows: r.many.stakerReward({ from: self, to: r.stakerReward.account }),
      disputeRows: r.many.dispute({ from: self, to: r.dispute.initiator }),
      counterRows: r.many.disputeCounter({ from: self, to: r.disputeCounter.by }),
      proposalRows: r.many.proposal({ from: self, to: r.proposal.proposer }),
      voteRows: r.many.vote({ from: self, to: r.vote.voter }),
      roleRows: r.many.roleMember({ from: self, to: r.roleMember.account }),
      balanceRows: r.many.tokenBalance({ from: self, to: r.tokenBalance.account }),
      delegatorRows: r.many.tokenBalance({ from: self, to: r.tokenBalance.delegate }),
      sentRows: r.many.tokenTransfer({ from: self, to: r.tokenTransfer.from }),
      receivedRows: r.many.tokenTransfer({ from: self, to: r.tokenTransfer.to }),
      allowanceRows: r.many.allowance({ from: self, to: r.allowance.owner }),
      vestingRows: r.many.vestingWallet({ from: self, to: r.vestingWallet.beneficiary }),
      activityRows: r.many.activity({ from: self, to: r.activity.actor }),
    },
    accountRoleDay: { accountRow: accountOf(r.accountRoleDay.account) },
    relayerAuthorization: {
      accountRow: accountOf(r.relayerAuthorization.account),
      relayerRow: accountOf(r.relayerAuthorization.relayer),
    },
    activity: {
      actorRow: accountOf(r.activity.actor),
      datanetRow: r.one.datanet({ from: r.activity.datanetId, to: r.datanet.id }),
      modelRow: r.one.model({ from: r.activity.modelId, to: r.model.id }),
    },

    datanet: {
      ownerRow: accountOf(r.datanet.owner),
      contributionRows: r.many.contribution({ from: r.datanet.id, to: r.contribution.datanetId }),
      versionRows: r.many.datanetVersion({ from: r.datanet.id, to: r.datanetVersion.datanetId }),
      validatorRows: r.many.datanetValidator({ from: r.datanet.id, to: r.datanetValidator.datanetId }),
      accessRows: r.many.datanetAccess({ from: r.datanet.id, to: r.datanetAccess.datanetId }),
      contributorRows: r.many.datanetContributor({ from: r.datanet.id, to: r.datanetContributor.datanetId }),
      scoreRows: r.many.contributionScore({ from: r.datanet.id, to: r.contributionScore.datanetId }),
      trainingRows: r.many.modelTraining({ from: r.datanet.id, to: r.modelTraining.datanetId }),
      attributionRows: r.many.attribution({ from: r.datanet.id, to: r.attribution.datanetId }),
      activityRows: r.many.activity({ from: r.datanet.id, to: r.activity.datanetId }),
      hourRows: r.many.datanetHour({ from: r.datanet.id, to: r.datanetHour.datanetId }),
      dayRows: r.many.datanetDay({ from: r.datanet.id, to: r.datanetDay.datanetId }),
    },
    datanetVersion: {
      datanetRow: datanetOf(r.datanetVersion.datanetId),
      trainingRows: r.many.modelTraining({
        from: [r.datanetVersion.datanetId, r.datanetVersion.version],
        to: [r.modelTraining.datanetId, r.modelTraining.datanetVersion],
      }),
    },
    datanetValidator: {
      datanetRow: datanetOf(r.datanetValidator.datanetId),
      validatorRow: accountOf(r.datanetValidator.validator),
    },
    datanetAccess: {
      datanetRow: datanetOf(r.datanetAccess.datanetId),
      granteeRow: accountOf(r.datanetAccess.grantee),
    },
    datanetContributor: {
      datanetRow: datanetOf(r.datanetContributor.datanetId),
      contributorRow: accountOf(r.datanetContributor.contributor),
    },

    contribution: {
      datanetRow: datanetOf(r.contribution.datanetId),
      contributorRow: accountOf(r.contribution.contributor),
      relayerRow: accountOf(r.contribution.relayer),
      scoreRows: r.many.contributionScore({ from: r.contribution.id, to: r.contributionScore.contributionId }),
      attributionRows: r.many.attribution({ from: r.contribution.id, to: r.attribution.contributionId }),
      disputeRows: r.many.dispute({ from: r.contribution.id, to: r.dispute.contributionId }),
    },
    contributionScore: {
      contributionRow: contributionOf(r.contributionScore.contributionId),
      datanetRow: datanetOf(r.contributionScore.datanetId),
      validatorRow: accountOf(r.contributionScore.validator),
    },

    model: {
      ownerRow: accountOf(r.model.owner),
      versionRows: r.many.modelVersion({ from: r.model.id, to: r.modelVersion.modelId }),
      trainingRows: r.many.modelTraining({ from: r.model.id, to: r.modelTraining.modelId }),
      evaluationRows: r.many.modelEvaluation({ from: r.model.id, to: r.modelEvaluation.modelId }),
      deploymentRows: r.many.deployment({ from: r.model.id, to: r.deployment.modelId }),
      inferenceRows: r.many.inference({ from: r.model.id, to: r.inference.modelId }),
      attributionRows: r.many.attribution({ from: r.model.id, to: r.attribution.modelId }),
      activityRows: r.many.activity({ from: r.model.id, to: r.activity.modelId }),
      hourRows: r.many.modelHour({ from: r.model.id, to: r.modelHour.modelId }),
      dayRows: r.many.modelDay({ from: r.model.id, to: r.modelDay.modelId }),
    },
    modelVersion: {
      modelRow: modelOf(r.modelVersion.modelId),
      trainingRows: r.many.modelTraining({
        from: [r.modelVersion.modelId, r.modelVersion.version],
        to: [r.modelTraining.modelId, r.modelTraining.modelVersion],
      }),
      evaluationRows: r.many.modelEvaluation({
        from: [r.modelVersion.modelId, r.modelVersion.version],
        to: [r.modelEvaluation.modelId, r.modelEvaluation.version],
      }),
      deploymentRows: r.many.deployment({
        from: [r.modelVersion.modelId, r.modelVersion.version],
        to: [r.deployment.modelId, r.deployment.version],
      }),
    },
    modelTraining: {
      modelRow: modelOf(r.modelTraining.modelId),
      modelVersionRow: r.one.modelVersion({
        from: [r.modelTraining.modelId, r.modelTraining.modelVersion],
        to: [r.modelVersion.modelId, r.modelVersion.version],
      }),
      datanetRow: datanetOf(r.modelTraining.datanetId),
      datanetVersionRow: r.one.datanetVersion({
        from: [r.modelTraining.datanetId, r.modelTraining.datanetVersion],
        to: [r.datanetVersion.datanetId, r.datanetVersion.version],
      }),
    },
    modelEvaluation: {
      modelRow: modelOf(r.modelEvaluation.modelId),
      modelVersionRow: r.one.modelVersion({
        from: [r.modelEvaluation.modelId, r.modelEvaluation.version],
        to: [r.modelVersion.modelId, r.modelVersion.version],
      }),
    },
    worker: {
      accountRow: accountOf(r.worker.address),
      operatorRow: accountOf(r.worker.operator),
      deploymentRows: r.many.deployment({ from: r.worker.address, to: r.deployment.worker }),
      inferenceRows: r.many.inference({ from: r.worker.address, to: r.inference.worker }),
      batchRows: r.many.attributionBatch({ from: r.worker.address, to: r.attributionBatch.worker }),
      disputeRows: r.many.dispute({ from: r.worker.address, to: r.dispute.worker }),
    },
    deployment: {
      modelRow: modelOf(r.deployment.modelId),
      modelVersionRow: r.one.modelVersion({
        from: [r.deployment.modelId, r.deployment.version],
        to: [r.modelVersion.modelId, r.modelVersion.version],
      }),
      workerRow: workerOf(r.deployment.worker),
    },

    escrowAccount: { accountRow: accountOf(r.escrowAccount.account) },
    inference: {
      modelRow: modelOf(r.inference.modelId),
      modelVersionRow: r.one.modelVersion({
        from: [r.inference.modelId, r.inference.version],
        to: [r.modelVersion.modelId, r.modelVersion.version],
      }),
      workerRow: workerOf(r.inference.worker),
      payerRow: accountOf(r.inference.payer),
      batchRow: r.one.attributionBatch({ from: r.inference.batchId, to: r.attributionBatch.id }),
      requestRows: r.many.attributionRequest({ from: r.inference.requestId, to: r.attributionRequest.requestId }),
      attributionRows: r.many.attribution({ from: r.inference.requestId, to: r.attribution.requestId }),
    },

    algorithm: { batchRows: r.many.attributionBatch({ from: r.algorithm.id, to: r.attributionBatch.algorithmId }) },
    attributionBatch: {
      workerRow: workerOf(r.attributionBatch.worker),
      algorithmRow: r.one.algorithm({ from: r.attributionBatch.algorithmId, to: r.algorithm.id }),
      disputeRow: r.one.dispute({ from: r.attributionBatch.disputeId, to: r.dispute.id }),
      requestRows: r.many.attributionRequest({ from: r.attributionBatch.id, to: r.attributionRequest.batchId }),
      inferenceRows: r.many.inference({ from: r.attributionBatch.id, to: r.inference.batchId }),
      attributionRows: r.many.attribution({ from: r.attributionBatch.id, to: r.attribution.batchId }),
      disputeRows: r.many.dispute({ from: r.attributionBatch.id, to: r.dispute.batchId }),
    },
    attributionRequest: {
      batchRow: r.one.attributionBatch({
        from: r.attributionRequest.batchId,
        to: r.attributionBatch.id,
        optional: false,
      }),
      inferenceRow: r.one.inference({ from: r.attributionRequest.requestId, to: r.inference.requestId }),
      modelRow: modelOf(r.attributionRequest.modelId),
      attributionRows: r.many.attribution({
        from: [r.attributionRequest.batchId, r.attributionRequest.requestId],
        to: [r.attribution.batchId, r.attribution.requestId],
      }),
    },
    attribution: {
      batchRow: r.one.attributionBatch({ from: r.attribution.batchId, to: r.attributionBatch.id, optional: false }),
      inferenceRow: r.one.inference({ from: r.attribution.requestId, to: r.inference.requestId }),
      contributionRow: contributionOf(r.attribution.contributionId),
      modelRow: modelOf(r.attribution.modelId),
      datanetRow: datanetOf(r.attribution.datanetId),
      contributorRow: accountOf(r.attribution.contributor),
    },

    epoch: { rootRows: r.many.rewardRoot({ from: r.epoch.id, to: r.rewardRoot.epochId }) },
    rewardRoot: {
      epochRow: r.one.epoch({ from: r.rewardRoot.epochId, to: r.epoch.id, optional: false }),
      proposerRow: accountOf(r.rewardRoot.proposer),
      disputeRows: r.many.dispute({ from: r.rewardRoot.root, to: r.dispute.root }),
    },
    claim: { accountRow: accountOf(r.claim.account) },
    rewardAccount: { accountRow: accountOf(r.rewardAccount.account) },

    stake: {
      accountRow: accountOf(r.stake.account),
      slashRows: r.many.slash({ from: r.stake.id, to: r.slash.stakeId }),
    },
    slash: {
      stakeRow: r.one.stake({ from: r.slash.stakeId, to: r.stake.id, optional: false }),
      accountRow: accountOf(r.slash.account),
      disputeRow: r.one.dispute({ from: r.slash.disputeId, to: r.dispute.id }),
      beneficiaryRow: accountOf(r.slash.beneficiary),
    },
    stakerReward: { accountRow: accountOf(r.stakerReward.account) },

    dispute: {
      initiatorRow: accountOf(r.dispute.initiator),
      counterRows: r.many.disputeCounter({ from: r.dispute.id, to: r.disputeCounter.disputeId }),
      slashRows: r.many.slash({ from: r.dispute.id, to: r.slash.disputeId }),
    },
    disputeCounter: {
      disputeRow: r.one.dispute({ from: r.disputeCounter.disputeId, to: r.dispute.id, optional: false }),
      byRow: accountOf(r.disputeCounter.by),
    },

    proposal: {
      proposerRow: accountOf(r.proposal.proposer),
      voteRows: r.many.vote({ from: r.proposal.id, to: r.vote.proposalId }),
    },
    vote: {
      proposalRow: r.one.proposal({ from: r.vote.proposalId, to: r.proposal.id, optional: false }),
      voterRow: accountOf(r.vote.voter),
    },
    roleMember: { accountRow: accountOf(r.roleMember.account) },

    token: {
      balanceRows: r.many.tokenBalance({ from: r.token.address, to: r.tokenBalance.token }),
      transferRows: r.many.tokenTransfer({ from: r.token.address, to: r.tokenTransfer.token }),
      allowanceRows: r.many.allowance({ from: r.token.address, to: r.allowance.token }),
    },
    tokenBalance: {
      tokenRow: tokenOf(r.tokenBalance.token),
      accountRow: accountOf(r.tokenBalance.account),
      delegateRow: accountOf(r.tokenBalance.delegate),
    },
    tokenTransfer: {
      tokenRow: tokenOf(r.tokenTransfer.token),
      fromRow: accountOf(r.tokenTransfer.from),
      toRow: accountOf(r.tokenTransfer.to),
    },
    allowance: {
      tokenRow: tokenOf(r.allowance.token),
      ownerRow: accountOf(r.allowance.owner),
      spenderRow: accountOf(r.allowance.spender),
    },
    vestingWallet: {
      beneficiaryRow: accountOf(r.vestingWallet.beneficiary),
      releaseRows: r.many.vestingRelease({ from: r.vestingWallet.address, to: r.vestingRelease.wallet }),
    },
    vestingRelease: {
      walletRow: r.one.vestingWallet({
        from: r.vestingRelease.wallet,
        to: r.vestingWallet.address,
        optional: false,
      }),
      tokenRow: tokenOf(r.vestingRelease.token),
    },

    publishedToken: {
      balanceRows: r.many.publishedBalance({
        from: [r.publishedToken.chainId, r.publishedToken.address],
        to: [r.publishedBalance.chainId, r.publishedBalance.token],
      }),
      transferRows: r.many.publishedTransfer({
        from: [r.publishedToken.chainId, r.publishedToken.address],
        to: [r.publishedTransfer.chainId, r.publishedTransfer.token],
      }),
    },
    publishedBalance: {
      tokenRow: r.one.publishedToken({
        from: [r.publishedBalance.chainId, r.publishedBalance.token],
        to: [r.publishedToken.chainId, r.publishedToken.address],
      }),
    },
    publishedTransfer: {
      tokenRow: r.one.publishedToken({
        from: [r.publishedTransfer.chainId, r.publishedTransfer.token],
        to: [r.publishedToken.chainId, r.publishedToken.address],
      }),
    },
    publishedProposal: {
      voteRows: r.many.publishedVote({
        from: [r.publishedProposal.chainId, r.publishedProposal.proposalId],
        to: [r.publishedVote.chainId, r.publishedVote.proposalId],
      }),
    },
    publishedVote: {
      proposalRow: r.one.publishedProposal({
        from: [r.publishedVote.chainId, r.publishedVote.proposalId],
        to: [r.publishedProposal.chainId, r.publishedProposal.proposalId],
      }),
    },
    publishedStaking: {
      commitmentRows: r.many.publishedStakingCommitment({
        from: [r.publishedStaking.chainId, r.publishedStaking.stakingId],
        to: [r.publishedStakingCommitment.chainId, r.publishedStakingCommitment.stakingId],
      }),
    },
    publishedStakingCommitment: {
      stakingRow: r.one.publishedStaking({
        from: [r.publishedStakingCommitment.chainId, r.publishedStakingCommitment.stakingId],
        to: [r.publishedStaking.chainId, r.publishedStaking.stakingId],
      }),
    },
  };
});
