import type { CORSOptions } from 'graphql-yoga';

const EXPOSED = ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'ETag'];

/** Named origins may come with a visitor's session; others read without one where `*` is among them, or not at all. */
export function corsOf(
  origins: readonly string[],
  publicUrl: () => URL,
): (request: Request) => Exclude<CORSOptions, undefined> {
  const common = { methods: ['GET', 'POST', 'OPTIONS'], exposedHeaders: EXPOSED, maxAge: 3600 };
  return (request) => {
    const origin = request.headers.get('origin');
    if (origin !== null && (origin === publicUrl().origin || origins.includes(origin))) {
      return { ...common, origin: [origin, publicUrl().origin], credentials: true };
    }
    return origins.includes('*') ? { ...common, origin: '*', credentials: false } : false;
  };
}
