import type { IncomingMessage, ServerResponse } from 'node:http';
import { admitted } from '../guard/admission.ts';
import { readerOf } from '../guard/arrival.ts';
import { corsOf } from '../guard/cors.ts';
import type { Guard } from '../guard/guard.ts';
import { costOf } from '../guard/spent.ts';
import type { Visitor } from '../guard/visitor.ts';
import type { Asked, Engine } from './engine.ts';

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
};

/**
 * Answers POSTs of JSON at /graphql from operations that are compiled, behind the same guard as all others. The function it
 * returns gives false when somebody else has to answer: the body is then on the request, where Yoga looks for it, and who was
 * admitted is known.
 */
export function createCompiled({ engine, guard, persistedOnly, origins, publicUrl }: Options) {
  const cors = corsOf(origins, publicUrl);

  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const { headers } = request;
    const label = labels[headers.accept ?? '*/*'];
    if (request.method !== 'POST' || label === undefined || request.url !== '/graphql') return false;
    if (!/^application\/json(; ?charset=utf-8)?$/i.test(headers['content-type'] ?? '')) return false;
    if (!Number(headers['content-length']) || others.some((name) => headers[name] !== undefined)) return false;

    const reader = readerOf(headers);
    const admission = guard.admit({ method: 'POST', headers: reader, peer: request.socket.remoteAddress });
    admitted.set(request, admission);
    const visitor = await admission.catch(() => undefined);
    // Yoga's plugin looks there too, and says why not.
    if (visitor === undefined) return false;

    const body = await bodyOf(request).catch(() => undefined);
    // Broken off: nobody waits for an answer.
    if (body === undefined) return true;
    (request as { body?: string }).body = body;
    const asked = askedBy(body);
    const found = asked && (!persistedOnly || visitor.caller.kind !== 'anonymous') ? engine.find(asked) : undefined;
    if (found === undefined) return false;
    const members = await pay(guard, visitor, found);
    if (members === undefined) return false;

    const { cost, rates } = costOf(guard, visitor, found.price);
    const text = `{${members},"extensions":{"cost":${JSON.stringify(cost)}}}`;
    response.writeHead(200, {
      'content-type': label,
      'content-length': Buffer.byteLength(text),
      ...rates,
      ...(headers.origin !== undefined && crossOrigin(cors({ headers: reader } as Request), headers.origin)),
    });
    response.end(text);
    return true;
  };
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
  const { query, operationName, variables, ...rest } = parsed as Record<string, unknown>;
  if (typeof query !== 'string' || Object.keys(rest).length > 0) return undefined;
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') return undefined;
  if (variables !== undefined && variables !== null && (typeof variables !== 'object' || Array.isArray(variables))) {
    return undefined;
  }
  return { query, operationName: operationName ?? undefined, variables: (variables ?? {}) as Asked['variables'] };
}
