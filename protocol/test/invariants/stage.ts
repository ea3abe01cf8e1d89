import { computeAddress, concat, Interface, type InterfaceAbi, id, parseEther, SigningKey } from 'ethers';
import { contractAbis } from '../../src/abi/index.ts';
import { type Artifact, type Artifacts, compile } from '../../src/compile/index.ts';
import { readSources } from '../../src/compile/sources.ts';
import { deployConfigSchema } from '../../src/deploy/config.ts';
import { create2Call, deterministicDeployer } from '../../src/deploy/create2.ts';
import { planDeployment } from '../../src/deploy/plan.ts';
import type { Hex, Target } from './call.ts';
import { type Arena, hex } from './chain.ts';
import type { Setting, WalletMode } from './shadow/state.ts';

/** Who plays, by what each mostly does; anybody may try anything. */
export type Cast = {
  readonly owners: readonly Hex[];
  readonly contributors: readonly Hex[];
  readonly validators: readonly Hex[];
  readonly relayers: readonly Hex[];
  readonly payers: readonly Hex[];
  readonly workers: readonly Hex[];
  readonly operators: readonly Hex[];
  readonly disputers: readonly Hex[];
  readonly outsiders: readonly Hex[];
  readonly guardian: Hex;
  readonly rootProposer: Hex;
  readonly evaluator: Hex;
  readonly timelock: Hex;
  readonly everyone: readonly Hex[];
};

/** A fresh deployment of the protocol with people around it. */
export type Stage = {
  readonly chain: Arena;
  readonly cast: Cast;
  readonly keys: ReadonlyMap<Hex, SigningKey>;
  readonly interfaces: Readonly<Record<Target, Interface>>;
  readonly setting: Setting;
};

const targets = [
  ...(['Open', 'GOPEN', 'StakeManager', 'DatanetRegistry', 'ModelRegistry'] as const),
  ...(['InferenceEscrow', 'AttributionLedger', 'RewardDistributor', 'DisputeResolver'] as const),
];
const walletModes: readonly WalletMode[] = ['owner', 'always', 'never', 'reverting', 'reentrant'];

/** Start values and ranges of what governance sets: seconds, wei, basis points. */
const parameters: Setting['parameters'] = new Map([
  ['StakeManager.UNSTAKE_COOLDOWN', [150n, 1n, 7_776_000n]],
  ['StakeManager.MIN_STAKE', [parseEther('1'), 1n, parseEther('1000000')]],
  ['DatanetRegistry.BOND_HOLD', [100n, 0n, 7_776_000n]],
  ['InferenceEscrow.WITHDRAWAL_DELAY', [60n, 1n, 2_592_000n]],
  ['AttributionLedger.CHALLENGE_WINDOW', [200n, 1n, 2_592_000n]],
  ['RewardDistributor.EPOCH_LENGTH', [100n, 1n, 7_776_000n]],
  ['RewardDistributor.ROOT_DELAY', [80n, 1n, 2_592_000n]],
  ['DisputeResolver.MIN_DISPUTE_BOND', [parseEther('10'), 1n, parseEther('1000000')]],
  ['DisputeResolver.RESOLUTION_WINDOW', [400n, 1n, 15_552_000n]],
  ['DisputeResolver.WINNER_SHARE_BPS', [5_000n, 0n, 10_000n]],
]);
const feeSplit = { platformBps: 500, modelBps: 3_000, workerBps: 2_500, stakersBps: 500, contributorsBps: 3_500 };

const person = (index: number) => {
  const key = new SigningKey(id(`openledger fuzz, person ${index}`));
  return [computeAddress(key.publicKey).toLowerCase() as Hex, key] as const;
};

/** The contract accounts of `harness/`, compiled. */
export async function compileHarness(): Promise<Artifact> {
  const unit = 'test/invariants/harness/HostileWallet.sol';
  const { artifacts } = await compile(await readSources([unit]), [unit]);
  return artifacts.HostileWallet!;
}

/** Deploys `artifacts` (the protocol's, or a broken copy's) as the deployment program plans it, and hands out OPEN. */
export async function setStage(chain: Arena, artifacts: Artifacts, wallet: Artifact, salt: string): Promise<Stage> {
  const keys = new Map(Array.from({ length: 33 }, (_, index) => person(index)));
  const people = [...keys.keys()];
  const [guardian, rootProposer, evaluator, bank] = people.slice(29) as [Hex, Hex, Hex, Hex];
  const value = (name: string) => parameters.get(name)![0];
  const config = deployConfigSchema.parse({
    tge: 2_000_000_000n,
    beneficiaries: { community: bank, investors: bank, team: bank, ecosystem: bank, liquidity: bank },
    guardian,
    rootProposer,
    evaluators: [evaluator],
    feeSplit,
    parameters: {
      unstakeCooldown: value('StakeManager.UNSTAKE_COOLDOWN'),
      minStake: value('StakeManager.MIN_STAKE'),
      bondHold: value('DatanetRegistry.BOND_HOLD'),
      withdrawalDelay: value('InferenceEscrow.WITHDRAWAL_DELAY'),
      challengeWindow: value('AttributionLedger.CHALLENGE_WINDOW'),
      epochLength: value('RewardDistributor.EPOCH_LENGTH'),
      rootDelay: value('RewardDistributor.ROOT_DELAY'),
      minDisputeBond: value('DisputeResolver.MIN_DISPUTE_BOND'),
      resolutionWindow: value('DisputeResolver.RESOLUTION_WINDOW'),
      winnerShareBps: value('DisputeResolver.WINNER_SHARE_BPS'),
    },
    salt,
  });
  const plan = planDeployment(artifacts, config, bank);
  const addresses = Object.fromEntries(targets.map((name) => [name, plan.addresses[name]!])) as Record<Target, Hex>;
  const interfaces = Object.fromEntries(
    targets.map((name) => [name, new Interface(contractAbis[name] as unknown as InterfaceAbi)]),
  ) as Record<Target, Interface>;

  await chain.batch(people.map((account) => ['anvil_setBalance', [account, hex(10n ** 24n)]]));
  const run = (transactions: readonly { from: Hex; to?: string; data: string }[]) => runAll(chain, transactions);
  const created = await run(
    plan.contracts.map((c) => ({ from: bank, to: deterministicDeployer, data: create2Call(c.salt, c.creationCode) })),
  );
  const access = interfaces.StakeManager;
  const noRole = `0x${'0'.repeat(64)}`;
  await run([
    ...plan.grants.map(({ on, role, to }) => ({
      from: bank,
      to: on,
      data: access.encodeFunctionData('grantRole', [role, to]),
    })),
    ...plan.governed.map(({ address }) => ({
      from: bank,
      to: address,
      data: access.encodeFunctionData('renounceRole', [noRole, bank]),
    })),
  ]);

  const walletOwners = people.slice(17, 22);
  const walletAbi = new Interface(wallet.abi as InterfaceAbi);
  const escrow = interfaces.InferenceEscrow;
  const reentries = [
    escrow.encodeFunctionData('withdraw', []),
    escrow.encodeFunctionData('withdrawEarnings', [plan.timelock]),
    escrow.encodeFunctionData('requestWithdrawal', [1n]),
  ];
  const walletReceipts = await run(
    walletModes.map((_, mode) => ({
      from: bank,
      data: concat([
        wallet.bytecode,
        walletAbi.encodeDeploy([mode, walletOwners[mode], reentries.map(() => addresses.InferenceEscrow), reentries]),
      ]),
    })),
  );
  const wallets = walletReceipts.map((receipt) => receipt.contractAddress!.toLowerCase() as Hex);
  await chain.batch([...wallets, plan.timelock].map((account) => ['anvil_setBalance', [account, hex(10n ** 24n)]]));

  const everyone = [...people.slice(0, 29), ...wallets];
  const spenders = [addresses.StakeManager, addresses.InferenceEscrow, addresses.GOPEN];
  const open = interfaces.Open;
  const gift = parseEther('1000000');
  await run([
    ...everyone.map((account) => ({
      from: bank,
      to: addresses.Open,
      data: open.encodeFunctionData('transfer', [account, gift]),
    })),
    ...everyone.flatMap((from) =>
      spenders.map((to) => ({
        from,
        to: addresses.Open,
        data: open.encodeFunctionData('approve', [to, 2n ** 256n - 1n]),
      })),
    ),
  ]);
  const opened = await chain.call<{ timestamp: string }>('eth_getBlockByNumber', [created[0]!.blockNumber, false]);

  return {
    chain,
    keys,
    interfaces,
    cast: {
      owners: people.slice(0, 4),
      contributors: [...people.slice(4, 9), wallets[0]!, wallets[1]!],
      validators: people.slice(9, 14),
      relayers: people.slice(14, 16),
      payers: [...people.slice(16, 20), ...wallets],
      workers: [...people.slice(20, 23), wallets[0]!],
      operators: people.slice(23, 25),
      disputers: people.slice(25, 27),
      outsiders: people.slice(27, 29),
      guardian,
      rootProposer,
      evaluator,
      timelock: plan.timelock,
      everyone,
    },
    setting: {
      chainId: BigInt(chain.chainId),
      addresses,
      timelock: plan.timelock,
      guardian,
      rootProposer,
      evaluator,
      wallets: new Map(
        wallets.map((address, mode) => [address, { mode: walletModes[mode]!, owner: walletOwners[mode]! }]),
      ),
      balances: new Map(everyone.map((account) => [account, gift])),
      approvals: new Set(everyone.flatMap((owner) => spenders.map((spender) => `${owner} ${spender}`))),
      parameters,
      feeSplit: Object.values(feeSplit).map(BigInt),
      startedAt: BigInt(opened.timestamp),
    },
  };
}

type Receipt = { status: string; contractAddress: string | null; blockNumber: string; transactionHash: string };

/** Carries out transactions in order, in one block. @throws Error when one of them fails. */
async function runAll(
  chain: Arena,
  transactions: readonly { from: Hex; to?: string; data: string }[],
): Promise<readonly Receipt[]> {
  const senders = [...new Set(transactions.map(({ from }) => from))];
  const counts = await chain.batch(senders.map((from) => ['eth_getTransactionCount', [from, 'latest']]));
  const nonces = new Map(senders.map((from, index) => [from, Number(counts[index])]));
  const hashes = await chain.batch(
    transactions.map((transaction, index) => {
      const nonce = nonces.get(transaction.from)!;
      nonces.set(transaction.from, nonce + 1);
      const order = { gasPrice: hex(10n ** 12n - BigInt(index)), gas: hex(12_000_000), nonce: hex(nonce) };
      return ['eth_sendTransaction', [{ ...transaction, ...order }]] as const;
    }),
  );
  // Blocks are a second apart whatever the clock on the wall says: a seed has to find the same times again.
  const { timestamp } = await chain.call<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
  await chain.call('evm_mine', [hex(BigInt(timestamp) + 1n)]);
  const receipts = (await chain.batch(hashes.map((hash) => ['eth_getTransactionReceipt', [hash]]))) as Receipt[];
  receipts.forEach((receipt, index) => {
    if (receipt?.status !== '0x1') throw new Error(`The stage could not be set: transaction ${index} failed.`);
  });
  return receipts;
}
