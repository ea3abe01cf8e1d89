import type { Hex } from '@openledger/protocol';
import { Wallet } from 'ethers';
import { z } from 'zod';

const postgresUrl = 'a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger';
const whole = (least: number, most: number) =>
  z.coerce
    .number(`must be a whole number from ${least} to ${most}`)
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);
const protocolOf = (text: string): string =>
  URL.canParse(text) && new URL(text).host !== '' ? new URL(text).protocol : '';

const schema = z.object({
  DATABASE_URL: z
    .string(`is missing: ${postgresUrl}`)
    .refine((text) => /^postgres(ql)?:$/.test(protocolOf(text)), `must be ${postgresUrl}`),
  CHAIN_RPC_URL: z
    .string('is missing: the URL of a node of the chain such as http://127.0.0.1:8545, several separated by commas')
    .transform((text) => [...new Set(text.split(',').map((entry) => entry.trim()))])
    .refine(
      (urls) => urls.every((url) => /^(https?|wss?):$/.test(protocolOf(url))),
      'must be URLs beginning with http://, https://, ws:// or wss://',
    )
    .transform((urls) => urls.filter((url) => /^https?:/i.test(url)))
    .refine((urls) => urls.length > 0, 'must have an http:// or https:// URL among its ws:// and wss:// ones'),
  CONTRACTS_FILE: z.string('is missing: the path of the manifest that the deployment wrote'),
  // The message never repeats what was given: it may be a key with a typing error.
  EPOCHS_KEY: z
    .string('is missing: the private key of an account that may propose reward roots, 0x and 64 hex digits')
    .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a private key: 0x and 64 hex digits')
    .refine(isKey, 'is no private key: its number is out of range')
    .transform((key) => key as Hex),
  EPOCHS_SECONDS: whole(1, 90 * 86_400).optional(),
  EPOCHS_CONFIRMATIONS: whole(0, 10_000).default(30),
  EPOCHS_GRACE_SECONDS: whole(0, 30 * 86_400).default(600),
  EPOCHS_POLL_MS: whole(100, 3_600_000).default(15_000),
  EPOCHS_HOST: z.string().default('127.0.0.1'),
  EPOCHS_PORT: whole(0, 65_535).default(4030),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
});

export type EpochsConfig = {
  readonly databaseUrl: string;
  /** Over HTTP, each once; at least one. */
  readonly rpcUrls: readonly string[];
  /** Path of the deployment manifest. */
  readonly contractsFile: string;
  /** Of an account with the distributor's PROPOSER_ROLE. Never logged. */
  readonly key: Hex;
  /** Seconds from one closing to the next at least; the chain's EPOCH_LENGTH when undefined. */
  readonly every: number | undefined;
  readonly confirmations: number;
  /** Seconds. */
  readonly grace: number;
  readonly pollMs: number;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** Settings that are wrong; one line for each. */
export class EpochsConfigError extends Error {
  override readonly name = 'EpochsConfigError';
}

/** Reads the keeper's settings. An empty variable counts as unset. @throws EpochsConfigError naming each wrong variable */
export const readEpochsConfig = (env: Readonly<Record<string, string | undefined>>): EpochsConfig => {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new EpochsConfigError(
      parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'),
    );
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    rpcUrls: data.CHAIN_RPC_URL,
    contractsFile: data.CONTRACTS_FILE,
    key: data.EPOCHS_KEY,
    every: data.EPOCHS_SECONDS,
    confirmations: data.EPOCHS_CONFIRMATIONS,
    grace: data.EPOCHS_GRACE_SECONDS,
    pollMs: data.EPOCHS_POLL_MS,
    host: data.EPOCHS_HOST,
    port: data.EPOCHS_PORT,
    logLevel: data.LOG_LEVEL,
  };
};

function isKey(key: string): boolean {
  try {
    new Wallet(key);
    return true;
  } catch {
    return false;
  }
}
