import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admitted } from '../guard/admission.ts';
import { readerOf } from '../guard/arrival.ts';
import { giveBody } from '../guard/body.ts';
import { corsOf } from '../guard/cors.ts';
import type { Guard } from '../guard/guard.ts';
import { costOf } from '../guard/spent.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { Asked, Engine } from './engine.ts';
import type { Revision } from './revision.ts';

/** How an answer is labelled, by what the client accepts; other wishes are weighed by Yoga. */
const labels: Readonly<Record<string, string>> = {
  '*/*': 'application/json; charset=utf-8',
  'application/json': 'application/json; charset=utf-8',
  'application/json, */*': 'application/json; charset=utf-8',
};

/** What comes with these is left to Yoga. */
const others = [
  'content-encoding',
  'transfer-encoding',
  'access-control-request-method',
  'access-control-request-headers',
] as const;

type Options = {
  readonly engine: Engine;
  readonly guard: Guard;
  readonly persistedOnly: boolean;
  readonly origins: readonly string[];
  readonly publicUrl: () => URL;
  readonly genesisHash: string;
  readonly revision: () => Promise<Revision | null>;
};

/**
 * Answers GET and POST of JSON at /graphql from operations that are compiled, behind the same guard as all others. The function it
 * returns gives false when somebody else has to answer: the body is then on the request, where Yoga looks for it, and who was
 * admitted is known.
 */
export function createCompiled({ engine, guard, persistedOnly, origins, publicUrl, genesisHash, revision }: Options) {
  const cors = corsOf(origins, publicUrl);

  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const { headers, method } = request;
    const label = labels[headers.accept ?? '*/*'];
    if (label === undefined || (method !== 'GET' && method !== 'POST')) return false;
    if (!(method === 'GET' ? isQuery(request) : isJson(request))) return false;
    if (others.some((name) => headers[name] !== undefined)) return false;

    const reader = readerOf(headers);
    const admission = guard.admit({ method, headers: reader, peer: request.socket.remoteAddress });
    admitted.set(request, admission);
    const visitor = await admission.catch(() => undefined);
    // Yoga's plugin looks there too, and says why not.
    if (visitor === undefined) return false;

    let asked: Asked | undefined;
    if (method === 'GET') asked = askedByUrl(request.url!);
    else {
      const body = await bodyOf(request).catch(() => undefined);
      // Broken off: nobody waits for an answer.
      if (body === undefined) return true;
      giveBody(request, Buffer.from(body));
      asked = askedBy(body);
    }
    const isAnonymous = visitor.caller.kind === 'anonymous';
    const found = asked && !(persistedOnly && isAnonymous) ? engine.find(asked) : undefined;
    if (found === undefined) return false;

    const common =
      headers.origin === undefined ? {} : crossOrigin(cors({ headers: reader } as Request), headers.origin);
    const tag = found.digest === null ? undefined : tagOf(await revision(), found.digest);
    const labelled = {
      ...common,
      'cache-control': isAnonymous && tag !== undefined ? 'no-cache' : 'private, no-store',
      ...(tag !== undefined && { etag: tag }),
    };
    if (tag !== undefined && knows(headers['if-none-match'], tag)) {
      response.writeHead(304, { ...labelled, ...guard.headers(visitor) }).end();
      return true;
    }
    const members = await pay(guard, visitor, found);
    if (members === undefined) return false;
    const { cost, rates } = costOf(guard, visitor, found.price);
    const text = `{${members},"extensions":{"cost":${JSON.stringify(cost)}}}`;
    const length = Buffer.byteLength(text);
    // An error says nothing of the state of the index.
    if (!members.startsWith('"data"')) delete (labelled as { etag?: string }).etag;
    response.writeHead(200, { 'content-type': label, 'content-length': length, ...rates, ...labelled });
    response.end(text);
    return true;
  };

  /** Which question, in which state of the index: another state, another tag. */
  function tagOf(current: Revision | null, digest: string): string | undefined {
    if (current === null) return undefined;
    const hash = createHash('sha256').update(digest).update(current.mark).digest('base64url').slice(0, 27);
    return `W/"${genesisHash}-${current.block}-${hash}"`;
  }
}

const isQuery = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/graphql?');

const isJson = ({ url, headers }: IncomingMessage): boolean =>
  url === '/graphql' &&
  /^application\/json(; ?charset=utf-8)?$/i.test(headers['content-type'] ?? '') &&
  Number(headers['content-length']) > 0;

/** Whether a client has the answer with this tag; weak and strong tags count alike (RFC 9110, 13.1.2). */
function knows(header: string | undefined, tag: string): boolean {
  const opaque = (text: string) => text.trim().replace(/^W\//, '');
  return (header ?? '').split(',').some((known) => opaque(known) === opaque(tag));
}

/** The answer's data, once it is paid for and it is the visitor's turn; undefined when Yoga has to answer, or to refuse. */
async function pay(guard: Guard, visitor: Visitor, found: NonNullable<ReturnType<Engine['find']>>) {
  try {
    guard.read(visitor, found.price.cost);
    return await guard.turns(visitor.key, found.answer);
  } catch {
    return undefined;
  }
}

/** As Yoga sends them. */
function crossOrigin(options: ReturnType<ReturnType<typeof corsOf>>, origin: string): Record<string, string> {
  if (options === false) return {};
  const allowed = options.origin === '*' || options.origin?.includes(origin) ? origin : 'null';
  return {
    'access-control-allow-origin': allowed,
    ...(allowed === origin && { vary: 'Origin' }),
    'access-control-allow-methods': options.methods?.join(', ') ?? '',
    ...(options.credentials && { 'access-control-allow-credentials': 'true' }),
    'access-control-expose-headers': options.exposedHeaders?.join(', ') ?? '',
    'access-control-max-age': String(options.maxAge),
  };
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve((chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8')));
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('The request was broken off.')));
  });
}

function askedBy(body: string): Asked | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  return askedIn(parsed as Record<string, unknown>);
}

function askedByUrl(url: string): Asked | undefined {
  const { variables, ...others } = Object.fromEntries(new URL(url, 'http://localhost').searchParams);
  try {
    return askedIn({ ...others, ...(variables ? { variables: JSON.parse(variables) as unknown } : {}) });
  } catch {
    return undefined;
  }
}

function askedIn({ query, operationName, variables, ...rest }: Readonly<Record<string, unknown>>): Asked | undefined {
  if (typeof query !== 'string' || Object.keys(rest).length > 0) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return undefined;
  if (variables !== undefined && variables !== null && (typeof variables !== 'object' || Array.isArray(variables))) {
    return undefined;
  }
  return { query, operationName: operationName ?? undefined, variables: (variables ?? {}) as Asked['variables'] };
}
