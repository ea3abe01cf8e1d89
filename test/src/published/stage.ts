import { developmentAccounts, type LocalChain, startLocalChain } from '@openledger/protocol/chain';
import { type Artifact, loadArtifacts, loadHarness } from '@openledger/protocol/compile';
import { type Contract, ContractFactory, type InterfaceAbi, JsonRpcProvider, parseEther, Wallet } from 'ethers';

/** A chain with published contracts on it, and hands to act and look with. */
export type Stage<name extends string = string> = {
  readonly chain: LocalChain;
  readonly at: Readonly<Record<name, string>>;
  /** The first block that holds anything of them. */
  readonly startBlock: bigint;
  /** Sends a transaction to a contract and waits until it is mined. @throws when it reverts. */
  act(who: Person, contract: name, method: string, args?: readonly unknown[], value?: bigint): Promise<void>;
  /** Sends coin to a contract. */
  pay(who: Person, contract: name, value: bigint): Promise<void>;
  look(contract: name, view: string, ...args: readonly unknown[]): Promise<unknown>;
  encode(contract: name, method: string, args: readonly unknown[]): string;
  balanceOf(contract: name): Promise<bigint>;
  head(): Promise<bigint>;
  stop(): Promise<void>;
};

const people = ['alice', 'bob', 'carol', 'dave', 'signer', 'deployer'] as const;
export type Person = (typeof people)[number];

/** The publicly known accounts of a local chain that nobody of the protocol's own tests uses. */
export const keys = Object.fromEntries(
  people.map((person, i) => [person, developmentAccounts(40).at(30 + i)!]),
) as Record<Person, { address: `0x${string}`; privateKey: `0x${string}` }>;

const open = parseEther;

type Deploy = (artifact: Artifact, args?: readonly unknown[], value?: bigint) => Promise<Contract>;

const startStage = async <name extends string>(
  { chainId, port }: { chainId: number; port?: number },
  build: (deploy: Deploy) => Promise<Record<name, Contract>>,
): Promise<Stage<name>> => {
  const chain = await startLocalChain({ chainId, ...(port !== undefined && { port }) });
  const provider = new JsonRpcProvider(chain.url, chainId, { staticNetwork: true, batchMaxCount: 1, cacheTimeout: -1 });
  provider.pollingInterval = 20;
  const wallet = (person: Person) => new Wallet(keys[person].privateKey, provider);
  const stop = async () => {
    provider.destroy();
    await chain.stop();
  };
  try {
    const startBlock = BigInt(await provider.getBlockNumber()) + 1n;
    const contracts = await build(async ({ abi, bytecode }, args = [], value = 0n) => {
      const factory = new ContractFactory(abi as InterfaceAbi, bytecode, wallet('deployer'));
      const contract = await factory.deploy(...args, { value });
      await contract.waitForDeployment();
      return contract as Contract;
    });
    const entries = Object.entries(contracts) as [name, Contract][];
    const at = Object.fromEntries(
      await Promise.all(entries.map(async ([name, contract]) => [name, (await contract.getAddress()).toLowerCase()])),
    ) as Record<name, string>;
    const mined = async (sent: Promise<{ wait(): Promise<unknown> }>) => void (await (await sent).wait());
    return {
      chain,
      at,
      startBlock,
      act: async (who, contract, method, args = [], value = 0n) => {
        const data = contracts[contract].interface.encodeFunctionData(method, args);
        await mined(wallet(who).sendTransaction({ to: at[contract], data, value }));
      },
      pay: async (who, contract, value) => mined(wallet(who).sendTransaction({ to: at[contract], value })),
      look: (contract, view, ...args) => contracts[contract].getFunction(view).staticCall(...args),
      encode: (contract, method, args) => contracts[contract].interface.encodeFunctionData(method, args),
      balanceOf: (contract) => provider.getBalance(at[contract]),
      head: async () => BigInt(await provider.getBlockNumber()),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** OPEN on a chain that stands for Ethereum. */
export const startEthereum = (options: { chainId: number }) =>
  startStage(options, async (deploy) => {
    const { Open } = await loadArtifacts();
    return { EthereumOpen: await deploy(Open, [[keys.alice.address], [open('1000000000')]]) };
  });

/** WOPEN, GOPEN, a Governor with its timelock, Staking and two airdrops on a chain that stands for the L2. */
export const startL2 = (options: { chainId: number; port?: number }) =>
  startStage(options, async (deploy) => {
    const [{ OpenGovernor, TimelockController }, harness] = [await loadArtifacts(), await loadHarness()];
    const L2Wopen = await deploy(harness.PublishedWopen!);
    const L2Gopen = await deploy(harness.PublishedGopen!);
    const anyone = '0x0000000000000000000000000000000000000000';
    const timelock = await deploy(TimelockController, [1n, [], [anyone], keys.deployer.address]);
    // Blocks, the clock of these votes: one until voting, ten of voting.
    const settings = [1n, 10n, open('1'), 10n];
    const L2Governor = await deploy(OpenGovernor, [
      await L2Gopen.getAddress(),
      await timelock.getAddress(),
      ...settings,
    ]);
    for (const role of ['PROPOSER_ROLE', 'CANCELLER_ROLE']) {
      const id = await timelock.getFunction(role).staticCall();
      await (await timelock.getFunction('grantRole').send(id, await L2Governor.getAddress())).wait();
    }
    const L2Staking = await deploy(harness.PublishedStaking!);
    const airdrop = () => deploy(harness.PublishedAirdrop!, [keys.signer.address], open('100'));
    return { L2Wopen, L2Gopen, L2Governor, L2Staking, L2Airdrop: await airdrop(), secondAirdrop: await airdrop() };
  });

export type Ethereum = Awaited<ReturnType<typeof startEthereum>>;
export type L2 = Awaited<ReturnType<typeof startL2>>;
