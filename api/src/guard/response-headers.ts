import type { Plugin } from 'graphql-yoga';

const headersOf = new WeakMap<Request, Headers>();

/** The headers that go out with the answer to a request, whoever sets them. */
export function respondOf(request: Request): Headers {
  const existing = headersOf.get(request);
  if (existing) return existing;
  const headers = new Headers();
  headersOf.set(request, headers);
  return headers;
}

/** Sends them. */
export function useResponseHeaders(): Plugin {
  return {
    onResponse({ request, response }) {
      headersOf.get(request)?.forEach((value, name) => {
        if (name === 'set-cookie') response.headers.append(name, value);
        else response.headers.set(name, value);
      });
    },
  };
}
