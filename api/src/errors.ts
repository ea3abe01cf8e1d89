import { GraphQLError } from 'graphql';

/** What a client can branch on, in `extensions.code`. */
export const errorCodes = [
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'BUDGET_EXCEEDED',
  'CSRF_REFUSED',
  'INTROSPECTION_OFF',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_REQUIRED',
  'REQUEST_ENTITY_TOO_LARGE',
  'NOT_CONFIGURED',
  'WRITES_UNAVAILABLE',
  'BAD_SIGNATURE',
  'CHAIN_UNAVAILABLE',
  'PAYMENT_REQUIRED',
  'MODEL_BUSY',
  'MODEL_UNAVAILABLE',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'QUERY_TOO_COMPLEX',
  'QUERY_TIMEOUT',
  'SLOW_CONSUMER',
  'STREAM_ENDED',
  'INDEX_NOT_READY',
  'INDEX_HALTED',
  'DATABASE_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** An error meant for the client's eyes: its message passes unmasked, its code lands in `extensions.code`. */
export function userError(code: ErrorCode, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** Wrong input: the message says what is wrong, where, and what would be right. */
export function badInput(message: string): GraphQLError {
  return userError('BAD_USER_INPUT', message);
}
