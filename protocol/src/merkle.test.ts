import fc from 'fast-check';
import { expect, test } from 'vitest';
import { address, bytes32, uint } from '../test/arbitraries.ts';
import { datanetTree, receiptTree, rewardTree, verifyContribution, verifyReceipt, verifyReward } from './merkle.ts';

const distributor = `0x${'11'.repeat(20)}`;
const rewards = fc.uniqueArray(fc.record({ account: address, cumulativeAmount: uint(128) }), {
  selector: ({ account }) => account,
  minLength: 1,
  maxLength: 20,
});

test('who recomputes an epoch in another order gets the same root', () => {
  const shuffled = rewards.chain((some) =>
    fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
  );
  fc.assert(
    fc.property(shuffled, ([some, other]) => {
      expect(rewardTree(1n, distributor, some).root).toBe(rewardTree(1n, distributor, other).root);
    }),
  );
});

test('a reward proof holds for its chain, distributor, account and amount, and for nothing else', () => {
  fc.assert(
    fc.property(rewards, (some) => {
      const { root, proofOf } = rewardTree(1n, distributor, some);
      for (const reward of some) {
        const proof = proofOf(reward.account.toUpperCase().replace('0X', '0x'));
        const more = { ...reward, cumulativeAmount: reward.cumulativeAmount + 1n };
        expect(verifyReward(1n, distributor, reward, proof, root)).toBe(true);
        expect(verifyReward(2n, distributor, reward, proof, root)).toBe(false);
        expect(verifyReward(1n, `0x${'22'.repeat(20)}`, reward, proof, root)).toBe(false);
        expect(verifyReward(1n, distributor, more, proof, root)).toBe(false);
      }
    }),
    { numRuns: 25 },
  );
});

test('a version proves the contributions that it holds, and no other content under their ids', () => {
  const held = [1n, 2n, 3n].map((contributionId) => ({
    contributionId,
    contentHash: `0x${'0'.repeat(63)}${contributionId}`,
  }));
  const { root, proofOf } = datanetTree(held);
  for (const contribution of held) {
    const proof = proofOf(contribution.contributionId);
    expect(verifyContribution(contribution, proof, root)).toBe(true);
    expect(verifyContribution({ ...contribution, contentHash: `0x${'f'.repeat(64)}` }, proof, root)).toBe(false);
  }
});

test('a batch proves the receipts that it holds', () => {
  fc.assert(
    fc.property(fc.uniqueArray(bytes32, { minLength: 2, maxLength: 20 }), ([other = '', ...held]) => {
      const { root, proofOf } = receiptTree(held);
      for (const receipt of held) expect(verifyReceipt(receipt, proofOf(receipt), root)).toBe(true);
      expect(verifyReceipt(other, proofOf(held[0]!), root)).toBe(false);
    }),
    { numRuns: 25 },
  );
});

test('an empty tree, a leaf twice and a leaf that is not there are named', () => {
  const account = `0x${'ab'.repeat(20)}`;
  const reward = { account, cumulativeAmount: 1n };
  expect(() => rewardTree(1n, distributor, [])).toThrow('A Merkle tree needs at least one account; there is none.');
  expect(() => rewardTree(1n, distributor, [reward, { ...reward, cumulativeAmount: 2n }])).toThrow(
    `The account ${account} is in the tree twice; each may be there once.`,
  );
  expect(() => datanetTree([{ contributionId: 1n, contentHash: `0x${'0'.repeat(64)}` }]).proofOf(7n)).toThrow(
    'The tree holds no contribution 7.',
  );
});
