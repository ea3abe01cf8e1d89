import type { ErrorCode } from './errors.ts';

/** The SQLSTATE or system error code of a failed query, however deeply drizzle wrapped it. */
export function databaseCode(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
    // A connection refused on every address of a host is one error made of several.
    if (cause instanceof AggregateError && cause.errors.length > 0) return databaseCode(cause.errors[0]);
  }
  return undefined;
}

/** Whether a query failed because a schema, table or view is not there. */
export function isMissingRelation(error: unknown): boolean {
  return ['42P01', '3F000'].includes(databaseCode(error) ?? '');
}

function messagesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messagesOf(error.cause)] : [];
}

const unreachable = /^(CONNECT|ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|CONNECTION_|08|57P0[123]|53300|3D000|28)/;

/** What a client is told of a database error: a code and a message; undefined for errors that are our own fault. */
export function explainDatabaseError(error: unknown): { code: ErrorCode; message: string } | undefined {
  const code = databaseCode(error);
  if (code === undefined) return undefined;
  if (isMissingRelation(error) && messagesOf(error).some((message) => /"app[."]/.test(message))) {
    return { code: 'WRITES_UNAVAILABLE', message: 'This API only reads: the schema app is not in the database yet.' };
  }
  if (isMissingRelation(error)) {
    return { code: 'INDEX_NOT_READY', message: 'The index is not there yet: the indexer is starting. See /ready.' };
  }
  if (code === '57014') {
    return { code: 'QUERY_TIMEOUT', message: 'The query took more than 5 seconds: ask for less, or filter more.' };
  }
  if (code === '40P01') {
    // The indexer locks its tables one after another while it undoes a reorganisation.
    return { code: 'DATABASE_UNAVAILABLE', message: 'A reorganisation was being undone just then: ask again.' };
  }
  if (code.startsWith('22')) {
    return { code: 'BAD_USER_INPUT', message: 'A value in the query cannot be compared with what it is compared to.' };
  }
  if (unreachable.test(code)) return { code: 'DATABASE_UNAVAILABLE', message: 'The database cannot be reached.' };
  return undefined;
}
