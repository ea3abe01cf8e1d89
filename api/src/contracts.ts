import { readFile } from 'node:fs/promises';
import type { Hex } from '@openledger/db/chain';
import { z } from 'zod';
import { ConfigError } from './config.ts';

const address = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be 0x and 40 hex digits')
  .transform((value) => value.toLowerCase() as Hex);

const schema = z.object({
  chainId: z.union([z.number().int().positive(), z.string().regex(/^\d+$/)]).transform(BigInt),
  contracts: z.record(z.string(), address),
  vesting: z.array(z.object({ name: z.string(), address })).default([]),
});

export type Contract = { readonly name: string; readonly address: Hex };
/** Which chain is served, and the contracts on it. */
export type Deployment = { readonly chainId: bigint; readonly contracts: readonly Contract[] };

/** Reads what the API serves of a deployment's manifest. @throws ConfigError naming the file and what is wrong in it. */
export async function readDeployment(file: string): Promise<Deployment> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ConfigError(`CONTRACTS_FILE ${file} cannot be read: deploy the contracts first, or name their manifest.`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new ConfigError(`CONTRACTS_FILE ${file} is not JSON.`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    throw new ConfigError(`CONTRACTS_FILE ${file} is no deployment manifest:\n${z.prettifyError(parsed.error)}`);
  }
  const { chainId, contracts, vesting } = parsed.data;
  return {
    chainId,
    contracts: [
      ...Object.entries(contracts).map(([name, at]) => ({ name, address: at })),
      ...vesting.map((wallet) => ({ name: `VestingWallet: ${wallet.name}`, address: wallet.address })),
    ],
  };
}
