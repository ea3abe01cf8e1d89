import { contractAbis } from '@openledger/protocol/abi';
import { decodeFunctionData, type Hex } from 'viem';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startApi, type TestApi } from './client.ts';
import { address } from './world.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi(inject('seededUrl'), { relayerAddress: address(77) });
});
afterAll(() => api.stop());

type Prepared = { to: string; data: Hex; value: string; chainId: string; summary: string; warning: string | null };
const from = address(1);
const abi = Object.values(contractAbis).flat() as never;

/** Asks for a transaction and reads its calldata back. */
async function prepare(field: string) {
  const { p } = await api.data<{ p: Prepared }>(
    `{ p: ${field} { to data value chainId summary warning gas approval { summary } } }`,
  );
  const { functionName, args } = decodeFunctionData({ abi, data: p.data }) as {
    functionName: string;
    args?: readonly unknown[];
  };
  return { ...p, functionName, args: args ?? [] };
}

test.each([
  'prepareCreateDatanet(from: $F, name: "Manuals", uri: "ipfs://m", visibility: PRIVATE, rules: { minBond: "5000000000000000000", scoreThreshold: "600000000000000000", quorum: 3, reviewWindow: 86400 })',
  'prepareSetRules(from: $F, datanetId: 1, rules: { minBond: 0, scoreThreshold: 0, quorum: 0, reviewWindow: 60 })',
  'prepareSetStatus(from: $F, datanetId: 1, status: PAUSED)',
  'prepareSetValidator(from: $F, datanetId: 1, validator: $F, active: true)',
  'prepareDecideContribution(from: $F, contributionId: 4, accept: false, reason: "OFF_TOPIC")',
  'prepareWithdrawContribution(from: $F, contributionId: 4)',
  'prepareRequestAccess(from: $F, datanetId: 1, purpose: "Research")',
  'prepareGrantAccess(from: $F, datanetId: 1, grantee: $F, expiresAt: "2030-01-01T00:00:00Z")',
  'prepareRevokeAccess(from: $F, datanetId: 1, grantee: $F)',
  'prepareAuthorizeRelayer(from: $F, expiresAt: "2030-01-01T00:00:00Z")',
  'prepareRevokeRelayer(from: $F, relayer: $F)',
  'prepareStake(from: $F, role: VALIDATOR, targetId: 1, amount: "1500000000000000000")',
  'prepareUnstake(from: $F, stakeId: 2, amount: 0)',
  'prepareWithdrawStake(from: $F, stakeId: 2)',
  'prepareClaimStakerReward(from: $F)',
  'prepareDeposit(from: $F, amount: 7)',
  'prepareRequestWithdrawal(from: $F, amount: 7)',
  'prepareWithdrawDeposit(from: $F)',
  'prepareWithdrawEarnings(from: $F)',
  'prepareVote(from: $F, proposalId: 9, support: FOR)',
  'prepareVote(from: $F, proposalId: 9, support: AGAINST, reason: "Too early")',
  'prepareDelegate(from: $F)',
  'prepareWrap(from: $F, amount: 5)',
  'prepareUnwrap(from: $F, amount: 5)',
  'prepareCounterDispute(from: $F, disputeId: 3, evidence: "ipfs://e")',
])('%s makes the call it says it makes, and says when it could not be tried', async (field) => {
  const prepared = await prepare(field.replaceAll('$F', `"${from}"`));
  expect(prepared).toMatchSnapshot();
});

test('a version holds every accepted contribution of its datanet, by the root that the contract checks proofs against', async () => {
  const { datanets } = await api.data<{
    datanets: { nodes: { contributions: { nodes: { contributionId: string; rowCount: string }[] } }[] };
  }>(
    '{ datanets(first: 1, filter: { datanetId: { eq: 2 } }) { nodes { contributions(first: 100, filter: { status: { eq: ACCEPTED } }) { nodes { contributionId rowCount } } } } }',
  );
  const accepted = datanets.nodes[0]!.contributions.nodes;
  const { functionName, args } = await prepare(`preparePublishVersion(from: "${from}", datanetId: 2, uri: "ipfs://v")`);
  expect(functionName).toBe('publishVersion');
  expect(args[0]).toBe(2n);
  expect(args[2]).toBe(BigInt(accepted.length));
  expect(args[3]).toBe(accepted.reduce((sum, { rowCount }) => sum + BigInt(rowCount), 0n));
  const two = accepted.slice(0, 2).map(({ contributionId }) => `"${contributionId}"`);
  const some = await prepare(
    `preparePublishVersion(from: "${from}", datanetId: 2, uri: "ipfs://v", contributionIds: [${two}])`,
  );
  expect(some.args[2]).toBe(2n);
  expect(some.args[1]).not.toBe(args[1]);
});

test.each([
  ['prepareStake(role: WORKER, targetId: 1, amount: 5)', 'BAD_USER_INPUT', /from is missing/],
  ['prepareStake(from: $F, role: WORKER, targetId: 1, amount: 0)', 'BAD_USER_INPUT', /amount is 0/],
  [
    'prepareSetRules(from: $F, datanetId: 1, rules: { minBond: 0, scoreThreshold: "1000000000000000001", quorum: 0, reviewWindow: 60 })',
    'BAD_USER_INPUT',
    /scoreThreshold is 1000000000000000001: expected 0 to 1e18/,
  ],
  [
    'preparePublishVersion(from: $F, datanetId: 2, uri: "x", contributionIds: [1000])',
    'BAD_USER_INPUT',
    /names 1000, which datanet 2 has not accepted/,
  ],
  ['preparePublishVersion(from: $F, datanetId: 99, uri: "x")', 'BAD_USER_INPUT', /no accepted contribution/],
  [
    'prepareDecideContribution(from: $F, contributionId: 1, accept: true, reason: "more than thirty-one bytes of it")',
    'BAD_USER_INPUT',
    /reason has 32 bytes: expected 31 at most/,
  ],
  [
    'prepareDispute(from: $F, target: { batchId: 1 }, tag: "X", evidence: "x")',
    'CHAIN_UNAVAILABLE',
    /No node of the chain answers/,
  ],
  ['prepareDispute(from: $F, target: {}, tag: "X", evidence: "x")', 'BAD_USER_INPUT', /exactly one/i],
])('%s is refused: %s', async (field, code, message) => {
  const { errors } = await api.ask(`{ ${field.replaceAll('$F', `"${from}"`)} { to } }`);
  expect(errors?.[0]?.message).toMatch(message);
  expect(errors?.[0]?.extensions.code).toBe(code);
});

test('a proof is given only where the leaves that the index knows make the accepted root', async () => {
  const { errors } = await api.ask(`{ rewardGrant(account: "${from}") { proof } }`);
  expect(errors?.[0]?.extensions.code).toMatch(/CONFLICT|NOT_FOUND/);
});
