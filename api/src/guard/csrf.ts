import { userError } from '../errors.ts';
import type { Arrival } from './guard.ts';

/** Any of these headers shows that a browser asked for leave (CORS) before it sent the request. */
const PREFLIGHTED = [
  'openledger-csrf',
  'authorization',
  'x-file-name',
  'x-requested-with',
  'apollo-require-preflight',
  'x-graphql-yoga-csrf',
];
/** Bodies that any page may send to any site without asking (Fetch, CORS-safelisted). */
const SIMPLE = new Set(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']);

type Options = {
  /** Whether a cookie says who asks. */
  readonly cookie: boolean;
  readonly origins: readonly string[];
  readonly publicUrl: () => URL;
};

/**
 * Refuses what a page of another site may have made a browser send: forms, and anything with a session cookie that no
 * page of ours sent. @throws CSRF_REFUSED (403)
 */
export function checkForgery({ method, headers }: Arrival, { cookie, origins, publicUrl }: Options): void {
  const asked = PREFLIGHTED.some((name) => headers.has(name));
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (method === 'POST' && type !== undefined && SIMPLE.has(type) && !asked) {
    throw refusal(`A form's content type (${type}) is not taken: send application/json.`);
  }
  if (!cookie) return;
  const site = headers.get('sec-fetch-site');
  if (site === 'same-origin') return;
  const origin = headers.get('origin');
  if (origin !== null && origin !== publicUrl().origin && !origins.includes(origin)) {
    throw refusal(
      `${origin.slice(0, 100)} may not use a session's cookie: its operator has to name it in API_ORIGINS.`,
    );
  }
  if (method === 'POST' ? type === undefined : !asked) {
    throw refusal(
      `With a session's cookie this needs the header ${PREFLIGHTED[0]} (any value), or POST with application/json.`,
    );
  }
}

function refusal(message: string) {
  const error = userError('CSRF_REFUSED', message);
  error.extensions.http = { status: 403 };
  return error;
}
