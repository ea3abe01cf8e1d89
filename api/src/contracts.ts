import type { Hex } from '@openledger/db/chain';
import { ManifestError, readManifest } from '@openledger/protocol/deploy';
import { ConfigError } from './config.ts';

export type Contract = { readonly name: string; readonly address: Hex };
/** Which chain is served, and the contracts on it. */
export type Deployment = {
  readonly chainId: bigint;
  /** Hash of block 0: a chain that began anew is another one. */
  readonly genesisHash: Hex;
  readonly contracts: readonly Contract[];
};

/** Reads what the API serves of a deployment's manifest. @throws ConfigError naming the file and what is wrong in it. */
export async function readDeployment(file: string): Promise<Deployment> {
  const { chainId, genesisHash, contracts, vesting } = await readManifest(file).catch((error: unknown) => {
    throw error instanceof ManifestError ? new ConfigError(`CONTRACTS_FILE ${error.message}`) : error;
  });
  return {
    chainId,
    genesisHash,
    contracts: [
      ...Object.entries(contracts).map(([name, address]) => ({ name, address })),
      ...vesting.map(({ name, address }) => ({ name: `VestingWallet: ${name}`, address })),
    ],
  };
}
