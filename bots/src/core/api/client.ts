import type { z } from 'zod';

/** The public GraphQL API, as anybody has it. */
export type Api = {
  /**
   * Asks, and checks what comes.
   *
   * @throws ApiError with the API's own words and code; UnreachableError when there is no answer within ten seconds.
   */
  readonly ask: <Schema extends z.ZodType>(
    query: string,
    answer: Schema,
    variables?: object,
  ) => Promise<z.output<Schema>>;
  /** Hands a file over before it is contributed. @returns the hash to name it by @throws as `ask` */
  readonly upload: (file: {
    readonly name: string;
    readonly mediaType: string | undefined;
    readonly body: Uint8Array;
  }) => Promise<string>;
  /** Follows a subscription over server-sent events. @throws as `ask` */
  readonly follow: <Schema extends z.ZodType>(
    query: string,
    answer: Schema,
    variables?: object,
    options?: { readonly signal?: AbortSignal },
  ) => AsyncIterable<z.output<Schema>>;
};

/** What the API refuses, in words that are meant for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** `extensions.code`. */
  readonly code: string;
  /** Whom has to be promised how much, where that is the reason. Wei of OPEN. */
  readonly payment: { readonly worker: string; readonly cumulativeAmount: string } | undefined;
  /** The relayer that the wallet has not let act for it, where that is the reason. */
  readonly relayer: string | undefined;
  constructor(message: string, code: string, more: Partial<Pick<ApiError, 'payment' | 'relayer'>> = {}) {
    super(message);
    this.code = code;
    this.payment = more.payment;
    this.relayer = more.relayer;
  }
}

export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}
