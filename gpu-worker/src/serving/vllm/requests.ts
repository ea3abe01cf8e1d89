import type { Hex } from '@openledger/protocol';
import { EngineError, RequestError } from '../engine.ts';
import type { Adapters } from './adapters.ts';
import type { Dispatch, Job } from './dispatch.ts';

/** The requests that are being answered. */
export type Requests = {
  /**
   * Takes one in, and ends it when its signal aborts, whether or not somebody waits for its next piece.
   *
   * @returns what is to be called at its end.
   * @throws RequestError, OverloadedError, or EngineError when all is closed.
   */
  readonly begin: (request: Begun, jobs: readonly Job[], ways: Ways) => () => void;
  readonly isClosed: () => boolean;
  /** Ends all, and takes in no more. */
  readonly close: () => void;
};

type Begun = { readonly id: string; readonly adapter: Hex | undefined };
type Ways = { readonly signal: AbortSignal | undefined; readonly fail: (reason: Error) => void };

export const createRequests = ({ adapters, dispatch }: { adapters: Adapters; dispatch: Dispatch }): Requests => {
  const stops = new Map<string, (reason: Error) => void>();
  let isClosed = false;
  return {
    begin: ({ id, adapter }, jobs, { signal, fail }) => {
      if (isClosed) throw new EngineError('The engine was closed');
      if (stops.has(id)) throw new RequestError(`A request ${id} is being answered already`);
      const release = adapter === undefined ? () => {} : adapters.hold(adapter);
      if (release === undefined) throw new RequestError(`The adapter ${adapter} is not loaded`, 'model');
      try {
        dispatch.enter(jobs);
      } catch (error) {
        release();
        throw error;
      }
      const stop = (reason: Error) => {
        fail(reason);
        dispatch.leave(id);
      };
      const abort = () => stop(signal!.reason);
      stops.set(id, stop);
      signal?.addEventListener('abort', abort, { once: true });
      return () => {
        signal?.removeEventListener('abort', abort);
        dispatch.leave(id);
        stops.delete(id);
        release();
      };
    },
    isClosed: () => isClosed,
    close: () => {
      isClosed = true;
      for (const stop of [...stops.values()]) stop(new EngineError('The engine was closed'));
    },
  };
};
