import { ConfigError as IndexerConfigError, type Published, readPublished } from '@openledger/indexer';
import { type Manifest, ManifestError, readManifest } from '@openledger/protocol/deploy';

/** What `npm run verify` runs with. */
export type VerifyConfig = {
  readonly databaseUrl: string;
  readonly rpcUrl: string;
  readonly manifest: Manifest;
  /** The chains with OpenLedger's published contracts, as the indexer is told of them. */
  readonly published: Published;
};

/** The environment is not what is needed; one line for each variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const variables = {
  DATABASE_URL: 'the URL of the index’s Postgres, such as postgres://user:password@127.0.0.1:5432/openledger',
  CHAIN_RPC_URL: 'the JSON-RPC URL of the chain; of several separated by commas the first is asked',
  CONTRACTS_FILE: 'the path of the deployment’s manifest',
} as const;

/** Reads and checks the environment. @throws ConfigError */
export async function readConfig(env: NodeJS.ProcessEnv): Promise<VerifyConfig> {
  const { DATABASE_URL, CHAIN_RPC_URL, CONTRACTS_FILE } = env;
  if (!DATABASE_URL || !CHAIN_RPC_URL || !CONTRACTS_FILE) {
    const missing = Object.entries(variables).filter(([name]) => !env[name]);
    throw new ConfigError(missing.map(([name, what]) => `${name} is missing: ${what}`).join('\n'));
  }
  const rpcUrl = CHAIN_RPC_URL.split(',')[0]!.trim();
  checkUrl('DATABASE_URL', DATABASE_URL, ['postgres:', 'postgresql:']);
  checkUrl('CHAIN_RPC_URL', rpcUrl, ['http:', 'https:']);
  const manifest = await readManifest(CONTRACTS_FILE).catch((error: unknown) => {
    if (error instanceof ManifestError) throw new ConfigError(`CONTRACTS_FILE ${error.message}`, { cause: error });
    throw error;
  });
  return { databaseUrl: DATABASE_URL, rpcUrl, manifest, published: publishedOf(env, manifest) };
}

function publishedOf(env: NodeJS.ProcessEnv, { chainId }: Manifest): Published {
  try {
    return readPublished(env, chainId);
  } catch (error) {
    if (error instanceof IndexerConfigError) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}

function checkUrl(variable: string, value: string, protocols: readonly string[]): void {
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return;
  throw new ConfigError(
    `${variable} must be a URL beginning with ${protocols.map((name) => `${name}//`).join(' or ')}`,
  );
}
