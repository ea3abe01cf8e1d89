import { resolve } from 'node:path';
import { z } from 'zod';

/** What this package reads from the environment; nothing else in it looks there. */
export type Config = {
  /** A Postgres server of one's own; undefined means the embedded one. */
  readonly databaseUrl: string | undefined;
  /** Absolute path of the folder where the embedded server keeps its data. */
  readonly stateDir: string;
  /** Port asked for the embedded server; undefined means a free one, remembered across starts. */
  readonly port: number | undefined;
};

/** A variable is missing or malformed. The message has one line for each, and never a password. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const urlExample = 'for example DATABASE_URL=postgres://user:password@localhost:5432/openledger';
const portExample = 'for example OPENLEDGER_DB_PORT=54320';

const optional = z.preprocess((value) => (value === '' ? undefined : value), z.string().optional());

const databaseUrl = optional.transform((value, context) => {
  if (value === undefined) return undefined;
  const problem = urlProblem(value);
  if (problem === undefined) return value;
  context.addIssue({ code: 'custom', message: `${problem}; ${urlExample}` });
  return z.NEVER;
});

const port = optional.transform((value, context) => {
  if (value === undefined) return undefined;
  if (/^\d{1,5}$/.test(value) && Number(value) >= 1024 && Number(value) <= 65_535) return Number(value);
  context.addIssue({
    code: 'custom',
    message: `is ${JSON.stringify(value)}, but a port is a whole number from 1024 to 65535; ${portExample}`,
  });
  return z.NEVER;
});

const stateDir = optional.transform((value) => resolve(value ?? '.openledger'));

const environment = z.object({ DATABASE_URL: databaseUrl, OPENLEDGER_STATE_DIR: stateDir, OPENLEDGER_DB_PORT: port });

/**
 * Reads and checks `DATABASE_URL`, `OPENLEDGER_STATE_DIR` and `OPENLEDGER_DB_PORT`; an empty string counts as not set.
 * @throws ConfigError naming each wrong variable, what is wrong with it and what would be right
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('\n'));
  }
  const { DATABASE_URL, OPENLEDGER_STATE_DIR, OPENLEDGER_DB_PORT } = parsed.data;
  return { databaseUrl: DATABASE_URL, stateDir: OPENLEDGER_STATE_DIR, port: OPENLEDGER_DB_PORT };
}

/** What is wrong with a database URL, without repeating any part of it that may hold a password. */
function urlProblem(value: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(value)?.[1];
  if (scheme === undefined) return 'is not a URL';
  if (scheme !== 'postgres' && scheme !== 'postgresql') return `starts with ${scheme}://, not postgres://`;
  if (!URL.canParse(value)) return 'is not a valid URL (percent-encode special characters in the password)';
  const url = new URL(value);
  if (url.hostname === '') return 'names no host';
  if (url.pathname.length < 2) return 'names no database after the host';
  return undefined;
}
