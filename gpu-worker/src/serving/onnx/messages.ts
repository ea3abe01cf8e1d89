import type { Hex } from '@openledger/protocol';
import {
  type EmbedRequest,
  EngineError,
  type EngineInfo,
  type EngineStatus,
  type GenerateRequest,
  OverloadedError,
  RequestError,
} from '../engine.ts';
import type { AdapterLayout } from './decoder.ts';
import type { Event } from './work.ts';

// What passes between an engine and its threads.

export type EngineOptions = {
  /** A base in Hugging Face's layout, or one ONNX file in it. */
  readonly folder: string;
  /** Threads that one run uses. */
  readonly threads: number;
  /** Answers that are written at once. */
  readonly rows: number;
  /** Answers that wait at most. */
  readonly queue: number;
  /** Highest rank of an adapter; 0 serves the base alone, without the cost of branches. */
  readonly maxRank: number;
  /** Of onnxruntime, in order of preference: `['cuda', 'webgpu', 'cpu']`; where missing, the best that is there. */
  readonly providers?: readonly string[] | undefined;
};

export type ToEngine =
  | { readonly kind: 'generate'; readonly request: GenerateRequest }
  | { readonly kind: 'embed'; readonly request: EmbedRequest }
  | { readonly kind: 'abort'; readonly id: string }
  | { readonly kind: 'load'; readonly call: number; readonly hash: Hex; readonly adapter: SharedArrayBuffer }
  | { readonly kind: 'unload'; readonly call: number; readonly hash: Hex }
  | { readonly kind: 'close' };

export type FromEngine =
  | { readonly kind: 'ready'; readonly info: EngineInfo; readonly layout: AdapterLayout; readonly status: EngineStatus }
  | { readonly kind: 'events'; readonly events: readonly Heard[]; readonly status: EngineStatus }
  | { readonly kind: 'refused'; readonly id: string; readonly failure: Failure }
  | { readonly kind: 'done'; readonly call: number; readonly status: EngineStatus }
  | { readonly kind: 'said'; readonly line: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** An event, its error as it passes between threads. */
export type Heard = Exclude<Event, { error: Error }>;

export type ToLoader = { readonly call: number; readonly hash: Hex; readonly folder: string };

export type FromLoader =
  | { readonly call: number; readonly adapter: SharedArrayBuffer; readonly ms: number }
  | { readonly call: number; readonly failure: Failure };

/** An error that passes between threads. */
export type Failure = {
  readonly name: string;
  readonly message: string;
  readonly param?: string | undefined;
  readonly retryAfter?: number | undefined;
};

export const failureOf = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  return {
    name: error.name,
    message: error.message,
    ...(error instanceof RequestError ? { param: error.param } : {}),
    ...(error instanceof OverloadedError ? { retryAfter: error.retryAfter } : {}),
  };
};

export const errorOf = ({ name, message, param, retryAfter }: Failure): Error => {
  if (name === 'RequestError') return new RequestError(message, param);
  if (name === 'OverloadedError') return new OverloadedError(message, retryAfter ?? 1);
  return new EngineError(message);
};
