import pino, { type Logger, stdSerializers } from 'pino';
import type { WorkerConfig } from './config.ts';

/** Fields that may hold what only its owner may know, whoever logs them. */
const SECRET = ['authorization', 'cookie', 'key', 'signature', 'voucher', 'ticket', 'token', 'messages', 'prompt'];

/** A log in JSON lines, without prompts, answers, keys, or what statements were run with. */
export const createLog = (level: WorkerConfig['logLevel']): Logger =>
  pino({
    name: 'gpu-worker',
    level,
    serializers: { err: withoutValues },
    redact: SECRET.flatMap((name) => [`["${name}"]`, `*["${name}"]`]),
  });

/** Drizzle writes a statement's parameters into its message, Postgres a row's values into details. */
const withoutValues = (error: unknown): unknown => {
  if (!(error instanceof Error)) return typeof error === 'string' ? withoutParameters(error) : undefined;
  const { type, code } = stdSerializers.err(error) as unknown as { type: string; code?: string };
  return {
    type,
    message: withoutParameters(error.message),
    ...(code === undefined ? {} : { code }),
    stack: withoutParameters(error.stack ?? ''),
    ...(error.cause instanceof Error ? { cause: withoutValues(error.cause) } : {}),
  };
};

const withoutParameters = (text: string): string =>
  text.replace(/(^|\n)params: [\s\S]*?(?=\n {4}at |$)/g, '$1params: not logged');
