import { z } from 'zod';

const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

const postgresUrl = 'a Postgres URL such as postgres://user:password@127.0.0.1:5432/openledger';

const budget = (fallback: number) =>
  z.coerce.number('must be a whole number such as 100000').int().min(1).max(2_000_000_000).default(fallback);

const publicUrl = 'where clients reach this API, such as https://api.example, without a path';

const schema = z.object({
  DATABASE_URL: z
    .string(`is missing: ${postgresUrl}`)
    .refine(isPostgresUrl, `must be ${postgresUrl}; special characters in it must be percent-encoded`),
  CHAIN_RPC_URL: z
    .string('is missing: the URL of a node of the chain such as http://127.0.0.1:8545, several separated by commas')
    .transform((list) => [...new Set(list.split(',').map((entry) => entry.trim()))])
    .refine((urls) => urls.every(isNodeUrl), 'must be URLs beginning with http://, https://, ws:// or wss://')
    // The indexer follows the chain over WebSockets too; the API asks for its head now and then.
    .transform((urls) => urls.filter((url) => /^https?:/i.test(url)))
    .refine((urls) => urls.length > 0, 'must have an http:// or https:// URL among its ws:// and wss:// ones'),
  CONTRACTS_FILE: z.string('is missing: the path of the manifest that the deployment wrote'),
  API_HOST: z.string().default('127.0.0.1'),
  API_PORT: z.coerce.number('must be a port number such as 4000').int().min(0).max(65_535).default(4000),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
    .default('info'),
  GRAPHIQL: onOff.default(true),
  API_SECRET: z
    .string()
    .regex(/^([0-9a-fA-F]{2}){32,}$/, 'must be 32 bytes or more in hex, such as `openssl rand -hex 32` prints')
    .optional(),
  API_URL: z.string().refine(isPublicUrl, `must be ${publicUrl}`).optional(),
  API_ORIGINS: z
    .string()
    .default('*')
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .refine(
      (list) => list.every((entry) => entry === '*' || isOrigin(entry)),
      'must be origins such as https://app.example, several separated by commas, or *',
    ),
  CHAT_OPERATORS: z
    .string()
    .default('')
    .transform((list) => list.split(',').flatMap((entry) => entry.trim().toLowerCase() || []))
    .refine(
      (list) => list.every((entry) => /^0x[0-9a-f]{40}$/.test(entry)),
      'must be addresses of the accounts that run bots, several separated by commas',
    )
    .transform((list) => list as readonly `0x${string}`[]),
  API_PROXIES: z.coerce.number('must be a number of proxies such as 1').int().min(0).max(10).default(0),
  BUDGET_ANONYMOUS: budget(100_000),
  BUDGET_SESSION: budget(300_000),
  BUDGET_KEYS: budget(1_000_000),
  WRITES_ANONYMOUS: budget(30),
  WRITES_SESSION: budget(120),
  WRITES_KEY: budget(600),
  RELAYER_ADDRESS: z
    .string()
    .regex(/^0x[0-9a-fA-F]{40}$/, 'must be the address of the relayer’s key: 0x and 40 hex digits')
    .transform((address) => address.toLowerCase() as `0x${string}`)
    .optional(),
  INTROSPECTION: onOff.default(true),
  SUGGESTIONS: onOff.default(true),
  PERSISTED_ONLY: onOff.default(false),
  WEBHOOK_ALLOW_PRIVATE: onOff.default(false),
  WORKERS_ALLOW_PRIVATE: onOff.default(false),
});

/** What callers may spend in a minute: an IP address without a token, an account with its sessions, and its keys. */
export type Budgets = {
  /** Query cost. */
  readonly anonymous: number;
  readonly session: number;
  /** All keys of an account together; each key says how much of it is its own. */
  readonly keys: number;
  /** Mutations. */
  readonly writes: { readonly anonymous: number; readonly session: number; readonly key: number };
};

export type ApiConfig = {
  readonly databaseUrl: string;
  /** Over HTTP, each once; at least one. */
  readonly rpcUrls: readonly string[];
  /** Path of the deployment manifest. */
  readonly contractsFile: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly graphiql: boolean;
  /** 32 bytes or more, hex; what is sealed or signed needs it. */
  readonly secret: string | undefined;
  /** Where clients reach the API; where it listens when undefined. */
  readonly publicUrl: string | undefined;
  /** Web origins that may read and write with a visitor’s session, `*` for reading alone from any. */
  readonly origins: readonly string[];
  /** Accounts whose bots may link chat accounts with wallets. Lower case. */
  readonly chatOperators: readonly `0x${string}`[];
  /** Reverse proxies before the API, whose `X-Forwarded-For` tells who asks. */
  readonly proxies: number;
  readonly budgets: Budgets;
  /** The account whose key the relayer process has; nothing is relayed when undefined. */
  readonly relayerAddress: `0x${string}` | undefined;
  readonly introspection: boolean;
  /** Whether errors suggest names (“Did you mean …?”). */
  readonly suggestions: boolean;
  /** Only operations that were registered are run for anonymous callers. */
  readonly persistedOnly: boolean;
  /** Whether webhooks may lead to addresses that are not on the public internet: for development and tests. */
  readonly webhookAllowPrivate: boolean;
  /** Whether model workers may be at such addresses: where they stand in a network of the operator's own. */
  readonly workersAllowPrivate: boolean;
};

function isPostgresUrl(text: string): boolean {
  try {
    const { protocol, host, username, password, pathname } = new URL(text);
    decodeURIComponent(username + password + pathname);
    return /^postgres(ql)?:$/.test(protocol) && host !== '';
  } catch {
    return false;
  }
}

function isNodeUrl(text: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(text);
    decodeURIComponent(username + password);
    return /^(https?|wss?):$/.test(protocol) && host !== '';
  } catch {
    return false;
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);
}

function isPublicUrl(text: string): boolean {
  return isOrigin(text.replace(/\/$/, ''));
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the API's settings. An empty variable counts as unset. @throws ConfigError naming each wrong variable. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): ApiConfig {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    rpcUrls: data.CHAIN_RPC_URL,
    contractsFile: data.CONTRACTS_FILE,
    host: data.API_HOST,
    port: data.API_PORT,
    logLevel: data.LOG_LEVEL,
    graphiql: data.GRAPHIQL,
    secret: data.API_SECRET?.toLowerCase(),
    publicUrl: data.API_URL?.replace(/\/$/, ''),
    origins: data.API_ORIGINS,
    chatOperators: data.CHAT_OPERATORS,
    proxies: data.API_PROXIES,
    budgets: {
      anonymous: data.BUDGET_ANONYMOUS,
      session: data.BUDGET_SESSION,
      keys: data.BUDGET_KEYS,
      writes: { anonymous: data.WRITES_ANONYMOUS, session: data.WRITES_SESSION, key: data.WRITES_KEY },
    },
    relayerAddress: data.RELAYER_ADDRESS,
    introspection: data.INTROSPECTION,
    suggestions: data.SUGGESTIONS,
    persistedOnly: data.PERSISTED_ONLY,
    webhookAllowPrivate: data.WEBHOOK_ALLOW_PRIVATE,
    workersAllowPrivate: data.WORKERS_ALLOW_PRIVATE,
  };
}
