import { ContractFactory, Interface, type InterfaceAbi, JsonRpcProvider, Wallet } from 'ethers';
import type { ContractName } from '../src/abi/index.ts';
import { developmentAccounts, type LocalChain, startLocalChain } from '../src/chain/index.ts';
import { type Artifacts, loadArtifacts, loadHarness } from '../src/compile/index.ts';
import { deployProtocol, type Manifest } from '../src/deploy/index.ts';

type CoreName = keyof Manifest['contracts'];

/** The compiled contracts on a chain of their own, and a way to ask one view of them many times in one call. */
export type Solidity = {
  readonly chainId: bigint;
  readonly artifacts: Artifacts;
  readonly addressOf: (name: CoreName | 'Differential') => string;
  /** The first return value of a view for each list of arguments. */
  askEach(name: CoreName | 'Differential', view: string, calls: readonly (readonly unknown[])[]): Promise<unknown[]>;
  /** The first return value of one view. */
  ask(name: CoreName | 'Differential', view: string, ...args: readonly unknown[]): Promise<unknown>;
  stop(): Promise<void>;
};

const perCall = 250;

/** Deploys the protocol and the harness on a chain with this id. */
export async function startSolidity(chainId: number): Promise<Solidity> {
  const [artifacts, harness] = [await loadArtifacts(), await loadHarness()];
  const differential = harness.Differential;
  if (differential === undefined) throw new Error('contracts/harness holds no contract Differential.');
  const chain = await startLocalChain({ chainId });
  const provider = new JsonRpcProvider(chain.url, chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 20;
  try {
    const manifest = await deploy(chain, provider);
    const deployer = new Wallet(developmentAccounts(1)[0]!.privateKey, provider);
    const made = await new ContractFactory(differential.abi as InterfaceAbi, differential.bytecode, deployer).deploy();
    await made.waitForDeployment();
    const addresses: Record<string, string> = { ...manifest.contracts, Differential: await made.getAddress() };
    const addressOf = (name: string) => addresses[name]!;
    const coderOf = (name: string) =>
      new Interface((name === 'Differential' ? differential : artifacts[name as ContractName]).abi as InterfaceAbi);

    const ask: Solidity['ask'] = async (name, view, ...args) => {
      const coder = coderOf(name);
      const result = await provider.call({ to: addressOf(name), data: coder.encodeFunctionData(view, args) });
      return coder.decodeFunctionResult(view, result)[0];
    };
    const askEach: Solidity['askEach'] = async (name, view, calls) => {
      const coder = coderOf(name);
      const answers: unknown[] = [];
      for (let start = 0; start < calls.length; start += perCall) {
        const batch = calls.slice(start, start + perCall).map((args) => coder.encodeFunctionData(view, args));
        const results = (await ask('Differential', 'each', addressOf(name), batch)) as string[];
        answers.push(...results.map((result) => coder.decodeFunctionResult(view, result)[0]));
      }
      return answers;
    };
    const stop = async () => {
      provider.destroy();
      await chain.stop();
    };
    return { chainId: BigInt(chainId), artifacts, addressOf, ask, askEach, stop };
  } catch (error) {
    provider.destroy();
    await chain.stop();
    throw error;
  }
}

async function deploy(chain: LocalChain, provider: JsonRpcProvider): Promise<Manifest> {
  const [deployer, ...others] = developmentAccounts(8);
  const address = (index: number) => others[index]!.address;
  const latest = await chain.call<{ timestamp: string }>('eth_getBlockByNumber', ['latest', false]);
  return deployProtocol({
    provider,
    deployer: new Wallet(deployer!.privateKey, provider),
    config: {
      tge: BigInt(latest.timestamp),
      beneficiaries: {
        community: address(0),
        investors: address(1),
        team: address(2),
        ecosystem: address(3),
        liquidity: address(4),
      },
      guardian: address(5),
      rootProposer: address(6),
    },
  });
}
