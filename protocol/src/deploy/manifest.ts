import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type ContractName, contractNames } from '../abi/index.ts';
import { address, integer } from './config.ts';

/** The contracts that stand once on each chain; vesting wallets are listed apart. */
export type CoreContract = Exclude<ContractName, 'LinearVesting' | 'CliffVesting'>;

export const coreContracts = contractNames.filter(
  (name): name is CoreContract => name !== 'LinearVesting' && name !== 'CliffVesting',
);

const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/, 'must be 32 bytes in lower-case hex')
  .transform((value) => value as `0x${string}`);

/** Where a deployment stands: what the indexer, the api and every client need to know of it. JSON, integers as digits. */
export const manifestSchema = z.object({
  chainId: integer,
  /** Hash of block 0: tells a reset chain from the one that was deployed to. */
  genesisHash: hash,
  /** The first block that holds any of the deployment's events. */
  startBlock: integer,
  contracts: z.object(
    Object.fromEntries(coreContracts.map((name) => [name, address])) as Record<CoreContract, typeof address>,
  ),
  vesting: z.array(
    z.object({
      name: z.string(),
      address,
      beneficiary: address,
      /** Unix seconds. */
      start: integer,
      cliff: integer,
      end: integer,
      /** Wei of OPEN. */
      allocation: integer,
    }),
  ),
  treasury: address,
});

export type Manifest = z.output<typeof manifestSchema>;

export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/**
 * Reads a deployment manifest.
 * @throws ManifestError naming the file and the field that is wrong.
 */
export async function readManifest(file: string): Promise<Manifest> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ManifestError(
      `${file}: cannot be read. Deploy the contracts first, or point CONTRACTS_FILE at a manifest.`,
      {
        cause,
      },
    );
  });
  return parseManifest(text, file);
}

/** @param source named in errors. @throws ManifestError */
export function parseManifest(text: string, source = 'manifest'): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ManifestError(`${source}: is not JSON.`, { cause });
  }
  const parsed = manifestSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ManifestError(`${source}: ${z.prettifyError(parsed.error)}`);
}

export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, (_, value) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`;
}

/** Writes a manifest whole or not at all. */
export async function writeManifest(file: string, manifest: Manifest): Promise<void> {
  const partial = `${file}.partial`;
  await writeFile(partial, formatManifest(manifest));
  await rename(partial, file);
}
