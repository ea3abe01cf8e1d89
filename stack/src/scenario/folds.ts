import type { Occurrence } from './contracts.ts';
import type { Contribution, Datanet, World } from './world.ts';

type Fold = (world: World, event: Occurrence) => void;

const account = (value: unknown) => String(value).toLowerCase();

/** What each kind of event changes; a kind that is not here changes nothing that personas look at. */
export const folds: Readonly<Record<string, Fold>> = {
  'Open.Transfer': (world, { args }) => {
    const [from, to] = [account(args.from), account(args.to)];
    world.balances.set(from, (world.balances.get(from) ?? 0n) - args.value);
    world.balances.set(to, (world.balances.get(to) ?? 0n) + args.value);
  },
  'GOPEN.Deposit': (world, { args, time }) => changeWrapped(world, time, args.amt),
  'GOPEN.Withdrawal': (world, { args, time }) => changeWrapped(world, time, 0n - args.amt),
  'DatanetRegistry.DatanetCreated': (world, { args }) => {
    world.datanets.set(args.datanetId, {
      id: args.datanetId,
      name: args.name,
      owner: account(args.owner),
      status: 1,
      quorum: 0,
      reviewWindow: 0,
      validators: new Set(),
      versions: 0,
      publishedAt: undefined,
      changes: 0,
    });
  },
  'DatanetRegistry.DatanetRulesUpdated': (world, { args }) => {
    const datanet = datanetOf(world, args.datanetId);
    datanet.quorum = Number(args.quorum);
    datanet.reviewWindow = Number(args.reviewWindow);
  },
  'DatanetRegistry.DatanetStatusUpdated': (world, { args }) => {
    datanetOf(world, args.datanetId).status = Number(args.newStatus);
  },
  'DatanetRegistry.DatanetOwnershipTransferred': (world, { args }) => {
    datanetOf(world, args.datanetId).owner = account(args.to);
  },
  'DatanetRegistry.ValidatorSet': (world, { args }) => {
    const { validators } = datanetOf(world, args.datanetId);
    if (args.active) validators.add(account(args.validator));
    else validators.delete(account(args.validator));
  },
  'DatanetRegistry.ContributionSubmitted': (world, { args, block, time }) => {
    const datanet = datanetOf(world, args.datanetId);
    world.submitted.set(`${args.datanetId}/${args.contentHash}`, args.contributionId);
    world.contributions.set(args.contributionId, {
      id: args.contributionId,
      datanetId: args.datanetId,
      contributor: account(args.contributor),
      relayer: account(args.relayer),
      contentHash: args.contentHash,
      rows: args.rows,
      quorum: datanet.quorum,
      submittedBlock: block,
      submittedAt: time,
      reviewWindow: datanet.reviewWindow,
      status: 'pending',
      bondId: args.bond > 0n ? 0n : undefined,
      commits: new Set(),
      reveals: new Set(),
      revealFrom: undefined,
      acceptedBlock: undefined,
      decidedAt: undefined,
      revokedBlock: undefined,
    });
  },
  'DatanetRegistry.ScoreCommitted': (world, { args, time }) => {
    const contribution = contributionOf(world, args.contributionId);
    contribution.commits.add(account(args.validator));
    if (contribution.commits.size === contribution.quorum) contribution.revealFrom = time;
  },
  'DatanetRegistry.ContributionScored': (world, { args }) => {
    contributionOf(world, args.contributionId).reveals.add(account(args.validator));
  },
  'DatanetRegistry.ContributionAccepted': (world, { args, block, time }) => {
    const contribution = contributionOf(world, args.contributionId);
    contribution.status = 'accepted';
    contribution.acceptedBlock = block;
    contribution.decidedAt = time;
    datanetOf(world, args.datanetId).changes += 1;
  },
  'DatanetRegistry.ContributionRejected': (world, { args, time }) => {
    const contribution = contributionOf(world, args.contributionId);
    contribution.status = 'rejected';
    contribution.decidedAt = time;
  },
  'DatanetRegistry.ContributionRevoked': (world, { args, block }) => {
    const contribution = contributionOf(world, args.contributionId);
    contribution.status = 'revoked';
    contribution.revokedBlock = block;
    datanetOf(world, args.datanetId).changes += 1;
  },
  'DatanetRegistry.DatanetVersionPublished': (world, { args, time }) => {
    const datanet = datanetOf(world, args.datanetId);
    datanet.versions = Number(args.version);
    datanet.publishedAt = time;
    datanet.changes = 0;
  },
  'StakeManager.RoleStaked': (world, { args, transaction }) => {
    const { stakeId, targetId, amount } = args;
    world.stakes.set(stakeId, { id: stakeId, account: account(args.account), amount, pending: 0n, availableAt: 0 });
    // A contribution's bond is locked in the transaction that submits it.
    const submission = world.latest('DatanetRegistry.ContributionSubmitted', { contributionId: targetId });
    const contribution = world.contributions.get(targetId);
    if (contribution?.bondId === 0n && submission?.transaction === transaction) contribution.bondId = stakeId;
  },
  'StakeManager.UnstakeRequested': (world, { args }) => {
    const stake = world.stakes.get(args.stakeId);
    if (stake === undefined) return;
    stake.pending = args.amount;
    stake.availableAt = Number(args.availableAt);
  },
  'StakeManager.StakeWithdrawn': (world, { args }) => {
    const stake = world.stakes.get(args.stakeId);
    if (stake === undefined) return;
    stake.amount -= args.amount;
    stake.pending = 0n;
  },
  'StakeManager.Slashed': (world, { args }) => {
    const stake = world.stakes.get(args.stakeId);
    if (stake === undefined) return;
    stake.amount -= args.amount;
    if (stake.pending > stake.amount) stake.pending = stake.amount;
  },
  'InferenceEscrow.FeeDistributed': (world, { args }) => {
    const { requestId, modelId } = args;
    const { worker } = world.latest('InferenceEscrow.InferenceSettled', { requestId })!.args;
    earn(world, world.latest('ModelRegistry.ModelRegistered', { modelId })!.args.owner, args.model);
    earn(world, world.latest('ModelRegistry.WorkerRegistered', { worker })!.args.operator, args.worker);
  },
  'InferenceEscrow.EarningsWithdrawn': (world, { args }) => earn(world, args.account, 0n - args.amount),
  'DisputeResolver.DisputeRaised': (world, { args, time }) => {
    if (args.targetType !== 0n) return;
    world.disputes.set(args.disputeId, {
      id: args.disputeId,
      initiator: account(args.initiator),
      contributionId: BigInt(args.targetId),
      raisedAt: time,
      deadline: Number(args.deadline),
      open: true,
      counteredBy: new Set(),
    });
  },
  'DisputeResolver.DisputeCountered': (world, { args }) => {
    world.disputes.get(args.disputeId)?.counteredBy.add(account(args.by));
  },
  'DisputeResolver.DisputeResolved': (world, { args }) => {
    const dispute = world.disputes.get(args.disputeId);
    if (dispute !== undefined) dispute.open = false;
  },
  'OpenGovernor.ProposalCreated': (world, { args }) => {
    world.proposals.set(args.proposalId, {
      id: args.proposalId,
      proposer: account(args.proposer),
      description: args.description,
      targets: [...args.targets],
      // ethers' Result has a method of that name.
      values: [...args.getValue('values')],
      calldatas: [...args.calldatas],
      voteStart: Number(args.voteStart),
      voteEnd: Number(args.voteEnd),
      voters: new Set(),
      tally: [0n, 0n, 0n],
      eta: undefined,
      ended: undefined,
    });
  },
  'OpenGovernor.VoteCast': (world, { args }) => {
    const proposal = world.proposals.get(args.proposalId);
    proposal?.voters.add(account(args.voter));
    if (proposal !== undefined) proposal.tally[Number(args.support) as 0 | 1 | 2] += args.weight;
  },
  'OpenGovernor.ProposalQueued': (world, { args }) => {
    const proposal = world.proposals.get(args.proposalId);
    if (proposal !== undefined) proposal.eta = Number(args.etaSeconds);
  },
  'OpenGovernor.ProposalExecuted': (world, { args }) => {
    const proposal = world.proposals.get(args.proposalId);
    if (proposal !== undefined) proposal.ended = 'executed';
  },
  'OpenGovernor.ProposalCanceled': (world, { args }) => {
    const proposal = world.proposals.get(args.proposalId);
    if (proposal !== undefined) proposal.ended = 'canceled';
  },
};

function changeWrapped(world: World, time: number, change: bigint): void {
  world.wrapped.push({ time, supply: (world.wrapped.at(-1)?.supply ?? 0n) + change });
}

function earn(world: World, who: unknown, amount: bigint): void {
  world.earnings.set(account(who), (world.earnings.get(account(who)) ?? 0n) + amount);
}

function datanetOf(world: World, id: bigint): Datanet {
  const datanet = world.datanets.get(id);
  if (datanet === undefined) throw new Error(`Datanet ${id} is named before it was created: events are out of order.`);
  return datanet;
}

function contributionOf(world: World, id: bigint): Contribution {
  const contribution = world.contributions.get(id);
  if (contribution === undefined) {
    throw new Error(`Contribution ${id} is named before it was submitted: events are out of order.`);
  }
  return contribution;
}
