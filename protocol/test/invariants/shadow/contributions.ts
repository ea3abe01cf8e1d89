import type { Hex } from '../call.ts';
import { scoreCommitment } from '../hashes.ts';
import { datanetStatus, existingDatanet, ownedDatanet } from './datanets.ts';
import type { ContributionRecord } from './records.ts';
import { mustBeSigned } from './signatures.ts';
import { openStake, releaseBond, roles, slashStake } from './stakes.ts';
import { type Handlers, maxUint256, notPaused, one, parameter, patch, put, refuse, type Shadow } from './state.ts';

export function existingContribution(s: Shadow, contributionId: bigint): ContributionRecord {
  return s.contributions.get(contributionId) ?? refuse(0, `contribution ${contributionId} does not exist`);
}

function pendingContribution(s: Shadow, contributionId: bigint): ContributionRecord {
  const contribution = existingContribution(s, contributionId);
  if (contribution.status !== 'pending') refuse(0, `contribution ${contributionId} is ${contribution.status}`);
  return contribution;
}

/** When scores can be revealed from: once the quorum has committed, or else after the first window. */
export const revealsFrom = (c: ContributionRecord) =>
  c.revealFrom !== 0n ? c.revealFrom : c.submittedAt + c.reviewWindow;

/** Whether the review is behind and brought no full quorum of scores, so that the owner may decide. */
export function reviewRanOut(s: Shadow, c: ContributionRecord): boolean {
  if (c.quorum === 0n) return true;
  if (BigInt(c.scores.length) === c.quorum) return false;
  return s.now >= revealsFrom(c) + (c.commits === 0n ? 0n : c.reviewWindow);
}

/** What the next submission costs in bonds: upheld disputes make it up to five times dearer. */
export function bondFor(s: Shadow, datanetId: bigint, contributor: Hex): bigint {
  const { minBond } = existingDatanet(s, datanetId);
  return minBond + (minBond * 4n * (s.penalties.get(`${datanetId} ${contributor}`) ?? 0n)) / one;
}

function submit(s: Shadow, relayer: Hex, contributor: Hex, datanetId: bigint, contentHash: Hex, rows: bigint): void {
  notPaused(s, 'DatanetRegistry');
  const datanet = existingDatanet(s, datanetId);
  if (datanet.status !== datanetStatus.active) refuse(0, `datanet ${datanetId} takes nothing`);
  if (BigInt(contentHash) === 0n || rows === 0n || rows > 10n ** 12n) refuse(0, 'an empty or oversized contribution');
  if (s.contents.has(`${datanetId} ${contentHash}`)) refuse(0, 'this content is already in the datanet');
  const bond = bondFor(s, datanetId, contributor);
  const contributionId = BigInt(s.contributions.size + 1);
  put(s, s.contents, `${datanetId} ${contentHash}`, contributionId);
  put(s, s.contributions, contributionId, {
    contributor,
    relayer,
    datanetId,
    contentHash,
    rows,
    quorum: datanet.quorum,
    reviewWindow: datanet.reviewWindow,
    scoreThreshold: datanet.scoreThreshold,
    submittedAt: s.now,
    bondId: bond === 0n ? 0n : openStake(s, relayer, roles.contributor, bond, true),
    status: 'pending',
    commits: 0n,
    revealFrom: 0n,
    scores: [],
  });
}

function accept(s: Shadow, c: ContributionRecord): void {
  const datanet = existingDatanet(s, c.datanetId);
  patch(s, c, { status: 'accepted' });
  patch(s, datanet, { accepted: datanet.accepted + 1n, acceptedRows: datanet.acceptedRows + c.rows });
  if (c.bondId !== 0n) releaseBond(s, c.bondId, s.now + parameter(s, 'DatanetRegistry', 'BOND_HOLD'));
}

function reject(s: Shadow, c: ContributionRecord, loseBond: boolean): void {
  patch(s, c, { status: 'rejected' });
  if (c.bondId === 0n) return;
  if (loseBond) slashStake(s, c.bondId, maxUint256, s.setting.timelock);
  else releaseBond(s, c.bondId, s.now);
}

/** A contribution leaves its datanet: withdrawn, or by an upheld dispute. */
export function takeOut(s: Shadow, c: ContributionRecord): void {
  if (c.status === 'accepted') {
    const datanet = existingDatanet(s, c.datanetId);
    patch(s, datanet, { accepted: datanet.accepted - 1n, acceptedRows: datanet.acceptedRows - c.rows });
  } else if (c.status !== 'pending') {
    refuse(0, `the contribution is ${c.status}`);
  }
  patch(s, c, { status: 'revoked' });
}

export function median(values: readonly bigint[]): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : 1));
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2n;
}

const isRelayer = (s: Shadow, account: Hex, relayer: Hex) => (s.relayers.get(`${account} ${relayer}`) ?? 0n) > s.now;

function commit(s: Shadow, validator: Hex, contributionId: bigint, commitment: Hex): void {
  notPaused(s, 'DatanetRegistry');
  const c = pendingContribution(s, contributionId);
  if (!s.validators.get(`${c.datanetId} ${validator}`)) {
    refuse(0, `${validator} does not validate datanet ${c.datanetId}`);
  }
  if (validator === c.contributor || validator === c.relayer) refuse(0, 'nobody scores what it submitted');
  if (BigInt(commitment) <= 1n) refuse(3, 'an empty commitment');
  if (s.commitments.has(`${contributionId} ${validator}`)) refuse(3, `${validator} has already committed`);
  if (c.revealFrom !== 0n || s.now >= c.submittedAt + c.reviewWindow || c.quorum === 0n) {
    refuse(0, `contribution ${contributionId} takes no more commitments`);
  }
  put(s, s.commitments, `${contributionId} ${validator}`, commitment);
  const commits = c.commits + 1n;
  patch(s, c, { commits, ...(commits === c.quorum ? { revealFrom: s.now } : {}) });
}

function reveal(s: Shadow, validator: Hex, contributionId: bigint, score: bigint, evidenceHash: Hex, salt: Hex): void {
  const c = pendingContribution(s, contributionId);
  if (score > one) refuse(0, 'a score above one');
  if (s.now < revealsFrom(c) || s.now >= revealsFrom(c) + c.reviewWindow) refuse(0, 'not the time to reveal');
  const committed = s.commitments.get(`${contributionId} ${validator}`);
  if (committed === 'revealed') refuse(3, `${validator} has already scored contribution ${contributionId}`);
  const { chainId, addresses } = s.setting;
  const registry = addresses.DatanetRegistry;
  const expected = scoreCommitment(chainId, registry, contributionId, validator, score, evidenceHash, salt);
  if (committed !== expected) refuse(5, 'not what was committed to, for this chain, registry and validator');
  put(s, s.commitments, `${contributionId} ${validator}`, 'revealed');
  patch(s, c, { scores: [...c.scores, score] });
}

export const contributionHandlers: Handlers = {
  submitContribution(s, from, args) {
    const [datanetId, contentHash, , , rows] = args as [bigint, Hex, string, Hex, bigint];
    submit(s, from, from, datanetId, contentHash, rows);
  },
  submitContributionFor(s, from, args) {
    const [contributor, datanetId, contentHash, , , rows] = args as [Hex, bigint, Hex, string, Hex, bigint];
    if (!isRelayer(s, contributor, from)) refuse(5, `${from} is no relayer of ${contributor}`);
    submit(s, from, contributor, datanetId, contentHash, rows);
  },
  submitContributionWithSignature(s, from, args) {
    const [contributor, datanetId, contentHash, uri, licenseId, rows, deadline, signature] = args as [
      Hex,
      bigint,
      Hex,
      string,
      Hex,
      bigint,
      bigint,
      string,
    ];
    if (s.now > deadline) refuse(5, 'the signature has expired');
    const values = [contributor, datanetId, contentHash, uri, licenseId, rows, deadline];
    mustBeSigned(s, contributor, 'Contribution', values, signature);
    submit(s, from, contributor, datanetId, contentHash, rows);
  },
  commitScore(s, from, args) {
    const [contributionId, commitment] = args as [bigint, Hex];
    commit(s, from, contributionId, commitment);
  },
  commitScoreFor(s, from, args) {
    const [validator, contributionId, commitment] = args as [Hex, bigint, Hex];
    if (!isRelayer(s, validator, from)) refuse(5, `${from} is no relayer of ${validator}`);
    commit(s, validator, contributionId, commitment);
  },
  revealScore(s, from, args) {
    const [contributionId, score, evidenceHash, salt] = args as [bigint, bigint, Hex, Hex];
    reveal(s, from, contributionId, score, evidenceHash, salt);
  },
  revealScoreFor(s, from, args) {
    const [validator, contributionId, score, evidenceHash, salt] = args as [Hex, bigint, bigint, Hex, Hex];
    if (!isRelayer(s, validator, from)) refuse(5, `${from} is no relayer of ${validator}`);
    reveal(s, validator, contributionId, score, evidenceHash, salt);
  },
  finalizeContribution(s, _, args) {
    const c = pendingContribution(s, args[0] as bigint);
    if (c.quorum === 0n || BigInt(c.scores.length) < c.quorum) refuse(0, 'the quorum has not scored');
    const score = median(c.scores);
    if (score >= c.scoreThreshold) accept(s, c);
    else reject(s, c, score * 2n < c.scoreThreshold);
  },
  decideContribution(s, from, args) {
    const [contributionId, accepted] = args as [bigint, boolean, Hex];
    const c = pendingContribution(s, contributionId);
    ownedDatanet(s, from, c.datanetId);
    if (!reviewRanOut(s, c)) refuse(0, 'the review is under way');
    if (accepted) accept(s, c);
    else reject(s, c, false);
  },
  withdrawContribution(s, from, args) {
    const c = existingContribution(s, args[0] as bigint);
    if (c.contributor !== from && !isRelayer(s, c.contributor, from)) refuse(5, `${from} may not take it back`);
    if (c.status === 'pending') {
      if (c.commits !== 0n && !reviewRanOut(s, c)) refuse(6, 'a review is under way');
      if (c.bondId !== 0n) releaseBond(s, c.bondId, s.now);
    }
    takeOut(s, c);
  },
};
