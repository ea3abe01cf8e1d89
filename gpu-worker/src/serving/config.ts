import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hex } from '@openledger/protocol';
import { Wallet } from 'ethers';
import { z } from 'zod';

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

const count = (fallback: number, { min = 1, max = 100_000 } = {}) =>
  z.coerce
    .number(`must be a whole number such as ${fallback}`)
    .int(`must be a whole number such as ${fallback}`)
    .min(min, `must be ${min} or more`)
    .max(max, `must be ${max} or less`)
    .default(fallback);

const bytes = (fallback: number) => count(fallback, { min: 1_000_000, max: Number.MAX_SAFE_INTEGER });

const free = z
  .string()
  .regex(
    /^0*$/,
    'must be 0: on chain nobody owns the base, so what its answers cost could not be collected. Publish a model to be paid for',
  )
  .optional();

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );

const postgresUrl = 'a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger';

const schema = z
  .object({
    DATABASE_URL: z
      .string(`is missing: ${postgresUrl}`)
      .refine((text) => isUrl(text, /^postgres(ql)?:$/), `must be ${postgresUrl}`),
    CHAIN_RPC_URL: z
      .string('is missing: the URL of a node of the chain such as http://127.0.0.1:8545, several separated by commas')
      .transform((text) => [...new Set(text.split(',').map((entry) => entry.trim()))])
      .refine(
        (urls) => urls.every((url) => isUrl(url, /^(https?|wss?):$/)),
        'must be URLs beginning with http://, https://, ws:// or wss://',
      )
      .transform((urls) => urls.filter((url) => /^https?:/i.test(url)))
      .refine((urls) => urls.length > 0, 'must have an http:// or https:// URL among its ws:// and wss:// ones'),
    CONTRACTS_FILE: z.string('is missing: the path of the manifest that the deployment wrote'),
    WORKER_KEY: z
      .string("is missing: the private key of this worker's account, 0x and 64 hex digits")
      .regex(/^0x[0-9a-fA-F]{64}$/, 'must be a private key: 0x and 64 hex digits'),
    WORKER_HOST: z.string().default('127.0.0.1'),
    WORKER_PORT: count(4020, { min: 0, max: 65_535 }),
    WORKER_URL: z
      .string()
      .refine(isOrigin, 'must be where clients reach this worker, such as https://worker.example, without a path')
      .transform((url) => url.replace(/\/$/, ''))
      .optional(),
    WORKER_BASE: z.string().default(fileURLToPath(new URL('../../base', import.meta.url))),
    WORKER_BASE_NAME: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, 'must be a name such as openledger/base')
      .default('openledger/base'),
    WORKER_BASE_PRICE_IN: free,
    WORKER_BASE_PRICE_OUT: free,
    WORKER_ENGINE: z.enum(['onnx', 'vllm'], 'must be onnx or vllm').default('onnx'),
    VLLM_URL: z
      .string()
      .refine((text) => isUrl(text, /^https?:$/), 'must be the URL of a vLLM server such as http://127.0.0.1:8000')
      .transform((url) => url.replace(/\/$/, ''))
      .optional(),
    VLLM_API_KEY: z.string().optional(),
    WORKER_PROVIDERS: list.transform((names) => (names.length === 0 ? undefined : names)),
    WORKER_THREADS: count(Math.min(16, availableParallelism()), { max: 256 }),
    WORKER_ROWS: count(16, { max: 1024 }),
    WORKER_QUEUE: count(64, { min: 0 }),
    WORKER_MAX_RANK: count(16, { max: 256 }),
    WORKER_CACHE_DIR: z.string().default('.openledger/adapters'),
    WORKER_DISK_BYTES: bytes(10_000_000_000),
    WORKER_HOST_BYTES: bytes(2_000_000_000),
    WORKER_PINNED: list,
    WORKER_ACCESS: z.enum(['keys', 'open'], 'must be keys or open').default('keys'),
    WORKER_ALLOW_PRIVATE: onOff.default(false),
    WORKER_ALLOW_FILES: onOff.default(false),
    WORKER_SETTLE_SECONDS: count(300, { max: 86_400 }),
    WORKER_POST_SECONDS: count(600, { max: 86_400 }),
    WORKER_ATTRIBUTION: onOff.default(true),
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
      .default('info'),
  })
  .refine(({ WORKER_ENGINE, VLLM_URL }) => WORKER_ENGINE !== 'vllm' || VLLM_URL !== undefined, {
    path: ['VLLM_URL'],
    message: 'is missing: with WORKER_ENGINE=vllm it says where vLLM answers, such as http://127.0.0.1:8000',
  });

export type WorkerConfig = {
  readonly databaseUrl: string;
  /** Over HTTP, each once; at least one. */
  readonly rpcUrls: readonly string[];
  /** Path of the deployment manifest. */
  readonly contractsFile: string;
  /** The private key of the worker's account. Never logged. */
  readonly key: Hex;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Where clients reach the worker; where it listens when undefined. */
  readonly publicUrl: string | undefined;
  readonly base: {
    /** A base in Hugging Face's layout. */
    readonly folder: string;
    readonly name: string;
  };
  readonly engine: {
    readonly kind: 'onnx' | 'vllm';
    readonly vllmUrl: string | undefined;
    /** Never logged. */
    readonly vllmApiKey: string | undefined;
    /** Execution providers in the order that they are tried; the best that is present where none is named. */
    readonly providers: readonly string[] | undefined;
    readonly threads: number;
    /** Answers that are written at once. */
    readonly rows: number;
    /** Answers that wait at most. */
    readonly queue: number;
    readonly maxRank: number;
  };
  readonly adapters: {
    /** Absolute. */
    readonly cacheDir: string;
    readonly diskBytes: number;
    readonly hostBytes: number;
    /** Names or hashes of those that are always loaded. */
    readonly pinned: readonly string[];
    /** Whether adapters may be fetched from addresses that are not on the public internet. */
    readonly allowPrivate: boolean;
    /** Whether adapters may be read from folders of this machine. */
    readonly allowFiles: boolean;
  };
  /** `open`: what is public and free may be asked by anyone. */
  readonly access: 'keys' | 'open';
  /** Seconds that an answer waits at most until it is settled. */
  readonly settleSeconds: number;
  /** Seconds that the receipt of a settled answer waits at most until it is posted with others. */
  readonly postSeconds: number;
  /** Whether answers are attributed here; where not, they are kept, sealed, for a process of this worker that does. */
  readonly attributes: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** Settings that are wrong; one line for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the worker's settings. An empty variable counts as unset. @throws ConfigError naming each wrong variable. */
export const readConfig = (env: Readonly<Record<string, string | undefined>>): WorkerConfig => {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('\n'));
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    rpcUrls: data.CHAIN_RPC_URL,
    contractsFile: data.CONTRACTS_FILE,
    key: checkedKey(data.WORKER_KEY),
    host: data.WORKER_HOST,
    port: data.WORKER_PORT,
    publicUrl: data.WORKER_URL,
    base: { folder: data.WORKER_BASE, name: data.WORKER_BASE_NAME },
    engine: {
      kind: data.WORKER_ENGINE,
      vllmUrl: data.VLLM_URL,
      vllmApiKey: data.VLLM_API_KEY,
      providers: data.WORKER_PROVIDERS,
      threads: data.WORKER_THREADS,
      rows: data.WORKER_ROWS,
      queue: data.WORKER_QUEUE,
      maxRank: data.WORKER_MAX_RANK,
    },
    adapters: {
      cacheDir: resolve(data.WORKER_CACHE_DIR),
      diskBytes: data.WORKER_DISK_BYTES,
      hostBytes: data.WORKER_HOST_BYTES,
      pinned: data.WORKER_PINNED,
      allowPrivate: data.WORKER_ALLOW_PRIVATE,
      allowFiles: data.WORKER_ALLOW_FILES,
    },
    access: data.WORKER_ACCESS,
    settleSeconds: data.WORKER_SETTLE_SECONDS,
    postSeconds: data.WORKER_POST_SECONDS,
    attributes: data.WORKER_ATTRIBUTION,
    logLevel: data.LOG_LEVEL,
  };
};

/** Not every 32 bytes are a key. */
const checkedKey = (key: string): Hex => {
  try {
    new Wallet(key);
  } catch {
    throw new ConfigError('WORKER_KEY is no private key: its number is out of range');
  }
  return key as Hex;
};

function isUrl(text: string, protocols: RegExp): boolean {
  return URL.canParse(text) && protocols.test(new URL(text).protocol) && new URL(text).host !== '';
}

function isOrigin(text: string): boolean {
  const bare = text.replace(/\/$/, '');
  return isUrl(bare, /^https?:$/) && new URL(bare).origin === bare;
}
