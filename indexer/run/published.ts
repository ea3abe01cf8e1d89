import type { PublishedContract } from '@openledger/protocol/abi';
import type { Hex } from 'viem';
import { z } from 'zod';
import { ConfigError, explain, optional, rpcList, whole } from './variables.ts';

/** The chains that OpenLedger's own published contracts stand on: Ethereum, and its L2. */
export type PublishedChainName = 'ethereum' | 'l2';

/** What is indexed of one of them. */
export type PublishedChain = {
  chainId: bigint;
  /** At least one. */
  rpcUrls: readonly string[];
  /** The first block that is read: at or before the contracts' first event, or balances come out wrong. */
  startBlock: bigint;
  /** Where they stand; a contract that is absent is not indexed. */
  contracts: { readonly [contract in PublishedContract]?: readonly Hex[] };
};

/** A chain without an RPC URL is absent, and nothing of it is indexed. */
export type Published = { readonly [chain in PublishedChainName]?: PublishedChain };

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address: 0x and 40 hex digits')
  .transform((value) => value.toLowerCase() as Hex);
const addressList = z
  .string()
  .transform((list) => list.split(',').map((item) => item.trim()))
  .pipe(z.array(address));
const chainId = optional(whole(1, Number.MAX_SAFE_INTEGER));
const startBlock = optional(whole(0, Number.MAX_SAFE_INTEGER));

const environment = z.object({
  ETHEREUM_RPC_URL: optional(rpcList),
  ETHEREUM_CHAIN_ID: chainId,
  ETHEREUM_START_BLOCK: startBlock,
  ETHEREUM_OPEN_ADDRESS: optional(address),
  L2_RPC_URL: optional(rpcList),
  L2_CHAIN_ID: chainId,
  L2_START_BLOCK: startBlock,
  L2_WOPEN_ADDRESS: optional(address),
  L2_GOPEN_ADDRESS: optional(address),
  L2_GOVERNOR_ADDRESS: optional(address),
  L2_STAKING_ADDRESS: optional(address),
  L2_AIRDROP_ADDRESSES: optional(addressList),
});

/** OPEN on Ethereum, the only address that is published. */
const ethereumOpen = '0xa227cc36938f0c9e09ce0e64dfab226cad739447';
const chainIds = { ethereum: 1, l2: 1_612 } as const;

/**
 * Reads which of OpenLedger's published contracts are indexed, beside the protocol on `protocolChainId`.
 *
 * @throws ConfigError
 */
export const readPublished = (env: NodeJS.ProcessEnv, protocolChainId: bigint): Published => {
  const parsed = environment.safeParse(env);
  if (!parsed.success) throw new ConfigError(explain(parsed.error));
  const values = parsed.data;
  const only = (given: Hex | undefined) => given && ([given] as const);
  const ethereum = values.ETHEREUM_RPC_URL && {
    chainId: BigInt(values.ETHEREUM_CHAIN_ID ?? chainIds.ethereum),
    rpcUrls: values.ETHEREUM_RPC_URL,
    startBlock: BigInt(values.ETHEREUM_START_BLOCK ?? 0),
    contracts: present({ EthereumOpen: only(values.ETHEREUM_OPEN_ADDRESS ?? ethereumOpen) }),
  };
  const l2 = values.L2_RPC_URL && {
    chainId: BigInt(values.L2_CHAIN_ID ?? chainIds.l2),
    rpcUrls: values.L2_RPC_URL,
    startBlock: BigInt(values.L2_START_BLOCK ?? 0),
    contracts: present({
      L2Wopen: only(values.L2_WOPEN_ADDRESS),
      L2Gopen: only(values.L2_GOPEN_ADDRESS),
      L2Governor: only(values.L2_GOVERNOR_ADDRESS),
      L2Staking: only(values.L2_STAKING_ADDRESS),
      L2Airdrop: values.L2_AIRDROP_ADDRESSES,
    }),
  };
  if (l2 !== undefined) checkContracts(l2.contracts);
  const published: Published = present({ ethereum, l2 });
  checkChainIds(published, protocolChainId);
  return published;
};

const present = <table extends Record<string, unknown>>(table: table) =>
  Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined)) as {
    [key in keyof table]?: Exclude<table[key], undefined>;
  };

const variables: { readonly [contract in PublishedContract]: string } = {
  EthereumOpen: 'ETHEREUM_OPEN_ADDRESS',
  L2Wopen: 'L2_WOPEN_ADDRESS',
  L2Gopen: 'L2_GOPEN_ADDRESS',
  L2Governor: 'L2_GOVERNOR_ADDRESS',
  L2Staking: 'L2_STAKING_ADDRESS',
  L2Airdrop: 'L2_AIRDROP_ADDRESSES',
};

/** One contract under two names would have its events counted twice. */
const checkContracts = (contracts: PublishedChain['contracts']) => {
  const named = (Object.entries(contracts) as [PublishedContract, readonly Hex[]][]).flatMap(([contract, addresses]) =>
    addresses.map((address) => [address, variables[contract]] as const),
  );
  if (named.length === 0) {
    const names = Object.values(variables).filter((name) => name.startsWith('L2_'));
    throw new ConfigError(`L2_RPC_URL is set, but no contract to index there: set one of ${names.join(', ')}`);
  }
  const seen = new Map<Hex, string>();
  for (const [address, variable] of named) {
    const other = seen.get(address);
    if (other !== undefined) {
      throw new ConfigError(
        `${other === variable ? `${variable} names` : `${other} and ${variable} both name`} ${address}` +
          `${other === variable ? ' twice' : ''}: each contract is indexed once`,
      );
    }
    seen.set(address, variable);
  }
};

const checkChainIds = ({ ethereum, l2 }: Published, protocolChainId: bigint) => {
  const protocol = 'the protocol’s contracts (CONTRACTS_FILE)';
  const same = (a: string, b: string, id: bigint | undefined) =>
    new ConfigError(`${a} and ${b} are of the same chain, ${id}: each chain is indexed once, so they must differ`);
  if (ethereum?.chainId === protocolChainId) throw same('ETHEREUM_CHAIN_ID', protocol, protocolChainId);
  if (l2?.chainId === protocolChainId) throw same('L2_CHAIN_ID', protocol, protocolChainId);
  if (l2 !== undefined && l2.chainId === ethereum?.chainId) {
    throw same('L2_CHAIN_ID', 'ETHEREUM_CHAIN_ID', l2.chainId);
  }
};
