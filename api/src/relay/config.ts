import type { Hex } from '@openledger/db/chain';
import { z } from 'zod';

const postgresUrl = 'a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger';
const whole = (least: number, most: number) =>
  z.coerce
    .number(`must be a whole number from ${least} to ${most}`)
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);

const schema = z.object({
  DATABASE_URL: z
    .string(`is missing: ${postgresUrl}`)
    .refine((text) => /^postgres(ql)?:$/.test(protocolOf(text)), `must be ${postgresUrl}`),
  CHAIN_RPC_URL: z
    .string('is missing: the URL of a node of the chain such as http://127.0.0.1:8545, several separated by commas')
    .transform((list) => [...new Set(list.split(',').map((entry) => entry.trim()))])
    .refine(
      (urls) => urls.every((url) => /^(https?|wss?):$/.test(protocolOf(url))),
      'must be URLs beginning with http://, https://, ws:// or wss://',
    )
    .transform((urls) => urls.filter((url) => /^https?:/i.test(url)))
    .refine((urls) => urls.length > 0, 'must have an http:// or https:// URL among its ws:// and wss:// ones'),
  CONTRACTS_FILE: z.string('is missing: the path of the manifest that the deployment wrote'),
  // The message never repeats what was given: it may be a key with a typing error.
  RELAYER_KEY: z
    .string('is missing: the private key of the account that pays, 0x and 64 hex digits')
    .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a private key: 0x and 64 hex digits')
    .transform((key) => key as Hex),
  RELAYER_HOST: z.string().default('127.0.0.1'),
  RELAYER_PORT: whole(0, 65_535).optional(),
  RELAYER_FINALITY_BLOCKS: whole(1, 10_000).default(30),
  RELAYER_POLL_MS: whole(20, 60_000).default(1000),
  RELAYER_STUCK_SECONDS: whole(1, 86_400).default(45),
  RELAYER_MAX_FEE_GWEI: whole(1, 1_000_000).default(500),
  RELAYER_BATCH_ROWS: whole(1, 200).default(50),
  RELAYER_BATCH_GAS: whole(100_000, 100_000_000).default(10_000_000),
  API_SECRET: z
    .string()
    .regex(/^([0-9a-fA-F]{2}){32,}$/, 'must be the one of the API: 32 bytes or more in hex')
    .optional(),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
});

export type RelayerConfig = {
  readonly databaseUrl: string;
  /** Over HTTP, each once; at least one. */
  readonly rpcUrls: readonly string[];
  /** Path of the deployment manifest. */
  readonly contractsFile: string;
  readonly key: Hex;
  readonly host: string;
  /** For `/health`, `/ready` and `/metrics`; nothing listens without it, 0 takes a free one. */
  readonly port: number | undefined;
  /** A block with so many others behind it is not taken back. */
  readonly finalityBlocks: bigint;
  /** Milliseconds between two looks at the chain while something is under way. */
  readonly pollMs: number;
  /** Seconds after which an attempt that is not mined is sent again for a higher fee. */
  readonly stuckSeconds: number;
  /** Wei for a unit of gas, at most. */
  readonly maxFeePerGas: bigint;
  /** Actions in one transaction, at most. */
  readonly batchRows: number;
  /** Gas of one transaction, at most, unless a single action needs more. */
  readonly batchGas: bigint;
  /** What the API sealed reviews with, hex; without it no score is revealed from here. */
  readonly secret?: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

function protocolOf(text: string): string {
  return URL.canParse(text) && new URL(text).host !== '' ? new URL(text).protocol : '';
}

export class RelayerConfigError extends Error {
  override readonly name = 'RelayerConfigError';
}

/** Reads the relayer's settings. An empty variable counts as unset. @throws RelayerConfigError naming each wrong one. */
export function readRelayerConfig(env: Readonly<Record<string, string | undefined>>): RelayerConfig {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new RelayerConfigError(issues.join('\n'));
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    rpcUrls: data.CHAIN_RPC_URL,
    contractsFile: data.CONTRACTS_FILE,
    key: data.RELAYER_KEY,
    host: data.RELAYER_HOST,
    port: data.RELAYER_PORT,
    finalityBlocks: BigInt(data.RELAYER_FINALITY_BLOCKS),
    pollMs: data.RELAYER_POLL_MS,
    stuckSeconds: data.RELAYER_STUCK_SECONDS,
    maxFeePerGas: BigInt(data.RELAYER_MAX_FEE_GWEI) * 1_000_000_000n,
    batchRows: data.RELAYER_BATCH_ROWS,
    batchGas: BigInt(data.RELAYER_BATCH_GAS),
    secret: data.API_SECRET?.toLowerCase(),
    logLevel: data.LOG_LEVEL,
  };
}
