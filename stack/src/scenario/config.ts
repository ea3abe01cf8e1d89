import { z } from 'zod';

const url = (schemes: readonly string[], example: string) =>
  z
    .string(`is missing; it must be a URL, for example ${example}`)
    .refine(
      (value) => URL.canParse(value) && schemes.includes(new URL(value).protocol),
      `must be a URL, for example ${example}`,
    );

const schema = z.object({
  CHAIN_RPC_URL: url(['http:', 'https:'], 'http://127.0.0.1:8545'),
  CONTRACTS_FILE: z.string(
    'is missing; it must be the path of a deployment manifest, for example .openledger/contracts.json',
  ),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@127.0.0.1:5432/openledger'),
  API_URL: url(['http:', 'https:'], 'http://127.0.0.1:4000').optional(),
  OPENLEDGER_STATE_DIR: z.string().default('.openledger'),
  SCENARIO_LIVE: z
    .enum(['on', 'off'], 'must be on or off')
    .default('on')
    .transform((value) => value === 'on'),
  OPENLEDGER_BLOCK_TIME: z.coerce
    .number('must be seconds, for example 2')
    .int('must be whole seconds, for example 2')
    .min(1, 'must be at least 1 second')
    .max(60, 'must be at most 60 seconds')
    .default(2),
  OPENLEDGER_LOG: z.enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error').default('info'),
});

export type ScenarioConfig = {
  rpcUrl: string;
  contractsFile: string;
  databaseUrl: string;
  /** Where models are asked; without it nobody asks. */
  apiUrl: string | undefined;
  stateDir: string;
  /** Goes on in real time once history has been played. */
  live: boolean;
  /** Seconds between the chain's own blocks, restored after history. */
  blockTime: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
};

export class ScenarioConfigError extends Error {
  override readonly name = 'ScenarioConfigError';
}

/** Reads the scenario's settings; an empty variable counts as unset. @throws ScenarioConfigError naming each wrong variable. */
export function readScenarioConfig(env: Readonly<Record<string, string | undefined>>): ScenarioConfig {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    throw new ScenarioConfigError(
      parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'),
    );
  }
  const { data } = parsed;
  return {
    rpcUrl: data.CHAIN_RPC_URL,
    contractsFile: data.CONTRACTS_FILE,
    databaseUrl: data.DATABASE_URL,
    apiUrl: data.API_URL,
    stateDir: data.OPENLEDGER_STATE_DIR,
    live: data.SCENARIO_LIVE,
    blockTime: data.OPENLEDGER_BLOCK_TIME,
    logLevel: data.OPENLEDGER_LOG,
  };
}
