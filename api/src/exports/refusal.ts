import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import { explainDatabaseError } from '../database-errors.ts';

/** Why no file comes, in the words and codes of the GraphQL API. */
export type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
};

const statuses: Readonly<Record<string, number>> = {
  BAD_USER_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BUDGET_EXCEEDED: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  INDEX_NOT_READY: 503,
  INDEX_HALTED: 503,
  QUERY_TIMEOUT: 503,
  DATABASE_UNAVAILABLE: 503,
};

export function refusalOf(error: unknown, log: Logger): Refusal {
  if (error instanceof GraphQLError && typeof error.extensions.code === 'string') {
    const { code, http } = error.extensions as {
      code: string;
      http?: { status?: number; headers?: Record<string, string> };
    };
    const retry = code === 'RATE_LIMITED' ? { 'retry-after': '5' } : {};
    return {
      status: http?.status ?? statuses[code] ?? 500,
      code,
      message: error.message,
      headers: { ...retry, ...http?.headers },
    };
  }
  const explained = explainDatabaseError(error);
  if (explained) {
    log.warn({ err: error, code: explained.code }, 'export failed in the database');
    return { status: statuses[explained.code] ?? 500, ...explained };
  }
  log.error({ err: error }, 'export failed');
  return {
    status: 500,
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong on our side. It is logged; please try again.',
  };
}
