import pino, { type Logger, stdSerializers } from 'pino';
import type { ApiConfig } from './config.ts';

/** Where headers or bodies may hold what only its owner may know, whoever logs them. */
const SECRET = ['authorization', 'cookie', 'set-cookie', 'token', 'signature', 'secret', 'password', 'privateKey'];

/** A log in JSON lines. What statements were run with stays out of it: it may be a content, or a hash that opens a door. */
export function createLog(level: ApiConfig['logLevel']): Logger {
  return pino({
    name: 'api',
    level,
    serializers: { err: withoutValues },
    redact: SECRET.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
  });
}

type Serialized = Record<string, unknown>;

/** An error for the log. Drizzle writes a statement's parameters into its message, Postgres a row's values into details. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutParameters(error) : undefined;
  const { type, code, routine, table_name, constraint_name } = stdSerializers.err(error) as unknown as Serialized;
  return {
    type,
    message: withoutParameters(error.message),
    ...(code !== undefined && { code }),
    ...(routine !== undefined && { routine, table: table_name, constraint: constraint_name }),
    stack: withoutParameters(error.stack ?? ''),
    ...(error.cause instanceof Error && { cause: withoutValues(error.cause) }),
  };
}

/** The part of a message that drizzle lists parameters in; a stack goes on behind it. */
export function withoutParameters(text: string): string {
  return text.replace(/(^|\n)params: [\s\S]*?(?=\n {4}at |$)/g, '$1params: not logged');
}
