import { chainTables, type Hex } from '@openledger/db/chain';
import type { PgTable } from 'drizzle-orm/pg-core';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { chainDdl, checkpointOf } from './ddl.ts';

/** The local chain's id, and the block the seeded index is at. */
export const CHAIN_ID = 31337n;
export const INDEXED = { block: 5_000n, timestamp: 1_800_000_000n };
export const MAX = 2n ** 256n - 1n;
const OPEN = 10n ** 18n;

export const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`;
export const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
/** A block time: every block is 2 s, and several rows share one, so orders have ties. */
const at = (block: number) => 1_790_000_000n + BigInt(block) * 2n;
const eventOf = (block: number, log: number) =>
  `${at(block)}${CHAIN_ID.toString().padStart(16, '0')}${String(block).padStart(16, '0')}${'0'.repeat(16)}5${String(log).padStart(16, '0')}`;

const provenance = (block: number) => ({
  createdBlock: BigInt(block),
  createdAt: at(block),
  createdTx: hash(block),
  updatedBlock: BigInt(block + 10),
  updatedAt: at(block + 10),
});
const event = (block: number, log: number) => ({
  id: eventOf(block, log),
  block: BigInt(block),
  timestamp: at(block),
  txHash: hash(block),
});
const times = <R>(count: number, make: (n: number) => R): R[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** How many rows the larger tables get: more than two full pages of the test's page size, with ties in every order. */
const ACCOUNTS = 12;
const CONTRIBUTIONS = 47;
const INFERENCES = 23;
const contributors = (n: number) => address(1 + (n % 5));
const datanetOf = (n: number) => BigInt(1 + (n % 3));
const status = ['pending', 'accepted', 'accepted', 'rejected', 'revoked'] as const;

type Rows = { [T in keyof typeof chainTables]: (typeof chainTables)[T]['$inferInsert'][] };

/** A small world: three datanets, two models, a worker, and everything that can happen to them, with the largest numbers among it. */
export function world(): Rows {
  const contribution = times(CONTRIBUTIONS, (n) => ({
    id: BigInt(n + 1),
    datanetId: datanetOf(n),
    contributor: contributors(n),
    relayer: n % 4 === 0 ? address(9) : contributors(n),
    contentHash: hash(1000 + n),
    uri: `ipfs://contribution/${n + 1}`,
    licenseId: hash(7),
    rows: n === 0 ? MAX : BigInt(10 * (n % 6)),
    bond: n === 0 ? MAX : OPEN,
    status: status[n % 5]!,
    score: n % 5 === 0 ? 0n : (OPEN * BigInt(n % 4)) / 4n,
    reason: n % 5 >= 3 ? hash(3) : null,
    decidedAt: n % 5 === 0 ? null : at(100 + n),
    commits: 2,
    scores: 2,
    attributions: n % 3,
    attributed: n === 1 ? MAX : BigInt(n % 7) * OPEN,
    ...provenance(100 + Math.floor(n / 3)),
  }));
  const inference = times(INFERENCES, (n) => ({
    requestId: hash(5000 + n),
    eventId: eventOf(1000 + Math.floor(n / 2), n),
    modelId: BigInt(1 + (n % 2)),
    worker: address(10),
    payer: address(1 + (n % 3)),
    version: 1,
    inTokens: BigInt(100 + n),
    outTokens: BigInt(20 + n),
    fee: BigInt(1 + (n % 4)) * OPEN,
    outputHash: hash(6000 + n),
    platformFee: OPEN / 20n,
    modelFee: OPEN / 3n,
    workerFee: OPEN / 4n,
    stakersFee: OPEN / 20n,
    contributorsFee: OPEN / 3n,
    attributionStatus: n < 8 ? ('final' as const) : n < 14 ? ('posted' as const) : ('none' as const),
    batchId: n < 14 ? BigInt(1 + Math.floor(n / 5)) : null,
    unattributed: n < 14 ? 1000n : null,
    ...provenance(1000 + Math.floor(n / 2)),
  }));
  const rollup = { fees: 5n * OPEN, attributed: MAX, unattributed: 0n, inTokens: 10n, outTokens: 5n };
  const hours = times(30, (n) => 1_789_999_200n + BigInt(n) * 3600n);
  const days = times(4, (n) => 1_789_948_800n + BigInt(n) * 86_400n);
  const protocolRollup = (bucket: bigint) => ({
    ...rollup,
    bucket,
    events: 7,
    rowsAccepted: 12n,
    claimed: 0n,
    deposited: 0n,
    staked: 0n,
    slashed: 0n,
  });
  const datanetRollups = (buckets: bigint[]) =>
    buckets.flatMap((bucket) =>
      times(3, (n) => ({ datanetId: BigInt(n + 1), bucket, submitted: n, rowsAccepted: 3n, attributed: OPEN })),
    );
  const modelRollups = (buckets: bigint[]) =>
    buckets.flatMap((bucket) => times(2, (n) => ({ modelId: BigInt(n + 1), bucket, ...rollup })));

  return {
    account: times(ACCOUNTS, (n) => ({
      address: address(n + 1),
      firstSeenBlock: BigInt(10 + Math.floor(n / 3)),
      firstSeenAt: at(10 + Math.floor(n / 3)),
      lastActiveAt: at(2000 + (n % 4)),
      events: n % 5,
    })),
    accountRoleDay: times(ACCOUNTS, (n) => ({
      account: address(1 + (n % 6)),
      role: n % 2 ? 'contributor' : 'payer',
      day: days[Math.floor(n / 4)]!,
      events: 1 + (n % 3),
    })),
    relayerAuthorization: times(5, (n) => ({
      account: contributors(n),
      relayer: address(9),
      expiresAt: n === 0 ? 2n ** 64n - 1n : at(9000),
      active: n !== 1,
      ...provenance(50 + Math.floor(n / 2)),
    })),
    datanet: times(3, (n) => ({
      id: BigInt(n + 1),
      owner: address(1 + (n % 2)),
      name: ['Licences', 'Node manuals', '100%_sure'][n]!,
      uri: `ipfs://datanet/${n + 1}`,
      uriHash: hash(n),
      visibility: n === 1 ? ('private' as const) : ('public' as const),
      status: 'active' as const,
      minBond: OPEN,
      scoreThreshold: OPEN / 2n,
      quorum: 2,
      reviewWindow: 600n,
      contributions: contribution.filter(({ datanetId }) => datanetId === BigInt(n + 1)).length,
      contributors: 5,
      rows: n === 0 ? MAX : 100n,
      latestVersion: 2,
      attributed: MAX - BigInt(n),
      ...provenance(60 + n),
    })),
    datanetVersion: times(6, (n) => ({
      datanetId: BigInt(1 + (n % 3)),
      version: 1 + Math.floor(n / 3),
      dataRoot: hash(200 + n),
      contributions: 5n,
      rows: 50n,
      uri: `ipfs://version/${n}`,
      ...provenance(300 + Math.floor(n / 2)),
    })),
    datanetValidator: times(6, (n) => ({
      datanetId: BigInt(1 + (n % 3)),
      validator: address(6 + Math.floor(n / 3)),
      active: true,
      ...provenance(70),
    })),
    datanetAccess: times(4, (n) => ({
      datanetId: 2n,
      grantee: address(3 + n),
      status: (['requested', 'granted', 'revoked', 'granted'] as const)[n]!,
      purpose: 'to train a model',
      expiresAt: n === 0 ? 0n : at(8000),
      ...provenance(80 + Math.floor(n / 2)),
    })),
    datanetContributor: times(15, (n) => ({
      datanetId: BigInt(1 + (n % 3)),
      contributor: address(1 + Math.floor(n / 3)),
      submitted: 3,
      accepted: n % 2,
      rows: 30n,
      penalty: 0n,
      attributed: BigInt(n % 4) * OPEN,
      lastSubmittedAt: at(100 + n),
      ...provenance(100 + (n % 5)),
    })),
    contribution,
    contributionScore: times(CONTRIBUTIONS * 2, (n) => ({
      contributionId: BigInt(1 + Math.floor(n / 2)),
      validator: address(6 + (n % 2)),
      datanetId: datanetOf(Math.floor(n / 2)),
      commitment: hash(3000 + n),
      score: n % 10 < 2 ? null : OPEN / 2n,
      evidenceHash: n % 10 < 2 ? null : hash(3),
      revealedAt: n % 10 < 2 ? null : at(150),
      ...provenance(120 + (n % 4)),
    })),
    model: times(2, (n) => ({
      id: BigInt(n + 1),
      owner: address(8),
      baseModelId: hash(42),
      name: ['Licence helper', 'Manual reader'][n]!,
      uri: `ipfs://model/${n + 1}`,
      status: 'active' as const,
      inPer1k: OPEN / 1000n,
      outPer1k: OPEN / 500n,
      latestVersion: 2,
      inferences: BigInt(inference.filter(({ modelId }) => modelId === BigInt(n + 1)).length),
      inTokens: 1000n,
      outTokens: 300n,
      fees: 30n * OPEN,
      ...provenance(400),
    })),
    modelVersion: times(4, (n) => ({
      modelId: BigInt(1 + (n % 2)),
      version: 1 + Math.floor(n / 2),
      adapterHash: hash(400 + n),
      adapterUri: `ipfs://adapter/${n}`,
      manifestHash: hash(500 + n),
      rank: 8,
      ...provenance(410 + Math.floor(n / 2)),
    })),
    modelTraining: times(6, (n) => ({
      modelId: BigInt(1 + (n % 2)),
      modelVersion: 1 + (Math.floor(n / 2) % 2),
      datanetId: BigInt(1 + (n % 3)),
      datanetVersion: 1,
      dataRoot: hash(200 + (n % 3)),
      ...provenance(410),
    })),
    modelEvaluation: times(5, (n) => ({
      ...event(420 + Math.floor(n / 2), n),
      modelId: BigInt(1 + (n % 2)),
      benchmarkId: hash(77),
      version: 1,
      score: (OPEN * BigInt(n % 3)) / 3n,
      uri: 'ipfs://evaluation',
    })),
    worker: times(2, (n) => ({
      address: address(10 + n),
      operator: address(8),
      endpoint: `https://worker-${n + 1}.example`,
      deployments: 2,
      inferences: BigInt(n === 0 ? INFERENCES : 0),
      earned: 3n * OPEN,
      ...provenance(430),
    })),
    deployment: times(4, (n) => ({
      modelId: BigInt(1 + (n % 2)),
      worker: address(10 + Math.floor(n / 2)),
      version: 1,
      active: n !== 3,
      undeployedAt: n === 3 ? at(900) : null,
      ...provenance(440 + (n % 2)),
    })),
    escrowAccount: times(4, (n) => ({
      account: address(1 + n),
      balance: BigInt(n % 2) * OPEN,
      deposited: 10n * OPEN,
      spent: 2n * OPEN,
      withdrawn: 0n,
      pendingWithdrawal: n === 1 ? OPEN : 0n,
      withdrawableAt: n === 1 ? at(9000) : 0n,
      earned: OPEN,
      earningsWithdrawn: 0n,
      ...provenance(450),
    })),
    inference,
    feeSplit: times(2, (n) => ({
      ...event(5 + n, 0),
      platformBps: 500,
      modelBps: 3000,
      workerBps: 2500,
      stakersBps: 500,
      contributorsBps: 3500,
    })),
    algorithm: times(2, (n) => ({
      id: hash(90 + n),
      active: n === 0,
      uri: 'ipfs://algorithm',
      uriHash: hash(1),
      ...provenance(6),
    })),
    attributionBatch: times(3, (n) => ({
      id: BigInt(n + 1),
      worker: address(10),
      algorithmId: hash(90),
      root: hash(700 + n),
      evidenceHash: hash(710 + n),
      uri: 'ipfs://evidence',
      requests: 5,
      challengeDeadline: at(1200 + n),
      status: (['finalized', 'posted', 'revoked'] as const)[n]!,
      attributed: 5n * OPEN,
      unattributed: OPEN,
      disputeId: n === 2 ? 2n : null,
      closedAt: n === 1 ? null : at(1300),
      ...provenance(1100 + n),
    })),
    attributionRequest: inference.slice(0, 14).map(({ requestId, modelId, batchId }, n) => ({
      batchId: batchId!,
      requestId,
      modelId,
      contributions: 3,
      attributed: OPEN,
      unattributed: 1000n,
      status: n < 8 ? ('final' as const) : ('posted' as const),
      ...provenance(1100 + Math.floor(n / 5)),
    })),
    attribution: inference.slice(0, 14).flatMap(({ requestId, batchId, modelId }, n) =>
      times(3, (k) => {
        const given = contribution[(n * 3 + k) % CONTRIBUTIONS]!;
        return {
          batchId: batchId!,
          requestId,
          contributionId: given.id,
          modelId,
          datanetId: given.datanetId,
          contributor: given.contributor,
          amount: n === 0 && k === 0 ? MAX : BigInt(k % 2) * OPEN,
          sharePpm: 333_333,
          status: n < 8 ? ('final' as const) : ('posted' as const),
          ...provenance(1100 + Math.floor(n / 5)),
        };
      }),
    ),
    epoch: times(3, (n) => ({
      id: BigInt(n + 1),
      start: at(1000 + n * 100),
      end: at(1100 + n * 100),
      total: OPEN * BigInt(n % 2),
      status: (['accepted', 'proposed', 'closed'] as const)[n]!,
      root: n === 2 ? null : hash(800 + n),
      ...provenance(1200 + n),
    })),
    rewardRoot: times(3, (n) => ({
      ...event(1250 + n, 1),
      epochId: BigInt(1 + Math.floor(n / 2)),
      root: hash(800 + Math.floor(n / 2)),
      ipfsHash: hash(820 + n),
      uri: 'ipfs://tree',
      validAt: at(1400),
      proposer: address(1),
      status: (['revoked', 'accepted', 'proposed'] as const)[n]!,
    })),
    claim: times(5, (n) => ({
      ...event(1500 + Math.floor(n / 2), n),
      account: contributors(n),
      amount: OPEN * BigInt(1 + (n % 2)),
      cumulative: OPEN * 2n,
    })),
    rewardAccount: times(5, (n) => ({
      account: contributors(n),
      attributed: OPEN * BigInt(n % 2),
      claimed: OPEN,
      claims: 1,
      ...provenance(1500),
    })),
    stake: times(6, (n) => ({
      id: BigInt(n + 1),
      account: address(1 + (n % 4)),
      roleId: hash(60),
      role: (['contributor', 'validator', 'worker', 'disputer', 'validator', 'other'] as const)[n]!,
      targetId: BigInt(n),
      amount: OPEN * BigInt(n % 2),
      staked: OPEN,
      withdrawn: 0n,
      slashed: 0n,
      pendingUnstake: 0n,
      availableAt: 0n,
      ...provenance(500 + (n % 2)),
    })),
    slash: times(3, (n) => ({
      ...event(1600, n),
      stakeId: BigInt(1 + n),
      account: address(1 + n),
      disputeId: BigInt(n),
      amount: OPEN,
      beneficiary: address(12),
    })),
    stakerReward: times(4, (n) => ({
      ...event(1610 + (n % 2), n),
      account: address(1 + n),
      amount: OPEN * BigInt(n % 2),
    })),
    dispute: times(4, (n) => ({
      id: BigInt(n + 1),
      initiator: address(1 + (n % 2)),
      targetType: (['contribution', 'attribution_batch', 'reward_root', 'worker'] as const)[n]!,
      targetId: [hash(4), hash(3), hash(800), hash(10)][n]!,
      tag: hash(99),
      evidenceHash: hash(98),
      uri: 'ipfs://evidence',
      bond: OPEN,
      deadline: at(1700),
      status: (['open', 'upheld', 'rejected', 'open'] as const)[n]!,
      slashed: 0n,
      resolvedAt: null,
      counters: 1,
      ...provenance(1550),
    })),
    disputeCounter: times(4, (n) => ({
      ...event(1560, n),
      disputeId: BigInt(n + 1),
      by: address(5),
      evidenceHash: hash(97),
      uri: 'ipfs://counter',
    })),
    proposal: times(3, (n) => ({
      id: n === 0 ? MAX : BigInt(n),
      eventId: eventOf(1700 + n, 0),
      proposer: address(1),
      description: `Proposal ${n + 1}`,
      actions: [{ target: address(12), value: MAX.toString(), signature: '', calldata: '0x1234' }],
      voteStart: at(1800),
      voteEnd: at(1900),
      status: (['created', 'executed', 'queued'] as const)[n]!,
      eta: n === 0 ? null : at(2000),
      forVotes: OPEN,
      againstVotes: 0n,
      abstainVotes: 0n,
      voters: 2,
      ...provenance(1700 + n),
    })),
    vote: times(6, (n) => ({
      proposalId: n % 3 === 0 ? MAX : BigInt(n % 3),
      voter: address(1 + Math.floor(n / 3)),
      support: n % 2 ? ('for' as const) : ('against' as const),
      weight: OPEN,
      reason: '',
      params: null,
      ...provenance(1800 + (n % 2)),
    })),
    timelockCall: times(3, (n) => ({
      operationId: hash(900 + Math.floor(n / 2)),
      callIndex: n % 2,
      target: address(12),
      value: 0n,
      data: '0x12' as const,
      predecessor: hash(0),
      salt: hash(0),
      delay: 60n,
      status: 'scheduled' as const,
      ...provenance(1900),
    })),
    parameter: times(3, (n) => ({
      contract: address(100 + (n % 2)),
      key: `0x${n}`,
      name: ['minBond', 'quorum', 'window'][n]!,
      contractName: 'StakeManager',
      value: 5n,
      ...provenance(7),
    })),
    roleMember: times(3, (n) => ({
      contract: address(100),
      roleId: hash(60 + n),
      account: address(1 + (n % 2)),
      role: 'PAUSER_ROLE',
      contractName: 'StakeManager',
      active: true,
      ...provenance(7),
    })),
    pauseState: times(2, (n) => ({
      contract: address(100 + n),
      contractName: 'StakeManager',
      paused: false,
      ...provenance(7),
    })),
    token: times(2, (n) => ({
      address: address(200 + n),
      symbol: ['OPEN', 'GOPEN'][n]!,
      totalSupply: 10n ** 27n,
      holders: 6,
      transfers: 9n,
      ...provenance(1),
    })),
    tokenBalance: times(12, (n) => ({
      token: address(200 + (n % 2)),
      account: address(1 + Math.floor(n / 2)),
      balance: n === 0 ? MAX : OPEN * BigInt(n % 3),
      votes: OPEN,
      delegate: n % 2 ? address(1) : null,
      ...provenance(20 + (n % 3)),
    })),
    tokenTransfer: times(9, (n) => ({
      ...event(30 + Math.floor(n / 3), n),
      token: address(200 + (n % 2)),
      from: address(1 + (n % 3)),
      to: address(2 + (n % 3)),
      amount: OPEN * BigInt(n % 2),
    })),
    allowance: times(3, (n) => ({
      token: address(200),
      owner: address(1 + (n % 2)),
      spender: address(100 + n),
      approved: MAX,
      ...provenance(40),
    })),
    vestingWallet: times(3, (n) => ({
      address: address(300 + n),
      beneficiary: address(1 + (n % 2)),
      name: ['team', 'investors', 'community'][n]!,
      start: at(0),
      cliff: at(100),
      end: at(9000),
      allocation: OPEN * 100n,
      released: OPEN,
      releases: 2,
      ...provenance(2),
    })),
    vestingRelease: times(4, (n) => ({
      ...event(2000 + Math.floor(n / 2), n),
      wallet: address(300 + (n % 2)),
      token: address(200),
      amount: OPEN,
    })),
    activity: times(60, (n) => ({
      id: eventOf(100 + Math.floor(n / 4), n),
      chainId: CHAIN_ID,
      block: BigInt(100 + Math.floor(n / 4)),
      timestamp: at(100 + Math.floor(n / 4)),
      txHash: hash(100 + Math.floor(n / 4)),
      logIndex: n % 4,
      contract: address(100),
      contractName: 'DatanetRegistry',
      event: n % 2 ? 'ContributionSubmitted' : 'ContributionScored',
      actor: contributors(n),
      subjectType: 'contribution',
      subjectId: String(1 + (n % CONTRIBUTIONS)),
      args: { contributionId: String(1 + (n % CONTRIBUTIONS)), bond: MAX.toString() },
    })),
    protocolHour: hours.map(protocolRollup),
    protocolDay: days.map(protocolRollup),
    datanetHour: datanetRollups(hours),
    datanetDay: datanetRollups(days),
    modelHour: modelRollups(hours),
    modelDay: modelRollups(days),
  } as Rows;
}

/** Makes the chain schema in an empty database and fills it with `world`, indexed up to `INDEXED`. */
export async function seed(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  try {
    for (const statement of chainDdl()) await client.unsafe(statement);
    const db = drizzle({ client });
    const rows = world();
    for (const [name, table] of Object.entries(chainTables)) {
      await db.insert(table as PgTable).values(rows[name as keyof Rows] as never);
    }
    const checkpoint = checkpointOf(CHAIN_ID, INDEXED.block, INDEXED.timestamp);
    await client`insert into chain._ponder_checkpoint
      values ('openledger', ${CHAIN_ID.toString()}, ${checkpoint}, ${checkpoint}, ${checkpoint})`;
    await client.unsafe(`insert into chain._ponder_meta values ('app', '{"is_ready": 1}')`);
    await client.unsafe('analyze');
  } finally {
    await client.end();
  }
}
