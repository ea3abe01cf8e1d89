import type { Hex } from '@openledger/db/chain';
import { datanetTree, rewardTree } from '@openledger/protocol';
import { coreContracts } from '@openledger/protocol/deploy';
import { id as keccakOf } from 'ethers';
import { address, CHAIN_ID, hash, type Rows } from './world.ts';

const OPEN = 10n ** 18n;
/** A block every two seconds, from 2026-09-21T13:46:40Z. */
const at = (block: number) => 1_790_000_000n + BigInt(block) * 2n;
const DAY = 43_200;

const person = (name: string): Hex => `0x${keccakOf(name).slice(-40)}`;
export const people = {
  alice: person('alice'),
  bruno: person('bruno'),
  chiara: person('chiara'),
  dora: person('dora'),
  emil: person('emil'),
  farid: person('farid'),
  hana: person('hana'),
  worker: person('worker'),
};
const { alice, bruno, chiara, dora, emil, farid, hana, worker } = people;
const contract = (name: (typeof coreContracts)[number]) => address(200 + coreContracts.indexOf(name));

const provenance = (block: number, changed = block) => ({
  createdBlock: BigInt(block),
  createdAt: at(block),
  createdTx: keccakOf(`transaction ${block}`) as Hex,
  updatedBlock: BigInt(changed),
  updatedAt: at(changed),
});
const event = (block: number, log = 0) => ({
  id: `${at(block)}${CHAIN_ID.toString().padStart(16, '0')}${String(block).padStart(16, '0')}${'0'.repeat(16)}5${String(log).padStart(16, '0')}`,
  block: BigInt(block),
  timestamp: at(block),
  txHash: keccakOf(`transaction ${block}`) as Hex,
});

/** What was contributed: question and answer, as its author wrote it. */
export const texts: readonly { datanet: bigint; by: Hex; status: 'accepted' | 'rejected' | 'pending'; text: string }[] =
  [
    {
      datanet: 1n,
      by: bruno,
      status: 'accepted',
      text: 'Q: Why can I not use a String after passing it to a function?\nA: Passing it moves it: the function owns it now and drops it at its end. Pass a reference, &s, to lend it instead.\n',
    },
    {
      datanet: 1n,
      by: chiara,
      status: 'accepted',
      text: 'Q: When do I need a lifetime on a struct?\nA: When it holds a reference: the lifetime says that the struct may not outlive what it points at.\n',
    },
    {
      datanet: 1n,
      by: bruno,
      status: 'accepted',
      text: 'Q: What does "cannot borrow as mutable more than once" protect me from?\nA: From two places changing the same data at a time, such as growing a Vec while an iterator still points into it.\n',
    },
    { datanet: 1n, by: chiara, status: 'rejected', text: 'Buy followers cheap.\n' },
    {
      datanet: 1n,
      by: chiara,
      status: 'accepted',
      text: 'Q: Rc or Arc?\nA: Rc within one thread. Arc counts atomically and may be shared between threads.\n',
    },
    {
      datanet: 1n,
      by: bruno,
      status: 'pending',
      text: 'Q: What is interior mutability?\nA: Changing a value through a shared reference, checked while running: RefCell panics on a second mutable borrow.\n',
    },
    {
      datanet: 2n,
      by: chiara,
      status: 'accepted',
      text: 'Berth 7, spring tide: hold at the outer buoy until the ferry has cleared the basin.\n',
    },
    {
      datanet: 2n,
      by: bruno,
      status: 'accepted',
      text: 'Fog below 200 m: two tugs, and the bow thruster is not to be relied on.\n',
    },
  ];
const contributionBlock = (n: number) => 200 + n * DAY * 0.25;

const hashes = texts.map(({ text }) => keccakOf(text) as Hex);
const treeOf = (ids: readonly number[]) =>
  datanetTree(ids.map((n) => ({ contributionId: BigInt(n), contentHash: hashes[n - 1]! })));
/** What is in each version: number of the datanet, number of the version, contributions. */
const versions = [
  { datanetId: 1n, version: 1, ids: [1, 2, 3], block: 40_000 },
  { datanetId: 1n, version: 2, ids: [1, 2, 3, 5], block: 70_000 },
  { datanetId: 2n, version: 1, ids: [7, 8], block: 95_000 },
];

/** Answers, and what each contribution's part in them is: wei of OPEN in thousandths. */
const answers = [
  {
    block: 100_000,
    inTokens: 48n,
    outTokens: 132n,
    parts: [
      [1, 400n],
      [3, 300n],
    ],
  },
  {
    block: 100_400,
    inTokens: 61n,
    outTokens: 90n,
    parts: [
      [2, 500n],
      [1, 200n],
    ],
  },
  { block: 101_000, inTokens: 35n, outTokens: 210n, parts: [[5, 700n]] },
  {
    block: 130_000,
    inTokens: 52n,
    outTokens: 75n,
    parts: [
      [1, 350n],
      [2, 350n],
    ],
  },
] as const;
const requestOf = (n: number) => keccakOf(`request ${n}`) as Hex;
const milli = (thousandths: bigint) => thousandths * 10n ** 15n;
const FINAL_ANSWERS = 3;

const attribution = answers.flatMap(({ parts }, n) =>
  parts.map(([contributionId, share]) => ({
    batchId: n < FINAL_ANSWERS ? 1n : 2n,
    requestId: requestOf(n),
    contributionId: BigInt(contributionId),
    modelId: 1n,
    datanetId: 1n,
    contributor: texts[contributionId - 1]!.by,
    amount: milli(share),
    sharePpm: Math.floor((Number(share) * 1_000_000) / 700),
    status: n < FINAL_ANSWERS ? ('final' as const) : ('posted' as const),
    ...provenance(n < FINAL_ANSWERS ? 102_000 : 131_000),
  })),
);
const earned = (by: Hex) =>
  attribution
    .filter((part) => part.status === 'final' && part.contributor === by)
    .reduce((sum, part) => sum + part.amount, 0n);
const rewardRoot = rewardTree(
  CHAIN_ID,
  contract('RewardDistributor'),
  [bruno, chiara].map((account) => ({ account, cumulativeAmount: earned(account) })),
).root;

const attributedTo = (n: number) =>
  attribution.filter((part) => part.status === 'final' && part.contributionId === BigInt(n));

/** A small community with sound numbers: every root is the one that follows from the rows, every sum adds up. */
export function community(): Partial<Rows> {
  const contribution = texts.map(({ datanet, by, status, text }, i) => {
    const n = i + 1;
    const block = contributionBlock(n);
    return {
      id: BigInt(n),
      datanetId: datanet,
      contributor: by,
      relayer: by,
      contentHash: hashes[i]!,
      uri: `openledger:content/${hashes[i]}`,
      licenseId: keccakOf('CC-BY-4.0') as Hex,
      rows: BigInt(text.split('\n').length - 1),
      bond: OPEN,
      status,
      score: status === 'accepted' ? (OPEN * BigInt(80 + n)) / 100n : 0n,
      reason: status === 'rejected' ? (keccakOf('SPAM') as Hex) : null,
      decidedAt: status === 'pending' ? null : at(block + 900),
      commits: status === 'pending' ? 0 : 2,
      scores: status === 'pending' ? 0 : 2,
      attributions: attributedTo(n).length,
      attributed: attributedTo(n).reduce((sum, { amount }) => sum + amount, 0n),
      ...provenance(block, status === 'pending' ? block : block + 900),
    };
  });
  const inDatanet = (id: bigint) => contribution.filter(({ datanetId }) => datanetId === id);
  const count = (id: bigint, status: string) => inDatanet(id).filter((row) => row.status === status).length;
  const activity = [
    [
      10,
      'DatanetRegistry',
      'DatanetCreated',
      alice,
      'datanet',
      '1',
      1n,
      null,
      { datanetId: '1', name: 'Rust Ownership Questions' },
    ],
    ...contribution.map((row) => [
      Number(row.createdBlock),
      'DatanetRegistry',
      'ContributionSubmitted',
      row.contributor,
      'contribution',
      `${row.id}`,
      row.datanetId,
      null,
      { contributionId: `${row.id}`, datanetId: `${row.datanetId}`, contributor: row.contributor },
    ]),
    ...versions.map(({ datanetId, version, block }) => [
      block,
      'DatanetRegistry',
      'DatanetVersionPublished',
      alice,
      'datanet',
      `${datanetId}`,
      datanetId,
      null,
      { datanetId: `${datanetId}`, version: `${version}` },
    ]),
    [72_000, 'ModelRegistry', 'ModelVersionPublished', farid, 'model', '1', null, 1n, { modelId: '1', version: '2' }],
    ...answers.map(({ block }, n) => [
      block,
      'InferenceEscrow',
      'InferenceSettled',
      hana,
      'inference',
      requestOf(n),
      null,
      1n,
      { requestId: requestOf(n), modelId: '1' },
    ]),
    [
      120_000,
      'RewardDistributor',
      'Claimed',
      bruno,
      'account',
      bruno,
      null,
      null,
      { account: bruno, amount: `${earned(bruno)}` },
    ],
  ] as unknown as [
    number,
    string,
    string,
    Hex,
    string,
    string,
    bigint | null,
    bigint | null,
    Record<string, unknown>,
  ][];

  return {
    account: Object.values(people).map((account, n) => ({
      address: account,
      firstSeenBlock: BigInt(10 + n),
      firstSeenAt: at(10 + n),
      lastActiveAt: at(100_000 + n),
      events: activity.filter(([, , , actor]) => actor === account).length,
    })),
    datanet: [
      { id: 1n, name: 'Rust Ownership Questions', visibility: 'public' as const },
      { id: 2n, name: 'Port Pilot Reports', visibility: 'private' as const },
    ].map(({ id, name, visibility }) => ({
      id,
      owner: alice,
      name,
      uri: `openledger:content/${keccakOf(name)}`,
      uriHash: keccakOf(name) as Hex,
      visibility,
      status: 'active' as const,
      minBond: OPEN,
      scoreThreshold: (OPEN * 6n) / 10n,
      quorum: 2,
      reviewWindow: 3600n,
      contributions: inDatanet(id).length,
      pending: count(id, 'pending'),
      accepted: count(id, 'accepted'),
      rejected: count(id, 'rejected'),
      contributors: 2,
      rows: inDatanet(id)
        .filter(({ status }) => status === 'accepted')
        .reduce((sum, { rows }) => sum + rows, 0n),
      latestVersion: versions.filter(({ datanetId }) => datanetId === id).length,
      trainings: id === 1n ? 2 : 0,
      attributed: inDatanet(id).reduce((sum, { attributed }) => sum + attributed, 0n),
      ...provenance(10 + Number(id), 95_000),
    })),
    datanetVersion: versions.map(({ datanetId, version, ids, block }) => ({
      datanetId,
      version,
      dataRoot: treeOf(ids).root,
      contributions: BigInt(ids.length),
      rows: ids.reduce((sum, n) => sum + contribution[n - 1]!.rows, 0n),
      uri: `openledger:content/${hash(version)}`,
      ...provenance(block),
    })),
    datanetValidator: [1n, 2n].flatMap((datanetId) =>
      [dora, emil].map((validator) => ({
        datanetId,
        validator,
        active: true,
        commits: 5,
        scores: 5,
        ...provenance(20),
      })),
    ),
    datanetAccess: [
      {
        datanetId: 2n,
        grantee: farid,
        status: 'granted' as const,
        purpose: 'an assistant for pilots',
        expiresAt: 2n ** 40n,
        ...provenance(500),
      },
    ],
    datanetContributor: [bruno, chiara].map((contributor) => {
      const given = inDatanet(1n).filter((row) => row.contributor === contributor);
      const accepted = given.filter(({ status }) => status === 'accepted');
      return {
        datanetId: 1n,
        contributor,
        submitted: given.length,
        accepted: accepted.length,
        rejected: given.filter(({ status }) => status === 'rejected').length,
        rows: accepted.reduce((sum, { rows }) => sum + rows, 0n),
        penalty: 0n,
        attributed: given.reduce((sum, { attributed }) => sum + attributed, 0n),
        lastSubmittedAt: at(contributionBlock(6)),
        ...provenance(300),
      };
    }),
    contribution,
    contributionScore: contribution
      .filter(({ scores }) => scores > 0)
      .flatMap((row) =>
        [dora, emil].map((validator, k) => ({
          contributionId: row.id,
          validator,
          datanetId: row.datanetId,
          commitment: keccakOf(`score ${row.id} ${k}`) as Hex,
          score: row.status === 'rejected' ? OPEN / 10n : row.score + (k === 0 ? -OPEN / 100n : OPEN / 100n),
          evidenceHash: keccakOf(`notes ${row.id} ${k}`) as Hex,
          revealedAt: at(Number(row.createdBlock) + 800 + k),
          ...provenance(Number(row.createdBlock) + 100 + k, Number(row.createdBlock) + 800 + k),
        })),
      ),
    model: [
      {
        id: 1n,
        owner: farid,
        baseModelId: keccakOf('base') as Hex,
        name: 'Ownership Helper',
        uri: `openledger:content/${keccakOf('model')}`,
        status: 'active' as const,
        inPer1k: OPEN / 100n,
        outPer1k: OPEN / 50n,
        latestVersion: 2,
        deployments: 1,
        evaluations: 2,
        inferences: BigInt(answers.length),
        inTokens: 196n,
        outTokens: 507n,
        fees: OPEN * 8n,
        ...provenance(41_000, 130_000),
      },
    ],
    modelVersion: [1, 2].map((version) => ({
      modelId: 1n,
      version,
      adapterHash: keccakOf(`adapter ${version}`) as Hex,
      adapterUri: `openledger:content/${keccakOf(`adapter ${version}`)}`,
      manifestHash: keccakOf(`manifest ${version}`) as Hex,
      rank: 8,
      ...provenance(version === 1 ? 42_000 : 72_000),
    })),
    modelTraining: [1, 2].map((version) => ({
      modelId: 1n,
      modelVersion: version,
      datanetId: 1n,
      datanetVersion: version,
      dataRoot: treeOf(versions[version - 1]!.ids).root,
      ...provenance(version === 1 ? 42_000 : 72_000),
    })),
    modelEvaluation: [1, 2].map((version) => ({
      ...event(version === 1 ? 42_500 : 72_500),
      modelId: 1n,
      benchmarkId: keccakOf('rust-quiz') as Hex,
      version,
      score: (OPEN * (version === 1 ? 61n : 74n)) / 100n,
      uri: 'openledger:content/evaluation',
    })),
    worker: [
      {
        address: worker,
        operator: farid,
        endpoint: 'https://worker.example',
        deployments: 1,
        inferences: BigInt(answers.length),
        earned: OPEN * 2n,
        ...provenance(41_500),
      },
    ],
    deployment: [{ modelId: 1n, worker, version: 2, active: true, ...provenance(73_000) }],
    inference: answers.map(({ block, inTokens, outTokens }, n) => ({
      requestId: requestOf(n),
      eventId: event(block).id,
      modelId: 1n,
      worker,
      payer: hana,
      version: 2,
      inTokens,
      outTokens,
      fee: OPEN * 2n,
      outputHash: keccakOf(`output ${n}`) as Hex,
      platformFee: milli(100n),
      modelFee: milli(600n),
      workerFee: milli(500n),
      stakersFee: milli(100n),
      contributorsFee: milli(700n),
      attributionStatus: n < FINAL_ANSWERS ? ('final' as const) : ('posted' as const),
      batchId: n < FINAL_ANSWERS ? 1n : 2n,
      unattributed: 0n,
      ...provenance(block),
    })),
    algorithm: [
      {
        id: keccakOf('influence') as Hex,
        active: true,
        uri: 'openledger:content/influence',
        uriHash: keccakOf('influence uri') as Hex,
        ...provenance(5),
      },
    ],
    attributionBatch: [
      {
        id: 1n,
        requests: 3,
        status: 'finalized' as const,
        block: 102_000,
        closedAt: at(110_000),
        attributed: milli(2100n),
      },
      { id: 2n, requests: 1, status: 'posted' as const, block: 131_000, closedAt: null, attributed: milli(700n) },
    ].map(({ block, id, ...row }) => ({
      ...row,
      id,
      worker,
      algorithmId: keccakOf('influence') as Hex,
      root: keccakOf(`batch ${id}`) as Hex,
      evidenceHash: keccakOf(`evidence ${id}`) as Hex,
      uri: `openledger:content/${keccakOf(`evidence ${id}`)}`,
      challengeDeadline: at(block + 7_000),
      unattributed: 0n,
      ...provenance(block),
    })),
    attributionRequest: answers.map((_, n) => ({
      batchId: n < FINAL_ANSWERS ? 1n : 2n,
      requestId: requestOf(n),
      modelId: 1n,
      contributions: answers[n]!.parts.length,
      attributed: milli(700n),
      unattributed: 0n,
      status: n < FINAL_ANSWERS ? ('final' as const) : ('posted' as const),
      ...provenance(n < FINAL_ANSWERS ? 102_000 : 131_000),
    })),
    attribution,
    epoch: [
      {
        id: 1n,
        start: at(0),
        end: at(112_000),
        total: milli(2100n),
        status: 'accepted' as const,
        root: rewardRoot,
        ...provenance(112_000, 118_000),
      },
    ],
    rewardRoot: [
      {
        ...event(112_500),
        epochId: 1n,
        root: rewardRoot,
        ipfsHash: keccakOf('tree') as Hex,
        uri: 'openledger:content/tree',
        validAt: at(118_000),
        proposer: alice,
        status: 'accepted' as const,
      },
    ],
    claim: [{ ...event(120_000), account: bruno, amount: earned(bruno), cumulative: earned(bruno) }],
    rewardAccount: [
      { account: bruno, attributed: earned(bruno), claimed: earned(bruno), claims: 1, ...provenance(110_000, 120_000) },
      { account: chiara, attributed: earned(chiara), claimed: 0n, claims: 0, ...provenance(110_000) },
    ],
    stake: [
      {
        id: 1n,
        account: dora,
        roleId: keccakOf('VALIDATOR') as Hex,
        role: 'validator' as const,
        targetId: 1n,
        amount: OPEN * 500n,
        staked: OPEN * 500n,
        withdrawn: 0n,
        slashed: 0n,
        pendingUnstake: 0n,
        availableAt: 0n,
        ...provenance(30),
      },
    ],
    escrowAccount: [
      {
        account: hana,
        balance: OPEN * 92n,
        deposited: OPEN * 100n,
        spent: OPEN * 8n,
        withdrawn: 0n,
        pendingWithdrawal: 0n,
        withdrawableAt: 0n,
        earned: 0n,
        earningsWithdrawn: 0n,
        ...provenance(99_000),
      },
    ],
    proposal: [
      {
        id: 42n,
        eventId: event(60_000).id,
        proposer: alice,
        description: 'Lower the least bond of a contribution to 0.5 OPEN',
        actions: [],
        voteStart: at(61_000),
        voteEnd: at(80_000),
        status: 'executed' as const,
        eta: at(85_000),
        forVotes: OPEN * 700n,
        againstVotes: OPEN * 120n,
        abstainVotes: 0n,
        voters: 2,
        ...provenance(60_000, 86_000),
      },
    ],
    vote: [
      {
        proposalId: 42n,
        voter: alice,
        support: 'for' as const,
        weight: OPEN * 700n,
        reason: 'More people can take part.',
        params: null,
        ...provenance(62_000),
      },
      {
        proposalId: 42n,
        voter: emil,
        support: 'against' as const,
        weight: OPEN * 120n,
        reason: '',
        params: null,
        ...provenance(63_000),
      },
    ],
    token: [
      {
        address: contract('Open'),
        symbol: 'OPEN',
        totalSupply: OPEN * 1_000_000_000n,
        holders: 6,
        transfers: 31n,
        ...provenance(1),
      },
      {
        address: contract('GOPEN'),
        symbol: 'GOPEN',
        totalSupply: OPEN * 820n,
        holders: 2,
        transfers: 2n,
        ...provenance(1),
      },
    ],
    tokenBalance: [
      [alice, 2_000_000n],
      [bruno, 1_200n],
      [chiara, 900n],
      [dora, 400n],
      [address(300), 140_000_000n],
      [contract('TimelockController'), 600_000_000n],
    ].map(([account, amount]) => ({
      token: contract('Open'),
      account: account as Hex,
      balance: OPEN * (amount as bigint),
      votes: 0n,
      delegate: null,
      ...provenance(3),
    })),
    vestingWallet: [
      {
        address: address(300),
        beneficiary: address(301),
        name: 'team',
        start: 1_758_464_000n,
        cliff: 1_790_000_000n,
        end: 1_884_608_000n,
        allocation: OPEN * 150_000_000n,
        released: OPEN * 10_000_000n,
        releases: 1,
        ...provenance(2, 90_000),
      },
    ],
    vestingRelease: [{ ...event(90_000), wallet: address(300), token: contract('Open'), amount: OPEN * 10_000_000n }],
    activity: activity.map(([block, contractName, name, actor, subjectType, subjectId, datanetId, modelId, args]) => ({
      ...event(block),
      chainId: CHAIN_ID,
      logIndex: 0,
      contract: contract(contractName as never),
      contractName,
      event: name,
      actor,
      subjectType,
      subjectId,
      datanetId,
      modelId,
      args,
    })),
    accountRoleDay: daysOf(activity.map(([block, , name, actor]) => ({ name, actor, at: at(block) }))),
    protocolDay: [0, 1, 2].map((n) => ({
      bucket: 1_789_948_800n + BigInt(n) * 86_400n,
      events: [9, 7, 6][n]!,
      newAccounts: [6, 2, 0][n]!,
      activeAccounts: [5, 3, 2][n]!,
      contributionsSubmitted: [4, 3, 1][n]!,
      contributionsAccepted: [2, 3, 1][n]!,
      inferences: [0, 3, 1][n]!,
      rowsAccepted: 0n,
      fees: OPEN * BigInt([0, 6, 2][n]!),
      attributed: 0n,
      unattributed: 0n,
      claimed: 0n,
      deposited: 0n,
      staked: 0n,
      slashed: 0n,
      inTokens: 0n,
      outTokens: 0n,
    })),
  } as Partial<Rows>;
}

/** As what the one who causes an event acts. */
const roles: Readonly<Record<string, string>> = {
  DatanetCreated: 'datanet_owner',
  DatanetVersionPublished: 'datanet_owner',
  ContributionSubmitted: 'contributor',
  Claimed: 'contributor',
  ScoreCommitted: 'validator',
  ContributionScored: 'validator',
  ModelRegistered: 'builder',
  ModelVersionPublished: 'builder',
  AdapterDeployed: 'worker',
  InferenceSettled: 'worker',
};

/** Who acted as what on which UTC day. */
function daysOf(events: readonly { name: string; actor: Hex; at: bigint }[]) {
  const days = new Map<string, Rows['accountRoleDay'][number]>();
  for (const { name, actor, at } of events) {
    const role = roles[name];
    if (role === undefined) continue;
    const day = at - (at % 86_400n);
    const key = `${actor} ${role} ${day}`;
    days.set(key, { account: actor, role, day, events: (days.get(key)?.events ?? 0) + 1 });
  }
  return [...days.values()];
}
