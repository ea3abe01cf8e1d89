import { toBeHex } from 'ethers';
import type { Hex } from '../call.ts';
import { existingContribution, takeOut } from './contributions.ts';
import { onlyTimelock } from './governed.ts';
import type { DisputeRecord } from './records.ts';
import { revokeRoot } from './rewards.ts';
import { freeze, openStake, releaseBond, roles, slashStake } from './stakes.ts';
import {
  type Handlers,
  include,
  increase,
  maxUint256,
  notPaused,
  one,
  parameter,
  patch,
  put,
  refuse,
  type Shadow,
} from './state.ts';

export const targets = { contribution: 0n, batch: 1n, root: 2n, worker: 3n };

/** Who answers for a target that can be disputed now. */
function respondentOf(s: Shadow, targetType: bigint, targetId: Hex): Hex {
  const id = BigInt(targetId);
  let respondent: Hex | undefined;
  if (targetType === targets.contribution) {
    const contribution = existingContribution(s, id);
    if (contribution.status === 'accepted') respondent = contribution.contributor;
  } else if (targetType === targets.batch) {
    const batch = s.batches.get(id);
    if (batch?.status === 'posted' && s.now < batch.deadline) respondent = batch.operator;
  } else if (targetType === targets.root) {
    const pending = s.proposals.get(s.rewards.pendingEpoch);
    if (pending?.root === targetId && s.now < pending.validAt) respondent = s.setting.rootProposer;
  } else if (targetType === targets.worker && id < 2n ** 160n) {
    respondent = s.operators.get(toBeHex(id, 20) as Hex);
  }
  return respondent ?? refuse(targetType === targets.batch ? 4 : 0, 'the target cannot be disputed');
}

const targetKey = ({ targetType, targetId }: Pick<DisputeRecord, 'targetType' | 'targetId'>) =>
  `${targetType} ${targetId}`;

/** Counts the disputes about a target; as long as there is one, it is challenged. */
function countDispute(s: Shadow, dispute: DisputeRecord, by: 1n | -1n): void {
  const { targetType, targetId, initiator } = dispute;
  increase(s, s.openDisputes, targetKey(dispute), by);
  put(s, s.disputing, `${targetKey(dispute)} ${initiator}`, by === 1n);
  const challenged = s.openDisputes.get(targetKey(dispute))! > 0n;
  if (targetType === targets.batch) patch(s, s.batches.get(BigInt(targetId))!, { challenged });
  if (targetType === targets.root) put(s, s.challengedRoots, targetId, challenged);
}

function openDispute(s: Shadow, disputeId: bigint): DisputeRecord {
  const dispute = s.disputes.get(disputeId);
  if (!dispute?.open) refuse(6, `dispute ${disputeId} is not open`);
  return dispute;
}

function close(s: Shadow, dispute: DisputeRecord): void {
  patch(s, dispute, { open: false });
  freeze(s, dispute.respondent, dispute.contributionBond, -1n);
  countDispute(s, dispute, -1n);
}

/** What the loser loses: the winner's share, and the rest to the treasury. */
function forfeit(s: Shadow, stakeId: bigint, amount: bigint, winner: Hex): void {
  const available = s.stakes.get(stakeId)?.amount ?? refuse(6, `stake ${stakeId} does not exist`);
  const total = amount < available ? amount : available;
  const share = (total * parameter(s, 'DisputeResolver', 'WINNER_SHARE_BPS')) / 10_000n;
  slashStake(s, stakeId, share, winner);
  slashStake(s, stakeId, total - share, s.setting.timelock);
}

function undo(s: Shadow, { targetType, targetId }: DisputeRecord): void {
  const id = BigInt(targetId);
  if (targetType === targets.contribution) {
    const contribution = existingContribution(s, id);
    if (contribution.status === 'accepted') takeOut(s, contribution);
    if (s.penalized.has(id)) return;
    include(s, s.penalized, id);
    const key = `${contribution.datanetId} ${contribution.contributor}`;
    const score = s.penalties.get(key) ?? 0n;
    put(s, s.penalties, key, score + (one - score) / 2n);
  } else if (targetType === targets.batch) {
    // Posted or, by another dispute, revoked already; a batch that is disputed does not become final.
    patch(s, s.batches.get(id)!, { status: 'revoked' });
  } else if (targetType === targets.root) {
    const { pendingEpoch } = s.rewards;
    if (pendingEpoch !== 0n && s.proposals.get(pendingEpoch)?.root === targetId) revokeRoot(s, pendingEpoch);
  }
}

export const disputeHandlers: Handlers = {
  raise(s, from, args) {
    const [targetType, targetId, , , , bond] = args as [bigint, Hex, Hex, Hex, string, bigint];
    notPaused(s, 'DisputeResolver');
    if (bond < parameter(s, 'DisputeResolver', 'MIN_DISPUTE_BOND')) refuse(0, 'too small a bond');
    if (s.disputing.get(`${targetKey({ targetType, targetId })} ${from}`)) refuse(0, `${from} disputes it already`);
    const respondent = respondentOf(s, targetType, targetId);
    const contributionBond =
      targetType === targets.contribution ? existingContribution(s, BigInt(targetId)).bondId : 0n;
    const disputeId = BigInt(s.disputes.size + 1);
    freeze(s, respondent, contributionBond, 1n);
    const dispute: DisputeRecord = {
      initiator: from,
      targetType,
      targetId,
      respondent,
      contributionBond,
      deadline: s.now + parameter(s, 'DisputeResolver', 'RESOLUTION_WINDOW'),
      bondId: openStake(s, from, roles.disputer, bond, true),
      open: true,
      countered: [],
    };
    put(s, s.disputes, disputeId, dispute);
    countDispute(s, dispute, 1n);
  },
  counter(s, from, args) {
    const dispute = openDispute(s, args[0] as bigint);
    if (s.now >= dispute.deadline) refuse(0, 'too late');
    const owns =
      dispute.targetType === targets.contribution &&
      s.datanets.get(existingContribution(s, BigInt(dispute.targetId)).datanetId)!.owner === from;
    if (from !== dispute.respondent && !owns) refuse(0, `${from} is no party`);
    if (dispute.countered.includes(from)) refuse(0, `${from} has answered`);
    patch(s, dispute, { countered: [...dispute.countered, from] });
  },
  resolve(s, from, args) {
    const [disputeId, upheld, stakeIds, amounts] = args as [bigint, boolean, readonly bigint[], readonly bigint[]];
    onlyTimelock(s, from);
    const dispute = openDispute(s, disputeId);
    if (stakeIds.length !== amounts.length || (!upheld && stakeIds.length > 0)) refuse(6, 'nothing of that to slash');
    close(s, dispute);
    if (!upheld) {
      forfeit(s, dispute.bondId, maxUint256, dispute.respondent);
      return;
    }
    stakeIds.forEach((stakeId, index) => {
      const stake = s.stakes.get(stakeId);
      if (stake?.account !== dispute.respondent && stakeId !== dispute.contributionBond) {
        refuse(6, `stake ${stakeId} is not the respondent's`);
      }
      forfeit(s, stakeId, amounts[index]!, dispute.initiator);
    });
    undo(s, dispute);
    releaseBond(s, dispute.bondId, s.now);
  },
  expire(s, _, args) {
    const dispute = openDispute(s, args[0] as bigint);
    if (s.now < dispute.deadline) refuse(6, `the arbiter has until ${dispute.deadline}`);
    close(s, dispute);
    releaseBond(s, dispute.bondId, s.now);
  },
};
