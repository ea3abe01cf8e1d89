import type { IncomingMessage } from 'node:http';
import { ApiError, invalid } from './apiError.ts';

/** A prompt's tokens are counted after it is read: its bytes have to end somewhere. */
export const MOST_BYTES = 4 * 1024 * 1024;

/** Reads a request's JSON. @throws ApiError (400, 413 or 415) */
export const readJson = async (request: IncomingMessage): Promise<unknown> => {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError(`The body is encoded as ${encoding}; send it plain.`, {
      status: 415,
      type: 'invalid_request_error',
      code: 'unsupported_encoding',
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) throw tooLarge();
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MOST_BYTES) throw tooLarge();
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    throw invalid('The body is not JSON.', undefined, 'invalid_json');
  }
};

const tooLarge = (): ApiError =>
  new ApiError(`The body has more than ${MOST_BYTES} bytes.`, {
    status: 413,
    type: 'invalid_request_error',
    code: 'request_too_large',
  });
