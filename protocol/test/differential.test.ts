import { Wallet } from 'ethers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contractAbis, contractNames } from '../src/abi/index.ts';
import { canonicalJson } from '../src/canonical-json.ts';
import { scoreCommitment } from '../src/commitments.ts';
import { splitFee } from '../src/fees.ts';
import type { Hex } from '../src/hex.ts';
import { contributionLeaf, datanetTree, receiptTree, rewardLeaf, rewardTree } from '../src/merkle.ts';
import { type ParameterName, parameterId, parameters } from '../src/parameters.ts';
import { contributionReasons } from '../src/reasons.ts';
import { type Receipt, receiptHash, signReceipt, type UnsignedReceipt } from '../src/receipt.ts';
import { requestIdOf } from '../src/request-id.ts';
import { accessRoles, stakeRoles } from '../src/roles.ts';
import { medianScore } from '../src/scores.ts';
import { type MessageName, messageContract, messageDigest, messageTypes, signMessage } from '../src/typed-data.ts';
import { address, bytes32, feeSplit, message, score, uint, unsignedReceipt } from './arbitraries.ts';
import { type Solidity, startSolidity } from './solidity.ts';

/** A chain id that is not the default one, so that a twin that forgets it is found. */
const chainId = 161_201;

let solidity: Solidity;
beforeAll(async () => {
  solidity = await startSolidity(chainId);
});
afterAll(async () => {
  await solidity?.stop();
});

/** Runs `check` on two thousand random inputs, 500 at a time; a failure prints the seed and the inputs. */
async function onRandom<Input>(input: fc.Arbitrary<Input>, check: (inputs: readonly Input[]) => Promise<void>) {
  const inputs = fc.array(input, { minLength: 500, maxLength: 500 });
  await fc.assert(fc.asyncProperty(inputs, check), { numRuns: 4, endOnFailure: true });
}

describe('money', () => {
  test('a fee that is split here as on chain loses and gains no wei', async () => {
    const input = fc.record({
      fee: fc.oneof(fc.bigInt({ min: 0n, max: 20_000n }), fc.bigInt({ min: 0n, max: 10n ** 27n }), uint(242)),
      split: feeSplit,
      hasStakers: fc.boolean(),
    });
    await onRandom(input, async (inputs) => {
      const answers = await solidity.askEach(
        'InferenceEscrow',
        'splitFee',
        inputs.map(({ fee, split, hasStakers }) => [fee, split, hasStakers]),
      );
      const parts = inputs.map(({ fee, split, hasStakers }) => splitFee(fee, split, hasStakers));
      expect(answers.map((answer) => (answer as { toObject(): object }).toObject())).toEqual(parts);
    });
  });
});

describe('signatures', () => {
  const views: Record<MessageName, string> = {
    RelayerAuthorization: 'hashRelayerAuthorization',
    RelayerRevocation: 'hashRelayerRevocation',
    Contribution: 'hashContribution',
    WorkerConsent: 'hashWorkerConsent',
    Voucher: 'hashVoucher',
  };

  test.each(
    Object.keys(messageTypes) as MessageName[],
  )('a %s signed here is the one the contract checks', async (name) => {
    const contract = messageContract[name];
    const scope = { chainId: BigInt(chainId), verifyingContract: solidity.addressOf(contract) };
    await onRandom(message(name), async (messages) => {
      const values = messages.map((value) =>
        messageTypes[name].map((field) => value[field.name as keyof typeof value]),
      );
      const answers = await solidity.askEach(
        contract,
        views[name],
        // The voucher's view takes a struct, the others a list of fields.
        values.map((fields) => (name === 'Voucher' ? [fields] : fields)),
      );
      expect(messages.map((value) => messageDigest(name, scope, value))).toEqual(answers);
    });
  });

  test('a signature made here is recovered on chain to the account that made it', async () => {
    const signed: { digest: string; signature: string }[] = [];
    const signers: string[] = [];
    const scope = { chainId: BigInt(chainId), verifyingContract: solidity.addressOf('InferenceEscrow') };
    for (const voucher of fc.sample(message('Voucher'), 100)) {
      const wallet = Wallet.createRandom();
      signers.push(wallet.address);
      signed.push({
        digest: messageDigest('Voucher', scope, voucher),
        signature: await signMessage(wallet, 'Voucher', scope, voucher),
      });
    }
    expect([...((await solidity.ask('Differential', 'recover', signed)) as string[])]).toEqual(signers);
  });
});

describe('ids and commitments', () => {
  test('a score committed here can be revealed on chain', async () => {
    const input = fc.record({
      contributionId: uint(256),
      validator: address,
      score,
      evidenceHash: bytes32,
      salt: bytes32,
    });
    await onRandom(input, async (inputs) => {
      const registry = solidity.addressOf('DatanetRegistry');
      const answers = await solidity.askEach(
        'DatanetRegistry',
        'scoreCommitment',
        inputs.map((blind) => [blind.contributionId, blind.validator, blind.score, blind.evidenceHash, blind.salt]),
      );
      expect(inputs.map((blind) => scoreCommitment({ ...blind, chainId: BigInt(chainId), registry }))).toEqual(answers);
    });
  });

  test('a request has one id here and on chain', async () => {
    const input = fc.record({ worker: address, payer: address, nonce: bytes32 });
    await onRandom(input, async (inputs) => {
      const escrow = solidity.addressOf('InferenceEscrow');
      const answers = await solidity.askEach(
        'InferenceEscrow',
        'requestIdOf',
        inputs.map(({ worker, payer, nonce }) => [worker, payer, nonce]),
      );
      expect(inputs.map((request) => requestIdOf({ ...request, chainId: BigInt(chainId), escrow }))).toEqual(answers);
    });
  });

  test('a contribution has one score here and on chain', async () => {
    await onRandom(fc.array(score, { minLength: 1, maxLength: 15 }), async (inputs) => {
      const answers = await solidity.askEach(
        'DatanetRegistry',
        'median',
        inputs.map((scores) => [scores]),
      );
      expect(inputs.map(medianScore)).toEqual(answers);
    });
  });
});

test('every role, parameter and reason is known here by the value it has on chain', async () => {
  const named = {
    ...accessRoles,
    ...stakeRoles,
    ...contributionReasons,
    ...Object.fromEntries((Object.keys(parameters) as ParameterName[]).map((name) => [name, parameterId(name)])),
  };
  const onChain: Record<string, unknown> = {};
  for (const contract of contractNames) {
    if (contract === 'LinearVesting' || contract === 'CliffVesting') continue;
    for (const entry of contractAbis[contract]) {
      if (entry.type !== 'function' || entry.inputs.length > 0 || entry.outputs[0]?.type !== 'bytes32') continue;
      const constant = /^[A-Z_]+$/.test(entry.name) && !/(TYPEHASH|SEPARATOR)$/.test(entry.name);
      if (constant) onChain[entry.name] = await solidity.ask(contract, entry.name);
    }
  }
  expect(named).toEqual(onChain);
});

describe('Merkle trees', () => {
  test('a reward leaf is the one that the distributor pays against', async () => {
    await onRandom(fc.record({ account: address, cumulativeAmount: uint(256) }), async (inputs) => {
      const distributor = solidity.addressOf('RewardDistributor');
      const answers = await solidity.askEach(
        'RewardDistributor',
        'rewardLeaf',
        inputs.map(({ account, cumulativeAmount }) => [account, cumulativeAmount]),
      );
      expect(inputs.map((reward) => rewardLeaf(BigInt(chainId), distributor, reward))).toEqual(answers);
    });
  });

  test('every proof of a reward tree convinces the chain, and of another amount none does', async () => {
    const distributor = solidity.addressOf('RewardDistributor');
    await onRandomTrees(fc.record({ account: address, cumulativeAmount: uint(128) }), 'account', (rewards) => {
      const { root, proofOf } = rewardTree(BigInt(chainId), distributor, rewards);
      return rewards.map((reward) => ({
        root,
        proof: proofOf(reward.account),
        leaf: rewardLeaf(BigInt(chainId), distributor, reward),
        wrong: rewardLeaf(BigInt(chainId), distributor, { ...reward, cumulativeAmount: reward.cumulativeAmount ^ 1n }),
      }));
    });
  });

  test('every proof of a datanet version convinces the chain, and of another content none does', async () => {
    const contribution = fc.record({ contributionId: uint(256), contentHash: bytes32 });
    await onRandomTrees(contribution, 'contributionId', (contributions) => {
      const { root, proofOf } = datanetTree(contributions);
      return contributions.map((entry) => ({
        root,
        proof: proofOf(entry.contributionId),
        leaf: contributionLeaf(entry),
        wrong: contributionLeaf({ ...entry, contributionId: entry.contributionId ^ 1n }),
      }));
    });
    await onRandom(contribution, async (inputs) => {
      const answers = await solidity.askEach(
        'Differential',
        'contributionLeaf',
        inputs.map(({ contributionId, contentHash }) => [contributionId, contentHash]),
      );
      expect(inputs.map(contributionLeaf)).toEqual(answers);
    });
  });

  test('every proof of a batch of receipts convinces the chain, and of another receipt none does', async () => {
    await onRandomTrees(fc.record({ hash: bytes32, other: bytes32 }), 'hash', (receipts) => {
      const { root, proofOf } = receiptTree(receipts.map(({ hash }) => hash));
      return receipts.map(({ hash, other }) => ({ root, proof: proofOf(hash), leaf: hash, wrong: other }));
    });
  });

  type Claim = { root: string; proof: string[]; leaf: string; wrong: string };

  /** About two thousand leaves in trees of every size up to fifty. */
  async function onRandomTrees<Leaf>(
    leaf: fc.Arbitrary<Leaf>,
    key: keyof Leaf & string,
    claimsOf: (leaves: readonly Leaf[]) => Claim[],
  ) {
    const leaves = fc.uniqueArray(leaf, { selector: (entry) => entry[key], minLength: 1, maxLength: 50, size: 'max' });
    await fc.assert(
      fc.asyncProperty(leaves, async (some) => {
        const claims = claimsOf(some);
        const verified = await solidity.ask(
          'Differential',
          'verify',
          claims.flatMap(({ root, proof, leaf, wrong }) => [
            { root, proof, leaf },
            { root, proof, leaf: wrong },
          ]),
        );
        expect([...(verified as boolean[])]).toEqual(claims.flatMap(() => [true, false]));
      }),
      { numRuns: 80, endOnFailure: true },
    );
  }
});

test("a receipt has one hash here and on chain, and its signature is its worker's there too", async () => {
  const workers = Array.from({ length: 50 }, () => Wallet.createRandom());
  const said = fc.sample(unsignedReceipt, workers.length).map((receipt, index) => ({
    ...receipt,
    worker: workers[index]!.address.toLowerCase() as Hex,
  }));
  const receipts = await Promise.all(said.map((receipt, index) => signReceipt(workers[index]!, receipt)));
  const bytesOf = (value: Receipt | UnsignedReceipt) => Buffer.from(canonicalJson(value), 'utf8');

  const hashes = await solidity.askEach(
    'Differential',
    'receiptHash',
    receipts.map((receipt) => [bytesOf(receipt)]),
  );
  expect(receipts.map(receiptHash)).toEqual(hashes);
  const digests = await solidity.askEach(
    'Differential',
    'receiptDigest',
    said.map((receipt) => [bytesOf(receipt)]),
  );
  const signed = receipts.map(({ signature }, index) => ({ digest: digests[index], signature }));
  expect([...((await solidity.ask('Differential', 'recover', signed)) as string[])]).toEqual(
    workers.map(({ address }) => address),
  );
});
