import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Services } from '../context.ts';
import { explainDatabaseError } from '../database-errors.ts';
import type { ErrorCode } from '../errors.ts';
import { readerOf } from '../guard/arrival.ts';
import { beginAudit, endAudit } from '../guard/audit.ts';
import { corsOf } from '../guard/cors.ts';
import type { Guard, HeadersReader } from '../guard/guard.ts';
import type { Visitor } from '../guard/visitor.ts';
import { requireAccount } from '../identity/require-account.ts';
import { bounds } from '../intake/rules.ts';
import { BodyTooLong, keepUpload, readUpload } from './uploads.ts';

/** Query cost of an upload: what it takes to read 5 MB. */
const COST = 500;

const statusOf: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BUDGET_EXCEEDED: 403,
  CSRF_REFUSED: 403,
  RATE_LIMITED: 429,
  REQUEST_ENTITY_TOO_LARGE: 413,
  DATABASE_UNAVAILABLE: 503,
  WRITES_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

/**
 * `POST /upload`: one file as the body, its type in `Content-Type` and its name in `X-File-Name`, percent-encoded. Answers
 * with its hash, media type, rows, size, and until when it is kept. It is admitted and paid for as a mutation is.
 */
export function createUploads(services: Services, guard: Guard) {
  const cors = corsOf(services.origins, services.publicUrl);

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const headers = readerOf(request.headers);
    const shared = crossOrigin(cors({ headers } as Request), headers.get('origin'));
    const reply = (status: number, body: object, more: Record<string, string> = {}) => {
      const type = { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' };
      response.writeHead(status, { ...type, ...shared, ...more }).end(`${JSON.stringify(body)}\n`);
    };
    const fail = (code: ErrorCode, message: string, more?: Record<string, string>) =>
      reply(statusOf[code] ?? 400, { errors: [{ message, extensions: { code } }] }, more);

    if (request.method === 'OPTIONS') {
      response.writeHead(204, { ...shared, 'access-control-allow-methods': 'POST, OPTIONS', ...preflight }).end();
      return;
    }
    if (request.method !== 'POST') return fail('BAD_USER_INPUT', '/upload takes POST only, with the file as the body.');
    try {
      const visitor = await guard.admit({
        method: 'POST',
        headers: asked(headers),
        peer: request.socket.remoteAddress,
      });
      requireAccount(visitor, 'contribute');
      guard.write(visitor, 1);
      guard.read(visitor, COST);
      const kept = await guard.turns(visitor.key, () => take(services, visitor, request));
      reply(201, kept, guard.headers(visitor));
    } catch (error) {
      const explained = explainDatabaseError(error);
      if (error instanceof GraphQLError) {
        const { code, http } = error.extensions as { code: ErrorCode; http?: { headers?: Record<string, string> } };
        fail(code, error.message, http?.headers);
      } else if (error instanceof BodyTooLong) {
        fail('REQUEST_ENTITY_TOO_LARGE', error.message, { connection: 'close' });
      } else if (explained) {
        fail(explained.code, explained.message);
      } else {
        services.log.error({ err: error }, 'an upload failed');
        fail('INTERNAL_SERVER_ERROR', 'Something went wrong on our side. It is logged; please try again.');
      }
    }
  };
}

async function take(services: Services, { caller }: Visitor, request: IncomingMessage) {
  const account = requireAccount({ caller }, 'contribute');
  if (caller.kind === 'anonymous') throw new TypeError('requireAccount let nobody in.');
  if (Number(request.headers['content-length'] ?? 0) > bounds.bytes) throw new BodyTooLong();
  await services.appReady();
  const id = await beginAudit(services, caller, 'upload');
  try {
    const body = await readUpload(request);
    const fileName = decoded(request.headers['x-file-name']);
    const kept = await keepUpload(services, account, { body, mediaType: request.headers['content-type'], fileName });
    await endAudit(services, id, { outcome: 'done', subject: `Upload:${kept.contentHash}`, code: null });
    return { ...kept, expiresAt: kept.expiresAt.toISOString() };
  } catch (error) {
    const code =
      error instanceof GraphQLError
        ? String(error.extensions.code)
        : error instanceof BodyTooLong
          ? 'REQUEST_ENTITY_TOO_LARGE'
          : null;
    const outcome = code === null ? 'failed' : 'refused';
    await endAudit(services, id, { outcome, subject: null, code }).catch((unnoted: unknown) => {
      services.log.error({ err: unnoted, action: 'upload' }, 'the end of a write could not be noted');
    });
    throw error;
  }
}

const preflight = {
  'access-control-allow-headers': 'authorization, content-type, x-file-name, openledger-csrf',
  'access-control-max-age': '3600',
};

function crossOrigin(options: ReturnType<ReturnType<typeof corsOf>>, origin: string | null): Record<string, string> {
  if (options === false || origin === null) return {};
  const { credentials, exposedHeaders } = options as { credentials?: boolean; exposedHeaders?: readonly string[] };
  return {
    'access-control-allow-origin': credentials ? origin : '*',
    'access-control-expose-headers': exposedHeaders?.join(', ') ?? '',
    vary: 'origin',
    ...(credentials && { 'access-control-allow-credentials': 'true' }),
  };
}

/**
 * A file may well be plain text, which a page of another site could send too; but neither its name nor a token, which a
 * browser only sends once it has asked for leave. With one of them the type says nothing about who sent it.
 */
function asked(headers: HeadersReader): HeadersReader {
  if (!headers.has('authorization') && !headers.has('x-file-name')) return headers;
  return {
    has: (name) => headers.has(name),
    get: (name) => (name === 'content-type' ? 'application/octet-stream' : headers.get(name)),
  };
}

function decoded(name: string | string[] | undefined): string | undefined {
  if (typeof name !== 'string') return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
