import { readFileSync } from 'node:fs';
import { coreContracts, type Manifest, manifestSchema } from '@openledger/protocol/deploy';
import { z } from 'zod';
import type { Depth } from '../rpc/index.ts';
import { type Published, readPublished } from './published.ts';
import { blankIsAbsent, ConfigError, choice, explain, optional, rpcList, url, whole } from './variables.ts';

export { ConfigError };

/** Where the contracts stand. The genesis hash is known only from a manifest. */
export type Deployment = Omit<Manifest, 'genesisHash'> & Partial<Pick<Manifest, 'genesisHash'>>;

/** What the indexer runs with. Every field comes from the environment or from the deployment manifest it names. */
export type IndexerConfig = {
  databaseUrl: string;
  /** At least one. */
  rpcUrls: readonly string[];
  /** Questions to one node at a time. */
  rpcConcurrency: number;
  /** How much is read to make sure that no log of the past is missing. */
  proof: Depth;
  /** What to do when what was indexed as final is no longer on the chain. */
  onChainChange: 'reindex' | 'stop';
  /** Milliseconds between two looks for a new block. */
  pollingInterval: number;
  manifest: Deployment;
  /** OpenLedger's own published contracts, on chains of their own. */
  published: Published;
  /** Whether all RPC URLs lead to this machine. */
  isLocal: boolean;
  /** Of Ponder's own health, readiness and metrics endpoints. */
  host: string;
  port: number;
  logLevel: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  logFormat: 'json' | 'pretty';
};

const isDecodable = (text: string) => {
  try {
    decodeURI(text);
    return true;
  } catch {
    return false;
  }
};
const databaseUrl = z
  .string({ error: 'is missing: a PostgreSQL URL such as postgres://user:password@127.0.0.1:5432/openledger' })
  .pipe(url('postgres|postgresql', 'must be a URL beginning with postgres:// or postgresql://'))
  .refine(isDecodable, 'holds a special character that must be percent-encoded: % itself is %25');

const environment = z.object({
  DATABASE_URL: blankIsAbsent(databaseUrl),
  CHAIN_RPC_URL: blankIsAbsent(rpcList),
  CHAIN_ID: optional(whole(1, Number.MAX_SAFE_INTEGER)),
  CONTRACTS_FILE: optional(z.string()),
  CHAIN_RPC_CONCURRENCY: optional(whole(1, 32)),
  CHAIN_PROOF: optional(choice(['headers', 'ends'])),
  ON_CHAIN_CHANGE: optional(choice(['reindex', 'stop'])),
  CHAIN_POLL_MS: optional(whole(100, 60_000)),
  INDEXER_HOST: optional(z.string()),
  INDEXER_PORT: optional(whole(1, 65_535)),
  LOG_LEVEL: optional(choice(['error', 'warn', 'info', 'debug', 'trace'])),
  LOG_FORMAT: optional(choice(['json', 'pretty'])),
});

/** `TimelockController` → `TIMELOCK_CONTROLLER_ADDRESS`: the variable that holds a contract's address without a manifest. */
export const addressVariable = (contract: string) =>
  `${contract.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}_ADDRESS`;

/**
 * Reads and checks the indexer's environment.
 *
 * The contracts come from the JSON manifest at `CONTRACTS_FILE`; without it, from one variable each (`OPEN_ADDRESS`,
 * `DATANET_REGISTRY_ADDRESS`, …) with `TREASURY_ADDRESS`, `START_BLOCK` and `CHAIN_ID`.
 *
 * @throws ConfigError
 */
export const readConfig = (env: NodeJS.ProcessEnv): IndexerConfig => {
  const parsed = environment.safeParse(env);
  if (!parsed.success) throw new ConfigError(explain(parsed.error));
  const values = parsed.data;
  const manifest = values.CONTRACTS_FILE === undefined ? inlineManifest(env) : manifestAt(values.CONTRACTS_FILE);
  if (values.CHAIN_ID !== undefined && BigInt(values.CHAIN_ID) !== manifest.chainId) {
    throw new ConfigError(
      `CHAIN_ID is ${values.CHAIN_ID}, but the manifest at ${values.CONTRACTS_FILE} is of chain ${manifest.chainId}`,
    );
  }
  const isLocal = values.CHAIN_RPC_URL.every((url) =>
    ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname),
  );
  return {
    databaseUrl: values.DATABASE_URL,
    rpcUrls: values.CHAIN_RPC_URL,
    rpcConcurrency: values.CHAIN_RPC_CONCURRENCY ?? 8,
    proof: values.CHAIN_PROOF ?? 'headers',
    onChainChange: values.ON_CHAIN_CHANGE ?? (isLocal ? 'reindex' : 'stop'),
    pollingInterval: values.CHAIN_POLL_MS ?? (isLocal ? 500 : 1_000),
    manifest,
    published: readPublished(env, manifest.chainId),
    isLocal,
    host: values.INDEXER_HOST ?? '127.0.0.1',
    port: values.INDEXER_PORT ?? 42_069,
    logLevel: values.LOG_LEVEL ?? 'info',
    logFormat: values.LOG_FORMAT ?? 'json',
  };
};

const manifestAt = (file: string): Deployment => {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`CONTRACTS_FILE ${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success)
    throw new ConfigError(`CONTRACTS_FILE ${file} is no deployment manifest:\n${explain(parsed.error)}`);
  return parsed.data;
};

const inlineManifest = (env: NodeJS.ProcessEnv): Deployment => {
  const missing = [...coreContracts.map(addressVariable), 'TREASURY_ADDRESS', 'START_BLOCK', 'CHAIN_ID'].filter(
    (name) => !env[name],
  );
  if (missing.length > 0) {
    throw new ConfigError(
      `CONTRACTS_FILE is missing: the path of a deployment manifest. Without it these must be set: ${missing.join(', ')}`,
    );
  }
  const parsed = manifestSchema.omit({ genesisHash: true }).safeParse({
    chainId: env.CHAIN_ID,
    startBlock: env.START_BLOCK,
    contracts: Object.fromEntries(coreContracts.map((name) => [name, env[addressVariable(name)]])),
    vesting: [],
    treasury: env.TREASURY_ADDRESS,
  });
  if (parsed.success) return parsed.data;
  throw new ConfigError(`the contracts' addresses in the environment are wrong:\n${explain(parsed.error)}`);
};
