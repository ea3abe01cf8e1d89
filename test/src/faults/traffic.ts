import { requestIdOf, scoreCommitment, signMessage, splitFee, stakeRoles } from '@openledger/protocol';
import { id, parseEther, Wallet, zeroPadValue } from 'ethers';
import { interfaces } from '../drive/coders.ts';
import { vestingContract } from '../drive/index.ts';
import type { Dice } from './dice.ts';
import { algorithmId, type World } from './world.ts';

/** Where the counters of the protocol stand, and what this run of traffic has added. */
type Counts = {
  datanets: bigint;
  contributions: bigint;
  models: bigint;
  stakes: bigint;
  disputes: bigint;
  batches: bigint;
  epochs: bigint;
};

/** One thing that happens: a few transactions that belong together. */
type Scene = (stage: {
  world: World;
  dice: Dice;
  counts: Counts;
  any: () => string;
  word: () => string;
}) => Promise<void>;

const open = (whole: number) => parseEther(String(whole));
const maxTime = 2n ** 64n - 1n;

/**
 * Has some scenes of the protocol happen, chosen and filled in by the dice: the same dice on the same chain make the
 * same transactions. What contracts refuse meanwhile, as between strangers, reverts and leaves no event.
 */
export async function haveTraffic(world: World, dice: Dice, scenes: number): Promise<void> {
  const { view } = world;
  const counts: Counts = {
    datanets: await view('DatanetRegistry', 'datanetCount'),
    contributions: await view('DatanetRegistry', 'contributionCount'),
    models: await view('ModelRegistry', 'modelCount'),
    stakes: await view('StakeManager', 'stakeCount'),
    disputes: await view('DisputeResolver', 'disputeCount'),
    batches: await view('AttributionLedger', 'batchCount'),
    epochs: await view('RewardDistributor', 'epochCount'),
  };
  const actors = Object.values(world.actors).map(({ address }) => address);
  const any = () => dice.pick(actors);
  const word = () => id(`${dice.next()}`);
  for (let i = 0; i < scenes; i++) await dice.pick(repertoire)({ world, dice, counts, any, word });
}

const tokens: Scene = async ({ world: { send }, dice, any, word }) => {
  const from = any();
  await send(from, 'Open', 'transfer', dice.chance(0.3) ? word().slice(0, 42) : any(), open(dice.between(0, 5)));
  if (dice.chance(0.3)) await send(from, 'Open', 'burn', open(1));
  if (dice.chance(0.3)) await send(from, 'Open', 'approve', any(), open(dice.between(0, 9)));
};

const votes: Scene = async ({ world: { send }, dice, any }) => {
  const holder = any();
  await send(holder, 'GOPEN', 'deposit', open(dice.between(1, 20)));
  await send(holder, 'GOPEN', 'delegate', any());
  await send(holder, 'GOPEN', 'transfer', any(), open(1));
  if (dice.chance(0.5)) await send(holder, 'GOPEN', 'withdraw', open(1));
};

const datanets: Scene = async ({ world: { send }, dice, counts, any, word }) => {
  const owner = any();
  const registry = 'DatanetRegistry';
  const [uri, shown] = [`ipfs://${word()}`, dice.between(0, 1)];
  await send(owner, registry, 'createDatanet', `Datanet ${word()}`, uri, id(uri), shown, 0n, open(0), 0, 60n);
  const datanetId = ++counts.datanets;
  await send(owner, registry, 'setMetadata', datanetId, `${uri}/2`, id(`${uri}/2`));
  await send(owner, registry, 'setValidator', datanetId, any(), dice.chance(0.8));
  await send(owner, registry, 'setRules', datanetId, 0n, open(0), dice.between(0, 2), 120n);
  await send(owner, registry, 'setStatus', datanetId, dice.between(1, 3));
  const grantee = any();
  await send(grantee, registry, 'requestAccess', datanetId, 'to read');
  await send(owner, registry, 'grantAccess', datanetId, grantee, maxTime);
  if (dice.chance(0.4)) await send(owner, registry, 'revokeAccess', datanetId, grantee);
  if (dice.chance(0.3)) await send(owner, registry, 'transferOwnership', datanetId, any());
};

const contribution: Scene = async ({ world, dice, counts, word }) => {
  const { send, datanetId, actors, manifest } = world;
  const registry = 'DatanetRegistry';
  const by = dice.pick([actors.contributor, actors.second]).address;
  const about = [datanetId, word(), `ipfs://${word()}`, id('MIT'), BigInt(dice.between(1, 10 ** 6))];
  if (dice.chance(0.3)) {
    await send(by, registry, 'authorizeRelayer', actors.payer.address, maxTime);
    await send(actors.payer.address, registry, 'submitContributionFor', by, ...about);
    if (dice.chance(0.5)) await send(by, registry, 'revokeRelayer', actors.payer.address);
  } else {
    await send(by, registry, 'submitContribution', ...about);
  }
  const contributionId = ++counts.contributions;
  if (dice.chance(0.2)) return;
  const validator = dice.pick([actors.validator, actors.reviewer]).address;
  const [score, evidence, salt] = [parseEther(String(dice.between(0, 10) / 10)), word(), word()];
  const commitment = scoreCommitment({
    chainId: manifest.chainId,
    registry: manifest.contracts.DatanetRegistry,
    contributionId,
    validator,
    score,
    evidenceHash: evidence,
    salt,
  });
  await send(validator, registry, 'commitScore', contributionId, commitment);
  await send(validator, registry, 'revealScore', contributionId, score, evidence, salt);
  await send(by, registry, 'finalizeContribution', contributionId);
  if (dice.chance(0.2)) await send(by, registry, 'withdrawContribution', contributionId, id('mine again'));
  await send(actors.owner.address, registry, 'publishVersion', datanetId, word(), 1n, 1n, `ipfs://${word()}`);
};

const models: Scene = async ({ world: { send, actors, modelId }, dice, counts, any, word }) => {
  const registry = 'ModelRegistry';
  const owner = any();
  await send(owner, registry, 'registerModel', word(), `Model ${word()}`, `ipfs://${word()}`);
  const id = ++counts.models;
  await send(owner, registry, 'publishVersion', id, word(), `ipfs://${word()}`, word(), dice.between(1, 64), []);
  await send(owner, registry, 'setPricing', id, open(dice.between(0, 3)), open(dice.between(0, 3)));
  await send(owner, registry, 'recordEvaluation', id, word(), 1, parseEther('0.5'), `ipfs://${word()}`);
  await send(owner, registry, 'setStatus', id, dice.between(2, 4));
  const { address: worker } = actors.operator;
  await send(worker, registry, 'undeployAdapter', modelId, worker, 1);
  await send(worker, registry, 'setEndpoint', worker, `https://${word()}.example`);
  await send(worker, registry, 'deployAdapter', modelId, worker, 1);
};

const stakes: Scene = async ({ world: { send, datanetId, actors }, dice, counts, any }) => {
  const staker = any();
  const role = dice.pick([stakeRoles.VALIDATOR, stakeRoles.CONTRIBUTOR]);
  await send(staker, 'StakeManager', 'stake', role, datanetId, open(dice.between(2, 30)));
  const stakeId = ++counts.stakes;
  if (dice.chance(0.6)) await send(staker, 'StakeManager', 'requestUnstake', stakeId, open(1));
  if (dice.chance(0.3)) await send(staker, 'StakeManager', 'requestUnstake', stakeId, 0n);
  await send(staker, 'StakeManager', 'claimStakerReward', actors.validator.address);
};

/** A few answers, paid by voucher, and what they drew on. */
const answers: Scene = async ({ world, dice, counts, any, word }) => {
  const { send, view, modelId, actors, manifest } = world;
  const { payer, operator } = actors;
  const escrow = manifest.contracts.InferenceEscrow;
  await send(payer.address, 'InferenceEscrow', 'deposit', open(30));
  const inferences = Array.from({ length: dice.between(1, 6) }, () => ({
    nonce: word(),
    modelId,
    version: 1,
    inTokens: dice.between(1, 2_000),
    outTokens: dice.between(1, 2_000),
    fee: open(1) + BigInt(dice.between(0, 10 ** 9)),
    outputHash: word(),
  }));
  const settled = await view<bigint>('InferenceEscrow', 'settledAmount', payer.address, operator.address);
  const voucher = {
    payer: payer.address,
    worker: operator.address,
    // Others may be settled in the same block, before this one.
    cumulativeAmount: settled + open(500),
    expiry: 2n ** 63n,
  };
  const domain = { chainId: manifest.chainId, verifyingContract: escrow };
  const signature = await signMessage(new Wallet(payer.privateKey), 'Voucher', domain, voucher);
  await send(operator.address, 'InferenceEscrow', 'settle', [{ voucher, signature, inferences }]);
  if (dice.chance(0.3)) await send(any(), 'InferenceEscrow', 'withdrawEarnings', actors.builder.address);
  if (dice.chance(0.2)) await send(payer.address, 'InferenceEscrow', 'requestWithdrawal', open(1));
  if (dice.chance(0.2)) return;
  const split = await view<{ toObject(): Record<string, bigint> }>('InferenceEscrow', 'feeSplit');
  const bps = Object.fromEntries(Object.entries(split.toObject()).map(([part, value]) => [part, Number(value)]));
  const sources = Array.from({ length: dice.between(0, 3) }, () =>
    BigInt(dice.between(1, Number(counts.contributions))),
  );
  const contributionIds = [...new Set(sources)].sort((a, b) => (a < b ? -1 : 1));
  const attributions = inferences.map(({ nonce, fee }) => {
    const { contributors } = splitFee(fee, bps as Parameters<typeof splitFee>[1], true);
    const amounts = contributionIds.map(() => contributors / 4n);
    const unattributed = contributors - amounts.reduce((sum, amount) => sum + amount, 0n);
    const place = { chainId: manifest.chainId, escrow, worker: operator.address, payer: payer.address, nonce };
    return { requestId: requestIdOf(place), contributionIds, amounts, unattributed };
  });
  const batch = [operator.address, algorithmId, word(), word(), `ipfs://${word()}`, attributions];
  await send(operator.address, 'AttributionLedger', 'postBatch', ...batch);
  counts.batches++;
};

const disputes: Scene = async ({ world: { send, timelock, actors }, dice, counts, any, word }) => {
  const resolver = 'DisputeResolver';
  const [type, target] = dice.chance(0.5) ? [0, counts.contributions] : [1, counts.batches];
  const targetId = zeroPadValue(`0x${target.toString(16).padStart(64, '0')}`, 32);
  const about = [type, targetId, id('wrong'), word(), `ipfs://${word()}`, open(20)];
  await send(actors.second.address, resolver, 'raise', ...about);
  const disputeId = ++counts.disputes;
  await send(any(), resolver, 'counter', disputeId, word(), `ipfs://${word()}`);
  if (dice.chance(0.7)) await send(timelock, resolver, 'resolve', disputeId, dice.chance(0.5), [], []);
};

/** Days go by, and what waited for it becomes final. */
const later: Scene = async ({ world, dice, counts, any, word }) => {
  const { send, submit, chain, manifest, proposer, guardian } = world;
  const { timestamp } = await chain.call<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
  await chain.setNextBlockTimestamp(Number(timestamp) + 86_400 * dice.between(1, 9));
  for (let batch = counts.batches; batch > 0n && batch > counts.batches - 4n; batch--) {
    await send(any(), 'AttributionLedger', 'finalizeBatch', batch);
  }
  await send(any(), 'RewardDistributor', 'acceptRoot', counts.epochs);
  await send(any(), 'RewardDistributor', 'closeEpoch');
  const epoch = ++counts.epochs;
  await send(proposer, 'RewardDistributor', 'proposeRoot', epoch, word(), word(), `ipfs://${word()}`);
  if (dice.chance(0.5)) await send(guardian, 'RewardDistributor', 'revokeRoot', epoch);
  for (const wallet of manifest.vesting) {
    if (!dice.chance(0.3)) continue;
    const contract = vestingContract(wallet);
    const release = interfaces[contract].encodeFunctionData('release(address)', [manifest.contracts.Open]);
    await submit(any(), wallet.address, release);
  }
  for (const contract of ['StakeManager', 'ModelRegistry'] as const) {
    await send(guardian, contract, 'pause');
    await send(guardian, contract, 'unpause');
  }
};

const governance: Scene = async ({ world: { send, timelock }, dice, any, word }) => {
  const contract = dice.pick(['StakeManager', 'DatanetRegistry', 'ModelRegistry', 'InferenceEscrow'] as const);
  await send(timelock, contract, 'grantRole', id('GUARDIAN_ROLE'), any());
  await send(timelock, 'AttributionLedger', 'setAlgorithm', word(), dice.chance(0.5), 'ipfs://x', id('x'));
  await send(timelock, 'StakeManager', 'setParameter', id('UNSTAKE_COOLDOWN'), BigInt(86_400 * dice.between(1, 9)));
};

const repertoire: readonly Scene[] = [
  tokens,
  tokens,
  votes,
  datanets,
  contribution,
  contribution,
  contribution,
  models,
  stakes,
  answers,
  answers,
  answers,
  disputes,
  later,
  governance,
];
