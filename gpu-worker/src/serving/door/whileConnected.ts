import type { ServerResponse } from 'node:http';

/** Nobody is there any more to read the answer. */
export class ReaderGoneError extends Error {
  override readonly name = 'ReaderGoneError';
  constructor() {
    super('The client went away');
  }
}

/** Aborts when the client goes away before it has its answer. */
export const whileConnected = (response: ServerResponse): AbortSignal => {
  const gone = new AbortController();
  const check = () => {
    if (!response.writableFinished) gone.abort(new ReaderGoneError());
  };
  if (response.destroyed) check();
  else response.once('close', check);
  return gone.signal;
};
