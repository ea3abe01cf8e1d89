import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { address, hash, MAX, world } from './world.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'));
});
afterAll(() => api.stop());

const max = MAX.toString();

test('the largest amount is exact as a field, inside relations, in JSON, as input and in cursors', async () => {
  const data = await api.data(
    `query($max: BigInt!) {
      proposal(id: $max) { proposalId actions { value } }
      contribution(id: 2) { attributed datanet { attributed } }
      byFilter: contributions(filter: { attributed: { eq: $max } }) { nodes { contributionId attributed } }
      inside: datanet(id: 1) { contributions(first: 1, filter: { rowCount: { gte: $max } }) { nodes { rowCount bond } } }
      rollup: protocolRollups(interval: DAY, from: "2026-09-24T00:00:00Z") { attributed }
      activity(first: 1) { nodes { args } }
      tokenBalances(first: 1, orderBy: { field: TOKEN_ADDRESS, direction: ASC }) { nodes { balance } }
    }`,
    { max },
  );
  expect(data).toMatchObject({
    proposal: { proposalId: max, actions: [{ value: max }] },
    contribution: { attributed: max, datanet: { attributed: (MAX - 1n).toString() } },
    byFilter: { nodes: [{ contributionId: '2', attributed: max }] },
    inside: { contributions: { nodes: [{ rowCount: max, bond: max }] } },
    rollup: [{ attributed: max }],
    activity: { nodes: [{ args: { bond: max } }] },
    tokenBalances: { nodes: [{ balance: max }] },
  });

  const first = await api.data<{ attributions: { edges: { cursor: string; node: { amount: string } }[] } }>(
    '{ attributions(first: 1, orderBy: { field: AMOUNT, direction: DESC }) { edges { cursor node { amount } } } }',
  );
  expect(first.attributions.edges[0]!.node.amount).toBe(max);
  const next = await api.data<{ attributions: { nodes: { amount: string }[] } }>(
    'query($after: String) { attributions(first: 1, after: $after, orderBy: { field: AMOUNT, direction: DESC }) { nodes { amount } } }',
    { after: first.attributions.edges[0]!.cursor },
  );
  expect(next.attributions.nodes[0]!.amount).toBe('1000000000000000000');
});

test('a time is the second of its block; none is null, and no end is the last second there is', async () => {
  const data = await api.data(`{
    contribution(id: 1) { createdAt createdBlock decidedAt }
    forever: relayerAuthorizations(filter: { expiresAt: { gt: "2200-01-01T00:00:00Z" } }) { totalCount nodes { expiresAt } }
    asked: datanetAccess(filter: { status: { eq: REQUESTED } }) { nodes { expiresAt } }
    offset: contributions(filter: { createdAt: { eq: "2026-09-21T16:16:40+02:00" } }) { totalCount }
  }`);
  expect(data).toEqual({
    contribution: { createdAt: '2026-09-21T14:16:40Z', createdBlock: '100', decidedAt: null },
    forever: { totalCount: 1, nodes: [{ expiresAt: '+275760-09-13T00:00:00Z' }] },
    asked: { nodes: [{ expiresAt: null }] },
    offset: { totalCount: 3 },
  });
});

test('a dispute names what it is about, whichever kind it is', async () => {
  const { disputes } = await api.data<{ disputes: { nodes: unknown } }>(`{
    disputes(orderBy: { field: DISPUTE_ID, direction: ASC }) { nodes { target {
      ... on Contribution { contributionId datanet { name } }
      ... on AttributionBatch { batchId }
      ... on RewardRoot { root epoch { epochId } }
      ... on Worker { address endpoint }
    } } }
  }`);
  expect(disputes.nodes).toEqual([
    { target: { contributionId: '4', datanet: { name: 'Licences' } } },
    { target: { batchId: '3' } },
    { target: { root: `0x${(800).toString(16).padStart(64, '0')}`, epoch: { epochId: '1' } } },
    { target: { address: `0x${(10).toString(16).padStart(40, '0')}`, endpoint: 'https://worker-1.example' } },
    { target: { contributionId: '4', datanet: { name: 'Licences' } } },
  ]);
});

test('what can be disputed lists its disputes, and a dispute that lapsed is not one that was rejected', async () => {
  const data = await api.data(
    `query($root: Bytes32!, $worker: Address!) {
      contribution(id: 4) { disputes(orderBy: { field: DISPUTE_ID, direction: ASC }) {
        totalCount nodes { disputeId status contributionId batchId root workerAddress } } }
      undisputed: contribution(id: 3) { disputes { totalCount nodes { disputeId } } }
      attributionBatch(id: 3) { disputes { totalCount nodes { disputeId batchId } } }
      rewardRoots(filter: { root: { eq: $root } }) { nodes { disputes { totalCount nodes { disputeId root } } } }
      worker(address: $worker) { disputes { totalCount nodes { disputeId workerAddress } } }
      rejected: disputes(filter: { status: { eq: REJECTED } }) { nodes { disputeId } }
      expired: disputes(filter: { status: { eq: EXPIRED } }) { nodes { disputeId } }
    }`,
    { root: hash(800), worker: address(10) },
  );
  const none = { contributionId: null, batchId: null, root: null, workerAddress: null };
  const onRoot = { disputes: { totalCount: 1, nodes: [{ disputeId: '3', root: hash(800) }] } };
  expect(data).toEqual({
    contribution: {
      disputes: {
        totalCount: 2,
        nodes: [
          { ...none, disputeId: '1', status: 'OPEN', contributionId: '4' },
          { ...none, disputeId: '5', status: 'EXPIRED', contributionId: '4' },
        ],
      },
    },
    undisputed: { disputes: { totalCount: 0, nodes: [] } },
    attributionBatch: { disputes: { totalCount: 1, nodes: [{ disputeId: '2', batchId: '3' }] } },
    rewardRoots: { nodes: [onRoot, onRoot] },
    worker: { disputes: { totalCount: 1, nodes: [{ disputeId: '4', workerAddress: address(10) }] } },
    rejected: { nodes: [{ disputeId: '3' }] },
    expired: { nodes: [{ disputeId: '5' }] },
  });
});

test('an account shows what it carried for others, the roots it proposed and the stake it received', async () => {
  const rows = world();
  const relayed = rows.contribution.filter(
    ({ relayer, contributor }) => relayer === address(9) && contributor !== relayer,
  );
  const asked = `relayedContributions(first: 100) { totalCount nodes { relayerAddress contributorAddress } }
    proposedRoots { totalCount nodes { proposerAddress } } slashesReceived { totalCount nodes { beneficiaryAddress } }`;
  const data = await api.data(
    `query($relayer: Address!, $proposer: Address!, $beneficiary: Address!) {
      relayer: account(address: $relayer) { ${asked} }
      proposer: account(address: $proposer) { ${asked} }
      beneficiary: account(address: $beneficiary) { ${asked} }
    }`,
    { relayer: address(9), proposer: address(1), beneficiary: address(12) },
  );
  const none = { totalCount: 0, nodes: [] };
  const nothing = { relayedContributions: none, proposedRoots: none, slashesReceived: none };
  const threeOf = (row: object) => ({ totalCount: 3, nodes: [row, row, row] });
  expect(data).toEqual({
    relayer: {
      ...nothing,
      relayedContributions: {
        totalCount: relayed.length,
        nodes: relayed
          .map(({ contributor }) => ({ relayerAddress: address(9), contributorAddress: contributor }))
          .reverse(),
      },
    },
    // Its own contributions, sent by itself, are not relayed ones.
    proposer: { ...nothing, proposedRoots: threeOf({ proposerAddress: address(1) }) },
    beneficiary: { ...nothing, slashesReceived: threeOf({ beneficiaryAddress: address(12) }) },
  });
});

test('what OpenLedger’s published contracts say is served with the chain it is from, and how fresh that is', async () => {
  const data = await api.data(
    `query($open: Address!, $gopen: Address!, $max: BigInt!) {
      _meta { chains { chainId name block timestamp } }
      open: publishedToken(chainId: 1, address: $open) { symbol totalSupply wrapped }
      elsewhere: publishedToken(chainId: 1612, address: $open) { symbol }
      gopen: publishedToken(chainId: 1612, address: $gopen) {
        contractName wrapped
        balances(orderBy: { field: BALANCE, direction: DESC }) { totalCount nodes { accountAddress balance votes } }
        transfers { totalCount nodes { kind token { symbol } } }
      }
      publishedProposal(chainId: 1612, id: $max) {
        status voteStart voteEnd eta actions { value } votes { totalCount nodes { support params } }
      }
      publishedStaking(chainId: 1612, id: $max) { status unstakedAt commitments { totalCount nodes { staking { stakingId } } } }
      account(address: "0x0000000000000000000000000000000000000001") { balances { totalCount } }
    }`,
    { open: address(400), gopen: address(402), max },
  );
  expect(data).toEqual({
    _meta: {
      chains: [
        { chainId: '1612', name: 'l2', block: '77', timestamp: '2027-01-15T07:59:00Z' },
        { chainId: '31337', name: 'openledger', block: '5000', timestamp: '2027-01-15T08:00:00Z' },
      ],
    },
    open: { symbol: 'OPEN', totalSupply: max, wrapped: '0' },
    elsewhere: null,
    gopen: {
      contractName: 'L2Gopen',
      wrapped: '9000000000000000000',
      balances: {
        totalCount: 3,
        nodes: [
          { accountAddress: address(2), balance: '1000000000000000000', votes: '1000000000000000000' },
          { accountAddress: address(3), balance: '0', votes: '1000000000000000000' },
          { accountAddress: address(1), balance: '0', votes: '1000000000000000000' },
        ],
      },
      transfers: {
        totalCount: 3,
        nodes: ['WITHDRAWAL', 'DEPOSIT', 'TRANSFER'].map((kind) => ({ kind, token: { symbol: 'GOPEN' } })),
      },
    },
    publishedProposal: {
      status: 'CREATED',
      voteStart: '1800',
      voteEnd: max,
      eta: null,
      actions: [{ value: max }],
      votes: {
        totalCount: 2,
        nodes: [
          { support: 'OTHER', params: '0x12' },
          { support: 'FOR', params: null },
        ],
      },
    },
    publishedStaking: {
      status: 'STAKED',
      unstakedAt: null,
      commitments: { totalCount: 2, nodes: [{ staking: { stakingId: max } }, { staking: { stakingId: max } }] },
    },
    // What an account has on other chains is no part of what it has in the protocol.
    account: { balances: { totalCount: 2 } },
  });
});

test('rollups are the buckets of the range, oldest first', async () => {
  const data = await api.data(`{
    hours: protocolRollups(interval: HOUR, from: "2026-09-21T15:00:00Z", to: "2026-09-21T18:00:00Z") { bucket fees }
    datanet(id: 3) { days: rollups(interval: DAY) { bucket submitted } hours: rollups(interval: HOUR, to: "2026-09-21T15:00:00Z") { bucket } }
    model(id: 1) { rollups(interval: DAY, from: "2026-09-23T00:00:00Z") { bucket attributed } }
  }`);
  expect(data).toMatchSnapshot();
});
