import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Arrival, HeadersReader } from './guard.ts';

/** A request of Node's as the guard sees it. */
export function arrivalOf({ method = 'GET', headers, socket }: IncomingMessage): Arrival {
  return { method, headers: readerOf(headers), peer: socket.remoteAddress };
}

export function readerOf(headers: IncomingHttpHeaders): HeadersReader {
  return {
    get: (name) => {
      const value = headers[name];
      return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value;
    },
    has: (name) => headers[name] !== undefined,
  };
}
