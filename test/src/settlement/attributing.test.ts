import { getContent } from '@openledger/db';
import { canonicalJson, type Hex, receiptHash, receiptTree, rewardTree } from '@openledger/protocol';
import { batchSchema, paymentOf, rewardListSchema } from '@openledger/protocol/attribution';
import { encodeBytes32String, id, keccak256, parseEther, toUtf8Bytes } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asGovernance, pass } from './governance.ts';
import { act } from './ground.ts';
import { type IndexedGround, layIndexedGround, short } from './indexed.ts';
import { algorithm, keepReceipts, type Shares } from './receipts.ts';
import { startKeeping, startSettling } from './settling.ts';

let ground: IndexedGround;
beforeAll(async () => {
  ground = await layIndexedGround();
}, 120_000);
afterAll(() => ground?.stop());

const settle = async (more = {}) => {
  const settler = startSettling(ground.place, more);
  await settler.now();
  await settler.stop();
  await ground.indexed();
  return settler.figures();
};
const keep = async (more = {}) => {
  await ground.indexed();
  const keeper = startKeeping(ground.place, more);
  await keeper.now();
  await keeper.stop();
  await ground.indexed();
  return keeper.figures();
};
/** Answers that are settled and indexed. */
const answered = async (fees: readonly bigint[]): Promise<readonly Hex[]> => {
  const ids = await ground.answer(ground.payers[0]!, fees);
  await settle();
  return ids;
};
const view = (name: Parameters<IndexedGround['contract']>[0], method: string, ...args: readonly unknown[]) =>
  ground.contract(name).getFunction(method)(...args);
const partOf = async (requestId: Hex): Promise<bigint> =>
  (await view('InferenceEscrow', 'settled', requestId)).contributorsPart;
const batchesOf = async (ids: readonly Hex[]): Promise<readonly bigint[]> =>
  Promise.all(ids.map((requestId) => view('AttributionLedger', 'batchOf', requestId)));
const attributionsOf = async (requestId: Hex) =>
  ground.sql<{ id: bigint; amount: bigint }[]>`
    select contribution_id as id, amount from chain.attribution
    where request_id = ${requestId} and status <> 'revoked' order by contribution_id`;

test('receipts of settled answers go on chain in one batch, with their evidence for everybody, and pay by their shares', async () => {
  const ids = await answered([parseEther('0.1') + 7n, 10n, 1n]);
  const receipts = await keepReceipts(ground, ids, () => [
    [1, 333_333],
    [3, 333_333],
  ]);
  expect(await settle()).toMatchObject({ posted: 3, batches: 1, unposted: {} });
  const [batchId, ...others] = await batchesOf(ids);
  expect(others).toEqual([batchId, batchId]);

  const [batch] = await ground.sql<{ root: Hex; evidence: Hex; uri: string; algorithm: Hex }[]>`
    select root, evidence_hash as evidence, uri, algorithm_id as algorithm from chain.attribution_batch where id = ${`${batchId}`}::numeric`;
  expect(batch).toEqual({
    root: receiptTree(receipts.map(receiptHash)).root,
    evidence: expect.any(String),
    uri: `openledger:content/${batch!.evidence}`,
    algorithm,
  });
  const body = (await getContent(ground.db, batch!.evidence))!.body!;
  expect(keccak256(body)).toBe(batch!.evidence);
  const document = batchSchema.parse(JSON.parse(new TextDecoder().decode(body)));
  expect(document.entries.map(({ receipt }) => receipt)).toEqual(receipts);
  for (const { receipt, evidence } of document.entries) {
    expect(keccak256(toUtf8Bytes(canonicalJson(evidence)))).toBe(receipt.evidenceHash);
    const expected = paymentOf(await partOf(receipt.requestId), receipt, () => true);
    const paid = await attributionsOf(receipt.requestId);
    expect(paid.map(({ id }) => id)).toEqual(expected.contributionIds);
    expect(paid.map(({ amount }) => amount)).toEqual(expected.amounts);
  }

  // Which batch carries a receipt is read from the index, and is not posted again.
  expect(await settle()).toMatchObject({ posted: 0, batches: 0 });
  const marked = await ground.sql`select distinct batch_id from app.receipt where request_id = any(${[...ids]})`;
  expect(marked).toEqual([{ batch_id: batchId }]);
});

test('a receipt waits for others, or for its time', async () => {
  const ids = await answered([100n, 100n]);
  await keepReceipts(ground, ids.slice(0, 1));
  expect(await settle({ receiptPatience: 600, mostReceipts: 2 })).toMatchObject({ batches: 0 });
  await keepReceipts(ground, ids.slice(1));
  expect(await settle({ receiptPatience: 600, mostReceipts: 2 })).toMatchObject({ posted: 2, batches: 1 });
});

test('what is wrong on its face is never posted, whatever it is, and keeps no other from being paid', async () => {
  const ids = await answered([100n, 100n, 100n, 100n, 100n]);
  await keepReceipts(ground, ids, (at): Shares => (at === 3 ? [[99, 500_000]] : [[2, 500_000]]));
  const change = (at: number, text: string, column = 'body') =>
    ground.sql`update app.receipt set ${ground.sql(column)} = ${text} where request_id = ${ids[at]!}`;
  await change(0, '{}');
  await change(1, '{"schema":"openledger.evidence/1"}', 'evidence');
  await ground.sql`update app.receipt set body = replace(body, '"modelVersion":1', '"modelVersion":2') where request_id = ${ids[2]!}`;
  const [changed] = await ground.sql<{ body: string }[]>`select body from app.receipt where request_id = ${ids[2]!}`;
  await ground.sql`update app.receipt set hash = ${receiptHash(JSON.parse(changed!.body))} where request_id = ${ids[2]!}`;
  const { posted, unposted } = await settle();
  expect(unposted).toEqual({ receipt_damaged: 1, evidence_damaged: 1, receipt_contradicts_chain: 1 });
  // Nobody was ever accepted with number 99: its part is nobody's.
  expect(posted).toBe(2);
  expect(await attributionsOf(ids[3]!)).toEqual([]);
  expect((await attributionsOf(ids[4]!)).map(({ id }) => id)).toEqual([2n]);
  await ground.sql`delete from app.receipt where request_id = any(${ids.slice(0, 3)})`;
});

test('a contribution that leaves while the index is behind gets nothing, and nobody else gets its part', async () => {
  const [requestId] = await answered([1_000_000n]);
  const [receipt] = await keepReceipts(ground, [requestId!], () => [
    [1, 300_000],
    [3, 200_000],
  ]);
  process.kill(ground.indexer.pid, 'SIGSTOP');
  try {
    const registry = ground.contract('DatanetRegistry', ground.contributors[2]);
    await act(registry, 'withdrawContribution', 3n, encodeBytes32String('MINE'));
    const settler = startSettling(ground.place);
    await settler.now();
    await settler.stop();
    expect(settler.figures()).toMatchObject({ posted: 1 });
  } finally {
    process.kill(ground.indexer.pid, 'SIGCONT');
  }
  await ground.indexed();
  const expected = paymentOf(await partOf(requestId!), receipt!, (id) => id !== 3n);
  expect(expected.contributionIds).toEqual([1n]);
  expect((await attributionsOf(requestId!)).map(({ amount }) => amount)).toEqual(expected.amounts);
});

test('what governance did not allow waits for it, and is seen to wait', async () => {
  const ids = await answered([50n]);
  await keepReceipts(ground, ids);
  await asGovernance(ground, 'AttributionLedger', 'setAlgorithm', algorithm, false, '', algorithm);
  expect(await settle()).toMatchObject({ posted: 0, unposted: { UnknownAlgorithm: 1 } });
  await asGovernance(ground, 'AttributionLedger', 'setAlgorithm', algorithm, true, '', algorithm);
  expect(await settle()).toMatchObject({ posted: 1, unposted: {} });
});

test('more than a block takes goes in several batches', async () => {
  const ids = await answered(Array.from({ length: 24 }, () => 1_000n));
  await keepReceipts(ground, ids, () => [
    [1, 300_000],
    [2, 300_000],
  ]);
  await ground.chain.call('evm_setBlockGasLimit', ['0xc3500']);
  try {
    const { posted, batches } = await settle({ mostReceipts: 24 });
    expect(posted).toBe(24);
    expect(batches).toBeGreaterThan(1);
  } finally {
    await ground.chain.call('evm_setBlockGasLimit', ['0x1c9c380']);
  }
});

test('a batch that a dispute undid is posted anew in smaller ones, and a receipt that was refuted alone is not', async () => {
  const ids = await answered([400n, 400n, 400n, 400n]);
  await keepReceipts(ground, ids, () => [[1, 500_000]]);
  await settle({ mostReceipts: 4 });
  const undo = async (batchId: bigint) => {
    const resolver = ground.contract('DisputeResolver');
    await act(ground.open, 'approve', ground.manifest.contracts.StakeManager, parseEther('100'));
    const target = `0x${batchId.toString(16).padStart(64, '0')}`;
    await act(resolver, 'raise', 1, target, id('WRONG'), id('evidence'), 'ipfs://why', parseEther('10'));
    const disputeId: bigint = await view('DisputeResolver', 'disputeCount');
    await asGovernance(ground, 'DisputeResolver', 'resolve', disputeId, true, [], []);
    await ground.indexed();
  };
  const [first] = await batchesOf(ids);
  await undo(first!);
  expect(await settle({ mostReceipts: 4 })).toMatchObject({ posted: 4, batches: 4 });
  const again = await batchesOf(ids);
  expect(new Set(again).size).toBe(4);
  await undo(again[0]!);
  expect(await settle({ mostReceipts: 4 })).toMatchObject({ posted: 0, unposted: { refuted_by_dispute: 1 } });
  await ground.sql`delete from app.receipt where request_id = ${ids[0]!}`;
});

test('batches become final when their time is over, the epoch is closed, its root accepted, and everybody claims to the wei', async () => {
  expect(await settle()).toMatchObject({ finalised: 0 });
  await pass(ground, short);
  expect((await settle()).finalised).toBeGreaterThan(5);
  expect(await keep()).toMatchObject({ closed: 1, accepted: 0 });
  expect(await keep({ confirmations: 1_000 })).toMatchObject({ proposed: 0 });
  await keep();
  expect(await keep()).toMatchObject({ closed: 0, proposed: 0, accepted: 0, waits: undefined });
  await pass(ground, short);
  expect(await keep()).toMatchObject({ closed: 0, proposed: 0, accepted: 1, waits: undefined });

  const [root] = await ground.sql<{ root: Hex; hash: Hex; uri: string }[]>`
    select root, ipfs_hash as hash, uri from chain.reward_root where status = 'accepted'`;
  const list = rewardListSchema.parse(
    JSON.parse(new TextDecoder().decode((await getContent(ground.db, root!.hash))!.body!)),
  );
  expect(root!.uri).toBe(`openledger:content/${root!.hash}`);
  const rewards = list.rewards.map(({ account, cumulativeAmount }) => ({
    account,
    cumulativeAmount: BigInt(cumulativeAmount),
  }));
  const { chainId } = ground.manifest;
  const tree = rewardTree(chainId, ground.place.distributor, rewards);
  expect(tree.root).toBe(root!.root);
  const [earned] = await ground.sql<
    { sum: bigint }[]
  >`select sum(amount) from chain.attribution where status = 'final'`;
  expect(rewards.reduce((sum, { cumulativeAmount }) => sum + cumulativeAmount, 0n)).toBe(earned!.sum);
  const distributor = ground.contract('RewardDistributor');
  for (const { account, cumulativeAmount } of rewards) {
    const before: bigint = await ground.open.getFunction('balanceOf')(account);
    await act(distributor, 'claim', account, cumulativeAmount, tree.proofOf(account));
    expect(await ground.open.getFunction('balanceOf')(account)).toBe(before + cumulativeAmount);
  }
  expect(await ground.open.getFunction('balanceOf')(ground.place.distributor)).toBe(0n);
  // What is final and what is claimed stays so: nothing is left to do.
  await pass(ground, 3 * short);
  expect(await keep()).toMatchObject({ closed: 0, proposed: 0, accepted: 0 });
});

test('a root of others is never accepted, a root that was taken back is not proposed again by itself', async () => {
  const ids = await answered([5_000n]);
  await keepReceipts(ground, ids, () => [[2, 900_000]]);
  await settle();
  await pass(ground, short);
  await settle();
  const distributor = ground.contract('RewardDistributor');
  await act(distributor, 'closeEpoch');
  const epochId: bigint = await view('RewardDistributor', 'epochCount');
  const clerk = ground.contract('RewardDistributor', ground.wallet(7));
  const guardian = ground.contract('RewardDistributor', ground.wallet(6));
  await act(clerk, 'proposeRoot', epochId, id('greedy'), id('list'), 'ipfs://greedy');
  await pass(ground, short);
  expect(await keep()).toMatchObject({ accepted: 0, waits: 'root_of_others' });
  await act(guardian, 'revokeRoot', epochId);
  expect(await keep()).toMatchObject({ proposed: 1, waits: undefined });
  await act(guardian, 'revokeRoot', epochId);
  expect(await keep()).toMatchObject({ proposed: 0, waits: 'root_revoked' });
});
