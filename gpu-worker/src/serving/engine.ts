import type { Hex } from '@openledger/protocol';

/** How the next token is chosen. The defaults of the OpenAI API where nothing is said. */
export type Sampling = {
  /** 0 takes the likeliest token always. */
  readonly temperature: number;
  /** The smallest set of likeliest tokens whose probabilities reach this, 0 to 1; 1 keeps all. */
  readonly topP: number;
  /** The likeliest tokens that are sampled from; 0 keeps all. */
  readonly topK: number;
  /** The same seed gives the same text, whatever else is being answered. Choice i of several uses seed + i. */
  readonly seed: number;
  /** Taken off the logit of a token that was generated before, −2 to 2. */
  readonly presencePenalty: number;
  /** Taken off it for each time that it was generated before, −2 to 2. */
  readonly frequencyPenalty: number;
  /** Divides logits above 0, and multiplies those below, of tokens in the prompt and the answer; 1 does nothing. */
  readonly repetitionPenalty: number;
  /** Added to logits, by token. */
  readonly logitBias: ReadonlyMap<number, number>;
};

export const defaultSampling: Sampling = {
  temperature: 1,
  topP: 1,
  topK: 0,
  seed: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  repetitionPenalty: 1,
  logitBias: new Map(),
};

export type GenerateRequest = {
  /** Unique among the requests that are being answered. */
  readonly id: string;
  /** Hash of an adapter that is loaded; undefined asks the base alone. */
  readonly adapter: Hex | undefined;
  /** Token ids, at least one. */
  readonly prompt: readonly number[];
  /** Tokens that each answer has at most; prompt and answer together fit `maxContext`. */
  readonly maxTokens: number;
  /** Answers to the one prompt. */
  readonly n: number;
  readonly sampling: Sampling;
  /** An answer ends before the first of these. */
  readonly stop: readonly string[];
  /** Goes on when the model would end. */
  readonly ignoreEnd: boolean;
  /** For each token, so many of the likeliest beside it; undefined reports none. 0 reports the token's own alone. */
  readonly logprobs: number | undefined;
};

export type EmbedRequest = {
  /** Unique among the requests that are being answered. */
  readonly id: string;
  readonly adapter: Hex | undefined;
  /** Token ids of each text. */
  readonly inputs: readonly (readonly number[])[];
};

export type TokenLogprob = {
  readonly id: number;
  /** Natural logarithm of its probability by the model, before temperature and filters. */
  readonly logprob: number;
};

export type GeneratedToken = TokenLogprob & {
  /** What the token adds to the text; bytes, since a character may be spread over several tokens. */
  readonly bytes: Uint8Array;
  /** The likeliest at its place, best first. */
  readonly top: readonly (TokenLogprob & { readonly bytes: Uint8Array })[];
};

/** `stop`: the model ended, or a stop text came. `length`: `maxTokens` or the context is used up. */
export type FinishReason = 'stop' | 'length';

/** A piece of one answer, as it comes. */
export type Piece = {
  /** Which of the `n` answers, from 0. */
  readonly choice: number;
  /** What is certain now: never taken back, never half a character. */
  readonly text: string;
  /** Token ids that were generated since the last piece, those held back in a possible stop text included. */
  readonly ids: readonly number[];
  /** One for each of `ids` where logprobs were asked for. */
  readonly tokens?: readonly GeneratedToken[];
  /** On the last piece of this answer. */
  readonly finish?: FinishReason;
};

export type EngineInfo = {
  /** `onnx-cpu`, `onnx-webgpu`, `vllm`. */
  readonly backend: string;
  /** Tokens of a prompt and its answer, at most. */
  readonly maxContext: number;
  /** Answers that are generated at once, at most. */
  readonly maxRunning: number;
  /** Answers that wait at most; more are refused. */
  readonly maxWaiting: number;
  /** Highest rank of an adapter. */
  readonly maxRank: number;
  /** Bytes that a loaded adapter takes in memory at most; undefined where the engine does not say. */
  readonly adapterBytes: number | undefined;
  /** Whether `embed` answers. */
  readonly embeds: boolean;
  /** Whether `generate` answers. */
  readonly generates: boolean;
};

/** What an engine is doing, for metrics. Counters count from its start. */
export type EngineStatus = {
  readonly running: number;
  readonly waiting: number;
  /** Answers that would be let in now. */
  readonly room: number;
  /** Part of the places for keys and values that is taken, 0 to 1. */
  readonly cacheUsage: number;
  /** Part of the last seconds in which it computed, 0 to 1. */
  readonly busyRatio: number;
  readonly promptTokens: number;
  readonly generatedTokens: number;
  /** Adapters of requests that run, and of those that wait. */
  readonly runningAdapters: readonly Hex[];
  readonly waitingAdapters: readonly Hex[];
  /** Adapters that are loaded. */
  readonly loaded: readonly Hex[];
  /** Adapters written into the place of a request, and milliseconds that took in all. */
  readonly swaps: number;
  readonly swapMs: number;
  /** Requests that found their adapter in the place already. */
  readonly swapsSaved: number;
};

/** What loading an adapter took. */
export type Loaded = {
  readonly bytes: number;
  /** Milliseconds to read, verify, parse and lay out its files. */
  readonly ms: number;
};

/**
 * Answers requests with one base and any mix of adapters. Two are built in: onnxruntime in this process, and vLLM over HTTP.
 */
export type Engine = {
  readonly info: EngineInfo;
  /**
   * Generates. Ending the iteration early, or aborting the signal, frees the request's place at once; an aborted one throws
   * the signal's reason.
   *
   * @throws OverloadedError when the queue is full; RequestError when the request cannot be answered as it is, such as an
   * adapter that is not loaded or a prompt that is too long; EngineError when the engine failed.
   */
  readonly generate: (request: GenerateRequest, options?: { signal?: AbortSignal }) => AsyncIterable<Piece>;
  /** Mean of the last hidden states over the tokens, of length 1. `[inputs, width]` @throws as `generate`. */
  readonly embed: (
    request: {
      readonly id: string;
      readonly adapter: Hex | undefined;
      readonly inputs: readonly (readonly number[])[];
    },
    options?: { signal?: AbortSignal },
  ) => Promise<readonly Float32Array[]>;
  /**
   * Makes an adapter ready to be asked for. Its folder is PEFT's, on this machine (for vLLM: also on vLLM's). Again for one
   * that is loaded does nothing.
   *
   * @throws LoraError when it is none, has another hash, or does not fit the base; EngineError when the engine failed.
   */
  readonly load: (adapter: { readonly hash: Hex; readonly folder: string }) => Promise<Loaded>;
  /** Frees an adapter's memory. Requests that run with it go on. */
  readonly unload: (hash: Hex) => Promise<void>;
  readonly status: () => EngineStatus;
  /** Settles with the reason when the engine can no longer answer; never rejects. */
  readonly failed: Promise<Error>;
  /** Ends what runs with an EngineError, and frees everything. */
  readonly close: () => Promise<void>;
};

/** Too much is asked at once. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
  /** Seconds after which trying again is worth while, 1 or more. */
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** A request that cannot be answered as it is. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  /** The field that is wrong, by its name in the OpenAI API. */
  readonly param: string | undefined;
  constructor(message: string, param?: string) {
    super(message);
    this.param = param;
  }
}

/** The engine itself failed; the request may be tried again, here or elsewhere. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
