import type { Hex } from '@openledger/protocol';
import type { EmbedRequest, EngineStatus, GenerateRequest, Piece } from '../engine.ts';

/** What came of a request: more of its answers, or its vectors. */
export type Event =
  | { readonly id: string; readonly pieces: readonly Piece[] }
  | { readonly id: string; readonly vectors: readonly Float32Array[] }
  | { readonly id: string; readonly error: Error };

/** The engine itself, in its thread: takes requests in, and does one step of their work at a time. */
export type Work<Request extends GenerateRequest | EmbedRequest> = {
  /** @throws OverloadedError or RequestError. */
  readonly submit: (request: Request) => void;
  /** Frees what a request has, at once. */
  readonly abort: (id: string) => void;
  readonly load: (hash: Hex, adapter: Float32Array) => void;
  readonly unload: (hash: Hex) => void;
  readonly hasWork: () => boolean;
  /** One run of the model. @returns what came of it. */
  readonly step: () => Promise<readonly Event[]>;
  readonly status: () => EngineStatus;
};
