/** What is told to a client, in the OpenAI API's form. */
export type ErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: ErrorType;
    readonly param: string | null;
    readonly code: string | null;
    readonly payment?: PaymentNeeded;
  };
};

export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'payment_required'
  | 'rate_limit_error'
  | 'server_error';

/** What a payer has to sign or to deposit to be answered. Wei of OPEN in decimal digits. */
export type PaymentNeeded = {
  readonly payer: string;
  readonly worker: string;
  readonly escrow: string;
  /** The least that a voucher has to promise in all. */
  readonly cumulativeAmount: string;
  /** Unix seconds: the earliest end that a voucher may have. */
  readonly expiry: string;
  /** The least that the payer's balance in the escrow has to be. */
  readonly balance: string;
};

export type ApiErrorOptions = {
  readonly status: 400 | 401 | 402 | 403 | 404 | 405 | 408 | 409 | 413 | 415 | 429 | 500 | 503;
  readonly type: ErrorType;
  /** The field that is wrong, such as `messages[0].role`. */
  readonly param?: string | undefined;
  readonly code?: string | undefined;
  /** Seconds after which trying again is worth while. */
  readonly retryAfter?: number;
  readonly payment?: PaymentNeeded;
};

/** A request that is answered with an error, and which. Its message is for the client. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: ApiErrorOptions['status'];
  readonly retryAfter: number | undefined;
  readonly body: ErrorBody;

  constructor(message: string, { status, type, param, code, retryAfter, payment }: ApiErrorOptions) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
    this.body = {
      error: { message, type, param: param ?? null, code: code ?? null, ...(payment === undefined ? {} : { payment }) },
    };
  }
}

/** 400. */
export const invalid = (message: string, param?: string, code?: string): ApiError =>
  new ApiError(message, { status: 400, type: 'invalid_request_error', param, code });

/** 401. */
export const unauthenticated = (message: string, code: string): ApiError =>
  new ApiError(message, { status: 401, type: 'authentication_error', code });

/** 404: also for what there is, but not for who asks. */
export const noSuchModel = (name: string): ApiError =>
  new ApiError(
    `The model \`${name}\` does not exist here, or you may not ask it. GET /v1/models lists those you may.`,
    {
      status: 404,
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    },
  );

/** 503: to be tried again, here or elsewhere. */
export const unavailable = (message: string, code: string, retryAfter = 5): ApiError =>
  new ApiError(message, { status: 503, type: 'server_error', code, retryAfter });
