import {
  contribution,
  contributionScore,
  datanet,
  datanetAccess,
  datanetContributor,
  datanetValidator,
  datanetVersion,
  relayerAuthorization,
} from 'ponder:schema';
import { record } from '../activity.ts';
import { emptyStanding } from '../contributors.ts';
import { oneOf } from '../enums.ts';
import { type Occurrence, on } from '../occurrence.ts';
import { plus } from '../plus.ts';
import { created, updated } from '../provenance.ts';
import { bucketOf } from '../rollups.ts';
import { clip } from '../text.ts';

const visibilities = ['public', 'private'] as const;
const statuses = ['none', 'active', 'paused', 'archived'] as const;

on('DatanetRegistry:DatanetCreated', async (e) => {
  const { datanetId, owner, name, uri, uriHash, visibility } = e.args;
  await e.db.insert(datanet).values({
    id: datanetId,
    owner,
    name: clip(name),
    uri,
    uriHash,
    visibility: oneOf(visibilities, visibility),
    status: 'active',
    // The rules follow in the same transaction as an event of their own.
    minBond: 0n,
    scoreThreshold: 0n,
    quorum: 0,
    reviewWindow: 0n,
    rows: 0n,
    attributed: 0n,
    ...created(e),
  });
  return record(e, { protocol: { datanetsCreated: 1 } });
});

on('DatanetRegistry:DatanetMetadataUpdated', async (e) => {
  const { datanetId, uri, uriHash } = e.args;
  await e.db.update(datanet, { id: datanetId }).set({ uri, uriHash, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:DatanetStatusUpdated', async (e) => {
  const status = oneOf(statuses, e.args.newStatus);
  if (status === 'none') throw new Error(`Datanet ${e.args.datanetId} cannot go back to having no status`);
  await e.db.update(datanet, { id: e.args.datanetId }).set({ status, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:DatanetOwnershipTransferred', async (e) => {
  await e.db.update(datanet, { id: e.args.datanetId }).set({ owner: e.args.to, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:DatanetRulesUpdated', async (e) => {
  const { datanetId, minBond, scoreThreshold, quorum, reviewWindow } = e.args;
  await e.db.update(datanet, { id: datanetId }).set({ minBond, scoreThreshold, quorum, reviewWindow, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:ValidatorSet', async (e) => {
  const { datanetId, validator, active } = e.args;
  await e.db
    .insert(datanetValidator)
    .values({ datanetId, validator, active, ...created(e) })
    .onConflictDoUpdate({ active, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:RelayerAuthorized', async (e) => {
  const { account, relayer, expiresAt } = e.args;
  await e.db
    .insert(relayerAuthorization)
    .values({ account, relayer, expiresAt, active: true, ...created(e) })
    .onConflictDoUpdate({ expiresAt, active: true, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:RelayerRevoked', async (e) => {
  const { account, relayer } = e.args;
  await e.db.update(relayerAuthorization, { account, relayer }).set({ active: false, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:ContributionSubmitted', async (e) => {
  const { contributionId, datanetId, contributor, relayer, contentHash, uri, licenseId, rows, bond } = e.args;
  await e.db.insert(contribution).values({
    id: contributionId,
    datanetId,
    contributor,
    relayer,
    contentHash,
    uri,
    licenseId,
    rows,
    bond,
    status: 'pending',
    score: 0n,
    attributed: 0n,
    ...created(e),
  });
  // A row that was found changes under one's hands with the next write to it, so what it was is read first.
  const { submitted: earlier = 0, lastSubmittedAt: last = 0n } =
    (await e.db.find(datanetContributor, { datanetId, contributor })) ?? {};
  await e.db
    .insert(datanetContributor)
    .values({ datanetId, contributor, ...emptyStanding, submitted: 1, lastSubmittedAt: e.timestamp, ...created(e) })
    .onConflictDoUpdate((row) => ({ submitted: row.submitted + 1, lastSubmittedAt: e.timestamp, ...updated(e) }));
  await e.db.update(datanet, { id: datanetId }).set((row) => ({
    contributions: row.contributions + 1,
    pending: row.pending + 1,
    contributors: row.contributors + (earlier === 0 ? 1 : 0),
    ...updated(e),
  }));
  return record(e, {
    protocol: { contributionsSubmitted: 1 },
    datanets: new Map([[datanetId, { submitted: 1 }]]),
    contributors: {
      hour: bucketOf('hour', last) === bucketOf('hour', e.timestamp) ? 0 : 1,
      day: bucketOf('day', last) === bucketOf('day', e.timestamp) ? 0 : 1,
    },
  });
});

on('DatanetRegistry:ScoreCommitted', async (e) => {
  const { contributionId, validator, commitment } = e.args;
  const { datanetId } = await e.db
    .update(contribution, { id: contributionId })
    .set((row) => ({ commits: row.commits + 1, ...updated(e) }));
  await e.db.insert(contributionScore).values({ contributionId, validator, datanetId, commitment, ...created(e) });
  await e.db
    .update(datanetValidator, { datanetId, validator })
    .set((row) => ({ commits: row.commits + 1, ...updated(e) }));
  return record(e, { datanets: new Map([[datanetId, {}]]) });
});

on('DatanetRegistry:ContributionScored', async (e) => {
  const { contributionId, datanetId, validator, score, evidenceHash } = e.args;
  await e.db
    .update(contributionScore, { contributionId, validator })
    .set({ score, evidenceHash, revealedAt: e.timestamp, ...updated(e) });
  await e.db.update(contribution, { id: contributionId }).set((row) => ({ scores: row.scores + 1, ...updated(e) }));
  await e.db
    .update(datanetValidator, { datanetId, validator })
    .set((row) => ({ scores: row.scores + 1, ...updated(e) }));
  return record(e, { protocol: { scores: 1 }, datanets: new Map([[datanetId, { scores: 1 }]]) });
});

on('DatanetRegistry:ContributionAccepted', async (e) => {
  const { contributionId, datanetId, score } = e.args;
  const { rows } = await decide(e, contributionId, { status: 'accepted', score });
  return record(e, {
    protocol: { contributionsAccepted: 1, rowsAccepted: rows },
    datanets: new Map([[datanetId, { accepted: 1, rowsAccepted: rows }]]),
  });
});

on('DatanetRegistry:ContributionRejected', async (e) => {
  const { contributionId, datanetId, reason } = e.args;
  await decide(e, contributionId, { status: 'rejected', reason });
  return record(e, {
    protocol: { contributionsRejected: 1 },
    datanets: new Map([[datanetId, { rejected: 1 }]]),
  });
});

on('DatanetRegistry:ContributionRevoked', async (e) => {
  const { contributionId, datanetId, reason } = e.args;
  await decide(e, contributionId, { status: 'revoked', reason });
  return record(e, {
    protocol: { contributionsRevoked: 1 },
    datanets: new Map([[datanetId, { revoked: 1 }]]),
  });
});

type Decision = Pick<typeof contribution.$inferInsert, 'reason'> & {
  status: 'accepted' | 'rejected' | 'revoked';
  score?: bigint;
};

/** Moves a contribution to a new status, and its datanet's and contributor's counts of both statuses with it. */
const decide = async (e: Occurrence, contributionId: bigint, decision: Decision) => {
  const before = await e.db.find(contribution, { id: contributionId });
  if (before === null) throw new Error(`Contribution ${contributionId} was decided before it was submitted`);
  const { datanetId, contributor, rows } = before;
  const change = { pending: 0, accepted: 0, rejected: 0, revoked: 0 };
  change[before.status] -= 1;
  change[decision.status] += 1;
  const rowsChange = BigInt(change.accepted) * rows;
  const { pending, ...decided } = change;
  await e.db.update(contribution, { id: contributionId }).set({ ...decision, decidedAt: e.timestamp, ...updated(e) });
  await e.db
    .update(datanet, { id: datanetId })
    .set((row) => ({ ...plus(row, { pending, ...decided, rows: rowsChange }), ...updated(e) }));
  await e.db
    .update(datanetContributor, { datanetId, contributor })
    .set((row) => ({ ...plus(row, { ...decided, rows: rowsChange }), ...updated(e) }));
  return { rows };
};

on('DatanetRegistry:DatanetVersionPublished', async (e) => {
  const { datanetId, version, dataRoot, contributions, rows, uri } = e.args;
  await e.db.insert(datanetVersion).values({ datanetId, version, dataRoot, contributions, rows, uri, ...created(e) });
  await e.db.update(datanet, { id: datanetId }).set({ latestVersion: version, ...updated(e) });
  return record(e, { protocol: { datanetVersions: 1 }, datanets: new Map([[datanetId, { versions: 1 }]]) });
});

/** Asking again while access stands changes only the purpose; after it ran out or was revoked, it is a new request. */
on('DatanetRegistry:AccessRequested', async (e) => {
  const { datanetId, grantee, purpose } = e.args;
  await e.db
    .insert(datanetAccess)
    .values({ datanetId, grantee, purpose, status: 'requested', expiresAt: 0n, ...created(e) })
    .onConflictDoUpdate((row) =>
      row.status === 'granted' && row.expiresAt > e.timestamp
        ? { purpose, ...updated(e) }
        : { purpose, status: 'requested', expiresAt: 0n, ...updated(e) },
    );
  return record(e);
});

on('DatanetRegistry:AccessGranted', async (e) => {
  const { datanetId, grantee, expiresAt } = e.args;
  await e.db
    .insert(datanetAccess)
    .values({ datanetId, grantee, purpose: '', status: 'granted', expiresAt, ...created(e) })
    .onConflictDoUpdate({ status: 'granted', expiresAt, ...updated(e) });
  return record(e, { datanets: new Map([[datanetId, { accessGrants: 1 }]]) });
});

on('DatanetRegistry:AccessRevoked', async (e) => {
  const { datanetId, grantee } = e.args;
  await e.db.update(datanetAccess, { datanetId, grantee }).set({ status: 'revoked', expiresAt: 0n, ...updated(e) });
  return record(e);
});

on('DatanetRegistry:EIP712DomainChanged', (e) => record(e));
