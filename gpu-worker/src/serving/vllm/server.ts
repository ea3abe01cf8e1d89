import { EngineError } from '../engine.ts';

/** A vLLM server that is reached over HTTP. */
export type Server = {
  readonly get: (path: string, options?: { signal?: AbortSignal }) => Promise<Response>;
  /** @throws AnswerError when it answers with an error; EngineError when it cannot be reached. */
  readonly post: (path: string, body: unknown, options?: { signal?: AbortSignal }) => Promise<Response>;
};

/** An error that vLLM answered with. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;
  /** vLLM's name for its kind; undefined where it was not vLLM's API that answered, such as for a route that is not there. */
  readonly type: string | undefined;
  readonly param: string | undefined;
  /** Seconds. */
  readonly retryAfter: number;
  constructor(status: number, told: Told, retryAfter: number) {
    super(told.message);
    this.status = status;
    this.type = told.type;
    this.param = told.param;
    this.retryAfter = retryAfter;
  }
}

type Told = { readonly message: string; readonly type: string | undefined; readonly param: string | undefined };

/** Characters of a message that are passed on: validation repeats what it was given. */
const longestMessage = 500;
/** Bytes of an answer that says what went wrong. */
const longestError = 1 << 20;

export const createServer = (url: string, apiKey: string | undefined): Server => {
  // Operators write it both with and without /v1.
  const root = url.replace(/\/+$/, '').replace(/\/v1$/, '');
  const ask = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(root + path, {
        ...init,
        headers: { ...init.headers, ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
        redirect: 'error',
      });
    } catch (error) {
      init.signal?.throwIfAborted();
      throw unreachable(root, error);
    }
    if (response.ok) return response;
    const after = Math.ceil(Number(response.headers.get('retry-after')));
    const text = await textOf(response).catch(() => '');
    throw new AnswerError(response.status, toldBy(text, response.status), after >= 1 ? after : 1);
  };
  return {
    get: (path, { signal } = {}) => ask(path, { ...(signal === undefined ? {} : { signal }) }),
    post: (path, body, { signal } = {}) =>
      ask(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
  };
};

/** @param error of `fetch`, or of reading its answer. */
export const unreachable = (url: string, error: unknown): EngineError => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return new EngineError(`vLLM at ${url} does not answer: ${cause instanceof Error ? cause.message : cause}`, {
    cause: error,
  });
};

const textOf = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > longestError) break;
  }
  return text;
};

/** vLLM's `{"error": {"message", "type", "param", "code"}}`, or without the outer object, as it was until 0.10. */
export const toldBy = (text: string, status: number): Told => {
  const fallback = { message: `status ${status}`, type: undefined, param: undefined };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return fallback;
  }
  const outer = json as { error?: unknown } | null;
  if (typeof outer?.error === 'string') return { ...fallback, message: outer.error.slice(0, longestMessage) };
  const told = (outer?.error ?? outer) as { message?: unknown; type?: unknown; param?: unknown } | null;
  if (typeof told?.message !== 'string') return fallback;
  return {
    message: told.message.slice(0, longestMessage),
    type: typeof told.type === 'string' ? told.type : undefined,
    param: typeof told.param === 'string' ? told.param : undefined,
  };
};
