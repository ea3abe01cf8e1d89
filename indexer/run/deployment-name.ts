import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as abi from '@openledger/protocol/abi';
import type { Hex } from 'viem';
import type { Deployment } from './config.ts';
import type { Published, PublishedChain } from './published.ts';

/** The Ponder app's folder. */
export const appRoot = join(import.meta.dirname, '..');

/**
 * The schema for one index: of these chains, these contracts, made by this code. Anything else gets a schema of its own,
 * so a new version indexes beside the one that is being read and the views change over when it is done.
 */
export const deploymentName = (genesisHash: Hex, manifest: Deployment, published: Published): string => {
  const hash = createHash('sha256');
  const { contracts, startBlock, vesting, treasury } = manifest;
  hash.update(JSON.stringify([genesisHash, contracts, startBlock, vesting, treasury, abi.contractAbis], digits));
  hash.update(JSON.stringify([Object.entries(published).map(withoutUrls), abi.publishedAbis], digits));
  for (const file of appFiles()) hash.update(file).update(readFileSync(join(appRoot, file)));
  hash.update(ponderVersion());
  return `indexer_${hash.digest('hex').slice(0, 8)}`;
};

/** A chain is the same one behind whichever node. */
const withoutUrls = ([name, { rpcUrls: _, ...chain }]: [string, PublishedChain]) => [name, chain];

const digits = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);

/** Everything that decides what is written: a superset of what Ponder's own build id covers. */
const appFiles = (): string[] => [
  'ponder.config.ts',
  'ponder.schema.ts',
  ...['schema', 'src']
    .flatMap((folder) =>
      readdirSync(join(appRoot, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith('.ts'))
    .sort(),
];

const ponderVersion = (): string => {
  const { dependencies } = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8')) as {
    dependencies: { ponder: string };
  };
  return dependencies.ponder;
};
