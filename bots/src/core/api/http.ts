import { createClient } from 'graphql-sse';
import { z } from 'zod';
import { fileName, mediaTypeOf } from '../files.ts';
import { type Api, ApiError, UnreachableError } from './client.ts';

const patienceMs = 10_000;

const payment = z.object({ worker: z.string(), cumulativeAmount: z.string() }).optional().catch(undefined);
const relayer = z.string().optional().catch(undefined);
const errors = z
  .array(
    z.object({
      message: z.string(),
      extensions: z.object({ code: z.string(), payment, relayer }).catch({ code: 'UNKNOWN' }),
    }),
  )
  .optional();
const reply = z.object({ data: z.unknown().optional(), errors });

const uploaded = z.object({ contentHash: z.string().optional(), errors });

/**
 * The API over HTTP, in the name of whom a token is of.
 *
 * @param url without a slash at the end
 * @example createApi('http://127.0.0.1:4000').ask('{ _meta { block } }', z.object({ _meta: z.object({ block: z.string() }) }))
 */
export const createApi = (url: string, token?: string): Api => {
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answerOf = <Schema extends z.ZodType>(json: unknown, answer: Schema): z.output<Schema> => {
    const parsed = reply.parse(json);
    const [error] = parsed.errors ?? [];
    if (error !== undefined) throw new ApiError(error.message, error.extensions.code, error.extensions);
    return answer.parse(parsed.data);
  };
  return {
    ask: async (query, answer, variables) => {
      let json: unknown;
      try {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ query, variables }),
          signal: AbortSignal.timeout(patienceMs),
        });
        json = await response.json();
      } catch (cause) {
        throw new UnreachableError('The API does not answer.', { cause });
      }
      return answerOf(json, answer);
    },
    upload: async ({ name, mediaType, body }) => {
      let json: unknown;
      try {
        const response = await fetch(`${url}/upload`, {
          method: 'POST',
          headers: {
            ...headers,
            'content-type': mediaTypeOf(mediaType) ?? 'application/octet-stream',
            'x-file-name': encodeURIComponent(fileName(name)),
          },
          body: new Uint8Array(body),
          signal: AbortSignal.timeout(3 * patienceMs),
        });
        json = await response.json();
      } catch (cause) {
        throw new UnreachableError('The API does not answer.', { cause });
      }
      const { errors: wrong, contentHash } = uploaded.parse(json);
      const [error] = wrong ?? [];
      if (error !== undefined) throw new ApiError(error.message, error.extensions.code, error.extensions);
      return contentHash!;
    },
    follow: async function* (query, answer, variables, { signal } = {}) {
      // Nobody is told again of what was aborted before.
      signal?.throwIfAborted();
      const client = createClient({ url: `${url}/graphql`, headers, retryAttempts: 0 });
      const results = client.iterate({ query, variables: { ...variables } });
      const stop = () => void results.return?.();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        for await (const result of results) yield answerOf(result, answer);
      } catch (cause) {
        if (cause instanceof ApiError || signal?.aborted) throw cause;
        throw new UnreachableError('The API does not answer.', { cause });
      } finally {
        signal?.removeEventListener('abort', stop);
        client.dispose();
      }
    },
  };
};
