import { type Hex, type Reward, rewardTree } from '@openledger/protocol';
import { type RewardList, rewardListSchema } from '@openledger/protocol/attribution';
import type { EpochRow, FinalRow } from './chainRows.ts';
import { DocumentError, uriOf } from './documents.ts';
import { createFindings, type Findings } from './findings.ts';
import type { Sources } from './sources.ts';
import type { Verdict } from './verdict.ts';

/**
 * Sums an epoch anew from final attributions alone, and holds its total, its list of rewards and the root proposed for it against
 * that.
 */
export const verifyEpoch = async (sources: Sources, epochId: bigint): Promise<Verdict> => {
  const { rows } = sources;
  const findings = createFindings(`epoch ${epochId}`);
  const epoch = await rows.epoch(epochId);
  if (epoch === undefined) {
    findings.wrong('epoch', `${epochId}`, 'one that is closed on chain');
    return findings.verdict();
  }
  const before = await rows.epochBefore(epochId);
  if (epochId > 1n) findings.same('epoch.start', epoch.start, before.end);
  const cumulative = before.total + epoch.total;
  const final = finalWithin(await rows.finalBy(epoch.end), epoch.end, cumulative);
  const begin = findings.wrongs();
  findings.same('epoch.total', epoch.total, sumOf(final) - before.total);
  findings.right(`its total of ${epoch.total} wei`, begin);
  await checkRoot(sources, findings, epoch, rewardsOf(final));
  return findings.verdict();
};

/**
 * Batches that became final in the second in which the epoch ended are before or after its end: which, the total that the
 * distributor counted on chain says. They are taken in the order of their numbers until they come to it.
 */
const finalWithin = (rows: readonly FinalRow[], end: bigint, cumulative: bigint): readonly FinalRow[] => {
  const within = rows.filter(({ closedAt }) => closedAt < end);
  const atEnd = Map.groupBy(
    rows.filter(({ closedAt }) => closedAt === end),
    ({ batchId }) => batchId,
  );
  for (const batch of atEnd.values()) {
    if (sumOf(within) >= cumulative) break;
    within.push(...batch);
  }
  return within;
};

const rewardsOf = (rows: readonly FinalRow[]): readonly (Reward & { account: Hex })[] =>
  [...Map.groupBy(rows, ({ account }) => account)]
    .map(([account, own]) => ({ account, cumulativeAmount: sumOf(own) }))
    .filter(({ cumulativeAmount }) => cumulativeAmount > 0n)
    .sort((a, b) => (a.account < b.account ? -1 : 1));

const checkRoot = async (
  { rows, documents, manifest }: Sources,
  findings: Findings,
  epoch: EpochRow,
  rewards: readonly (Reward & { account: Hex })[],
): Promise<void> => {
  const proposed = await rows.rootOf(epoch.id);
  if (proposed === undefined) {
    if (rewards.length > 0 && epoch.total > 0n) findings.wrong('root', 'none', 'one: nobody proposed what it pays yet');
    return;
  }
  const begin = findings.wrongs();
  const { same, wrong } = findings;
  const distributor = manifest.contracts.RewardDistributor.toLowerCase();
  if (rewards.length === 0) return wrong('root', proposed.root, 'none: nothing is payable');
  const { root } = rewardTree(manifest.chainId, distributor, rewards);
  if (epoch.root !== null) same('epoch.root', epoch.root, proposed.root);
  same('root', proposed.root, root);
  same('root.uri', proposed.uri, uriOf(proposed.ipfsHash));
  let list: RewardList;
  try {
    list = await documents.json(proposed.ipfsHash, rewardListSchema, 'the list of rewards');
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return wrong('list', error.message, 'what ipfsHash names');
  }
  same('list.chainId', list.chainId, manifest.chainId);
  same('list.distributor', list.distributor, distributor);
  same('list.epochId', list.epochId, epoch.id);
  same('list.root', list.root, root);
  checkRewards(findings, list, rewards);
  findings.right(`${rewards.length} rewards and their root`, begin);
};

const checkRewards = (findings: Findings, list: RewardList, rewards: readonly (Reward & { account: Hex })[]): void => {
  const said = new Map(list.rewards.map(({ account, cumulativeAmount }) => [account, BigInt(cumulativeAmount)]));
  const due = new Map(rewards.map(({ account, cumulativeAmount }) => [account, cumulativeAmount]));
  for (const account of new Set([...said.keys(), ...due.keys()])) {
    findings.same(`list.rewards.${account}`, said.get(account) ?? 'nothing', due.get(account) ?? 'nothing');
  }
  findings.same('list.rewards', list.rewards.map(({ account }) => account).join(), [...due.keys()].join());
};

const sumOf = (rows: readonly FinalRow[]): bigint => rows.reduce((sum, { amount }) => sum + amount, 0n);
