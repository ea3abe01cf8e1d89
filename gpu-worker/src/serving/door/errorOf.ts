import { DrizzleQueryError } from 'drizzle-orm';
import { EngineError, OverloadedError, RequestError } from '../engine.ts';
import { AdapterUnavailableError } from '../served.ts';
import { ApiError, invalid, unavailable } from './apiError.ts';
import { ReaderGoneError } from './whileConnected.ts';

/** What a client is told of an error; undefined for one that is our own fault and none of theirs to read. */
export const knownError = (error: unknown): ApiError | undefined => {
  if (error instanceof ApiError) return error;
  if (error instanceof RequestError) return invalid(error.message, error.param);
  if (error instanceof OverloadedError) {
    return new ApiError(error.message, {
      status: 429,
      type: 'rate_limit_error',
      code: 'overloaded',
      retryAfter: error.retryAfter,
    });
  }
  if (error instanceof AdapterUnavailableError) return unavailable(error.message, 'adapter_unavailable');
  if (error instanceof EngineError) {
    return unavailable('The engine failed while it answered. Try again, here or at another worker.', 'engine_failed');
  }
  if (error instanceof ReaderGoneError) {
    // Nobody reads it; it is counted.
    return new ApiError(error.message, { status: 408, type: 'invalid_request_error', code: 'client_gone' });
  }
  return undefined;
};

/** @param onUnknown told of what is our own fault. */
export const errorOf = (error: unknown, onUnknown: (error: unknown) => void): ApiError => {
  const known = knownError(error);
  if (known !== undefined) return known;
  onUnknown(error);
  if (error instanceof DrizzleQueryError) {
    const message = 'The database of this worker does not answer. Try again, here or at another worker.';
    return unavailable(message, 'database_unavailable');
  }
  return new ApiError('Something went wrong on our side. It is logged.', {
    status: 500,
    type: 'server_error',
    code: 'internal_error',
  });
};
