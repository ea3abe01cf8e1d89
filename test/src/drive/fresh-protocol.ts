import {
  type DevelopmentAccount,
  developmentAccounts,
  type LocalChain,
  type LocalChainOptions,
  startLocalChain,
} from '@openledger/protocol/chain';
import { deployProtocol, type Manifest } from '@openledger/protocol/deploy';
import { JsonRpcProvider, Wallet } from 'ethers';

/** A chain of its own with the protocol just deployed on it. */
export type FreshProtocol = {
  readonly chain: LocalChain;
  readonly rpcUrl: string;
  readonly manifest: Manifest;
  /** The deployer first, then who holds the genesis allocation, then others. */
  readonly accounts: readonly DevelopmentAccount[];
  /** Ends the chain. */
  stop(): Promise<void>;
};

/** 2026-01-01, Unix seconds. */
const genesis = 1_767_225_600n;

/**
 * Starts a chain that begins at a fixed time and deploys the protocol: the same blocks each time.
 * @param options.genesisTimestamp for another chain than the usual one.
 */
export async function startFreshProtocol(
  options: Pick<LocalChainOptions, 'statesKept' | 'genesisTimestamp'> = {},
): Promise<FreshProtocol> {
  const chain = await startLocalChain({ genesisTimestamp: genesis, ...options });
  try {
    const accounts = developmentAccounts(10);
    return { chain, rpcUrl: chain.url, manifest: await deploy(chain, accounts), accounts, stop: () => chain.stop() };
  } catch (error) {
    await chain.stop();
    throw error;
  }
}

async function deploy(chain: LocalChain, accounts: readonly DevelopmentAccount[]): Promise<Manifest> {
  const provider = new JsonRpcProvider(chain.url, chain.chainId, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 20;
  const address = (index: number) => accounts[index]!.address;
  // One second a block, however fast this machine deploys.
  await chain.call('anvil_setBlockTimestampInterval', [1]);
  try {
    return await deployProtocol({
      provider,
      deployer: new Wallet(accounts[0]!.privateKey, provider),
      config: {
        tge: genesis,
        beneficiaries: {
          community: address(1),
          investors: address(2),
          team: address(3),
          ecosystem: address(4),
          liquidity: address(5),
        },
        guardian: address(6),
        rootProposer: address(7),
        evaluators: [address(8)],
      },
    });
  } finally {
    provider.destroy();
  }
}
