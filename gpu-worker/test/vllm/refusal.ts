/** An error as vLLM answers with one. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  constructor(status: number, type: string, message: string, param: string | null = null) {
    super(message);
    this.status = status;
    this.type = type;
    this.param = param;
  }
}

/** `VLLMValidationError`, whose message says which value was wrong. */
export const invalid = (message: string, param?: string, value?: unknown): Refusal =>
  new Refusal(
    400,
    'BadRequestError',
    param === undefined ? message : `${message} (parameter=${param}, value=${value})`,
    param ?? null,
  );

export const errorBody = ({ status, type, message, param }: Refusal) => ({
  error: { message, type, param, code: status },
});
