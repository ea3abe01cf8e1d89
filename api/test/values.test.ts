import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { MAX } from './world.ts';

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
  ]);
});

test('rollups are the buckets of the range, oldest first', async () => {
  const data = await api.data(`{
    hours: protocolRollups(interval: HOUR, from: "2026-09-21T15:00:00Z", to: "2026-09-21T18:00:00Z") { bucket fees }
    datanet(id: 3) { days: rollups(interval: DAY) { bucket submitted } hours: rollups(interval: HOUR, to: "2026-09-21T15:00:00Z") { bucket } }
    model(id: 1) { rollups(interval: DAY, from: "2026-09-23T00:00:00Z") { bucket attributed } }
  }`);
  expect(data).toMatchSnapshot();
});
