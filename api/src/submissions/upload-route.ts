import type { IncomingMessage } from 'node:http';
import { GraphQLError } from 'graphql';
import type { Services } from '../context.ts';
import { explainDatabaseError } from '../database-errors.ts';
import type { ErrorCode } from '../errors.ts';
import { arrivalOf } from '../guard/arrival.ts';
import { beginAudit, endAudit } from '../guard/audit.ts';
import type { Guard } from '../guard/guard.ts';
import { requireAccount } from '../identity/require-account.ts';
import { bounds } from '../intake/rules.ts';
import { BodyTooLong, keepUpload, readUpload } from './uploads.ts';

type Reply = { readonly status: number; readonly type: string; readonly body: string };

const statusOf: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  CSRF_REFUSED: 403,
  RATE_LIMITED: 429,
  BUDGET_EXCEEDED: 403,
  REQUEST_ENTITY_TOO_LARGE: 413,
  DATABASE_UNAVAILABLE: 503,
  WRITES_UNAVAILABLE: 503,
  INTERNAL_SERVER_ERROR: 500,
};

/**
 * `POST /upload`: one file as the body, its type in `Content-Type` and its name in `X-File-Name`, percent-encoded. Answers
 * with its hash, media type, rows and size. A browser's session is taken only with an `Authorization` header or with
 * `X-File-Name`, neither of which another site can make a browser send.
 */
export async function uploadRoute(services: Services, guard: Guard, request: IncomingMessage): Promise<Reply> {
  try {
    return json(201, await take(services, guard, request));
  } catch (error) {
    if (error instanceof GraphQLError) return failure(error.extensions.code as ErrorCode, error.message);
    if (error instanceof BodyTooLong) return tooLarge();
    const explained = explainDatabaseError(error);
    if (explained) return failure(explained.code, explained.message);
    services.log.error({ err: error }, 'an upload failed');
    return failure('INTERNAL_SERVER_ERROR', 'Something went wrong on our side. It is logged; please try again.');
  }
}

async function take(services: Services, guard: Guard, request: IncomingMessage) {
  const visitor = await guard.admit(arrivalOf(request));
  const { caller } = visitor;
  const account = requireAccount({ caller }, 'contribute');
  const name = request.headers['x-file-name'];
  guard.write(visitor, 1);
  if (Number(request.headers['content-length'] ?? 0) > bounds.bytes) throw new BodyTooLong();
  await services.appReady();
  const audit = { ...services, caller } as never;
  const id = await beginAudit(audit, caller as never, 'upload');
  try {
    const body = await readUpload(request);
    const fileName = typeof name === 'string' ? decoded(name) : undefined;
    const kept = await keepUpload(services, account, { body, mediaType: request.headers['content-type'], fileName });
    await endAudit(audit, id, { outcome: 'done', subject: `Upload:${kept.contentHash}`, code: null });
    return { ...kept, expiresAt: kept.expiresAt.toISOString() };
  } catch (error) {
    const refused = error instanceof GraphQLError || error instanceof BodyTooLong;
    const code =
      error instanceof GraphQLError ? String(error.extensions.code) : refused ? 'REQUEST_ENTITY_TOO_LARGE' : null;
    await endAudit(audit, id, { outcome: refused ? 'refused' : 'failed', subject: null, code }).catch(() => {});
    throw error;
  }
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const tooLarge = () =>
  failure(
    'REQUEST_ENTITY_TOO_LARGE',
    `The file has more than ${bounds.bytes} bytes, the most that is taken. Split it and upload the parts.`,
  );

function failure(code: ErrorCode, message: string): Reply {
  return json(statusOf[code] ?? 400, { errors: [{ message, extensions: { code } }] });
}

function json(status: number, body: object): Reply {
  return { status, type: 'application/json; charset=utf-8', body: `${JSON.stringify(body)}\n` };
}
