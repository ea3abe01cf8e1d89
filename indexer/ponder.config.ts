import pino from 'pino';
import { createConfig } from 'ponder';
import { zeroAddress } from 'viem';
import { readConfig } from './run/config.ts';
import { openShared } from './run/doors.ts';
import { watchedOfProtocol } from './run/watched.ts';
import { abis } from './src/contracts.ts';
import { publishedSources } from './src/published/sources.ts';

const { databaseUrl, rpcUrls, rpcConcurrency, proof, pollingInterval, logLevel, manifest, published } = readConfig(
  process.env,
);
const log = pino({ name: 'rpc', level: logLevel });
const { contracts } = manifest;
// An empty list of addresses would mean every address; nothing can emit at zero.
const vesting = manifest.vesting.length > 0 ? manifest.vesting.map(({ address }) => address) : [zeroAddress];
const here = { chain: 'openledger', startBlock: Number(manifest.startBlock) } as const;

const indexed = {
  Open: { ...here, abi: abis.Open, address: contracts.Open },
  GOPEN: { ...here, abi: abis.GOPEN, address: contracts.GOPEN },
  OpenGovernor: { ...here, abi: abis.OpenGovernor, address: contracts.OpenGovernor },
  TimelockController: { ...here, abi: abis.TimelockController, address: contracts.TimelockController },
  DatanetRegistry: { ...here, abi: abis.DatanetRegistry, address: contracts.DatanetRegistry },
  ModelRegistry: { ...here, abi: abis.ModelRegistry, address: contracts.ModelRegistry },
  InferenceEscrow: { ...here, abi: abis.InferenceEscrow, address: contracts.InferenceEscrow },
  AttributionLedger: { ...here, abi: abis.AttributionLedger, address: contracts.AttributionLedger },
  RewardDistributor: { ...here, abi: abis.RewardDistributor, address: contracts.RewardDistributor },
  StakeManager: { ...here, abi: abis.StakeManager, address: contracts.StakeManager },
  DisputeResolver: { ...here, abi: abis.DisputeResolver, address: contracts.DisputeResolver },
  VestingWallet: { ...here, abi: abis.VestingWallet, address: vesting },
} as const;

const shared = { concurrency: rpcConcurrency, log: (message: string, details: object) => log.warn(details, message) };
const { transport } = openShared({
  ...shared,
  urls: rpcUrls,
  chainId: manifest.chainId,
  genesisHash: manifest.genesisHash,
  watched: watchedOfProtocol(manifest),
  depth: proof,
});
// The blocks of these chains are many, and full of other people's logs. And they are waited for as long as it takes: an
// answer that fails in the end would end the process, and the protocol's index with it.
const elsewhere = publishedSources(
  published,
  pollingInterval,
  ({ rpcUrls: urls, chainId }, watched) =>
    openShared({ ...shared, urls, chainId, watched, depth: 'ends', patience: Number.POSITIVE_INFINITY }).transport,
);

export default createConfig({
  // Each chain goes on by itself, so that one whose node hangs does not hold up the protocol's.
  ordering: 'multichain',
  // Two connections for Ponder itself and five each for syncing, indexing and its own HTTP endpoints.
  database: { kind: 'postgres', connectionString: databaseUrl, poolConfig: { max: 17 } },
  chains: { openledger: { id: Number(manifest.chainId), rpc: transport, pollingInterval }, ...elsewhere.chains },
  contracts: { ...indexed, ...elsewhere.contracts },
});
