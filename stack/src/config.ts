import { resolve } from 'node:path';
import { z } from 'zod';

const port = (fallback: number) =>
  z.coerce.number('must be a port number, for example 4000').int().min(0).max(65_535).default(fallback);
const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

const schema = z.object({
  OPENLEDGER_STATE_DIR: z
    .string()
    .default('.openledger')
    .transform((folder) => resolve(folder)),
  DATABASE_URL: z
    .string()
    .regex(
      /^postgres(ql)?:\/\//,
      'must be a Postgres URL, for example postgres://user:password@127.0.0.1:5432/openledger',
    )
    .optional(),
  API_PORT: port(4000),
  CHAIN_PORT: port(8545),
  INDEXER_PORT: port(42069),
  OPENLEDGER_DB_PORT: port(54329),
  RELAYER_PORT: port(4010),
  WORKER_PORT: port(4020),
  EPOCHS_PORT: port(4030),
  BOTS_PORT: port(4040),
  OPENLEDGER_SCENARIO: onOff.default(true),
  OPENLEDGER_LOG: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
  OPENLEDGER_BLOCK_TIME: z.coerce.number('must be seconds, for example 2').min(1).max(60).default(2),
});

const botVariable = /^(DISCORD|TELEGRAM)_[A-Z_]+$/;

export type StackConfig = {
  stateDir: string;
  /** An external Postgres; without it the stack runs its own. */
  databaseUrl: string | undefined;
  /** 0 takes a free port. */
  ports: {
    api: number;
    chain: number;
    indexer: number;
    relayer: number;
    worker: number;
    epochs: number;
    bots?: number;
    database: number;
  };
  /** Tokens of chat platforms and what belongs to them, by their names in the environment. */
  bots?: Readonly<Record<string, string>>;
  scenario: boolean;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Seconds between blocks. */
  blockTime: number;
};

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the stack's settings. An empty variable counts as unset. @throws ConfigError naming each wrong variable. */
export function readStackConfig(env: Readonly<Record<string, string | undefined>>): StackConfig {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new ConfigError(problems.join('\n'));
  }
  const data = parsed.data;
  return {
    stateDir: data.OPENLEDGER_STATE_DIR,
    databaseUrl: data.DATABASE_URL,
    ports: {
      api: data.API_PORT,
      chain: data.CHAIN_PORT,
      indexer: data.INDEXER_PORT,
      relayer: data.RELAYER_PORT,
      worker: data.WORKER_PORT,
      epochs: data.EPOCHS_PORT,
      bots: data.BOTS_PORT,
      database: data.OPENLEDGER_DB_PORT,
    },
    bots: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (botVariable.test(name) && value ? [[name, value]] : [])),
    ),
    scenario: data.OPENLEDGER_SCENARIO,
    logLevel: data.OPENLEDGER_LOG,
    blockTime: data.OPENLEDGER_BLOCK_TIME,
  };
}
