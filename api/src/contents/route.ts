import type { IncomingMessage, ServerResponse } from 'node:http';
import { getContent } from '@openledger/db';
import type { Hex } from '@openledger/db/chain';
import type { Services } from '../context.ts';
import { userError } from '../errors.ts';
import { refusalOf } from '../exports/refusal.ts';
import { readerOf } from '../guard/arrival.ts';
import type { Guard } from '../guard/guard.ts';
import { createPublicContents } from './public.ts';

/** Query cost of looking one up, and of each so many bytes of it. */
const COST = 50;
const BYTES_PER_COST = 20_000;

const path = /^\/content\/(0x[0-9a-fA-F]{64})$/;

/**
 * `GET /content/0x…`: what the chain names by its keccak256, as it was stored, for anybody to check with. It is never shown
 * as a page: whoever wrote it is not us.
 */
export const createContents = (services: Services, guard: Pick<Guard, 'admit' | 'read' | 'headers'>) => {
  const contents = createPublicContents(services);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://api');
    const given = path.exec(pathname)?.[1];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw userError('BAD_USER_INPUT', '/content takes GET and HEAD only.');
    }
    if (given === undefined) {
      throw userError('BAD_USER_INPUT', 'A content is asked for by its keccak256: /content/0x and 64 hex digits.');
    }
    const hash = given.toLowerCase() as Hex;
    const { method = 'GET', headers, socket } = request;
    const visitor = await guard.admit({ method, headers: readerOf(headers), peer: socket.remoteAddress });
    guard.read(visitor, COST);
    const content = (await contents.isPublic(hash)) ? await getContent(services.app.db, hash) : undefined;
    if (content === undefined) {
      throw userError('NOT_FOUND', `There is no content ${hash} here that is for everybody.`);
    }
    if (content.body === null) throw userError('NOT_FOUND', `The content ${hash} was erased, or is kept elsewhere.`);
    guard.read(visitor, Math.ceil(content.body.length / BYTES_PER_COST));
    response.writeHead(200, {
      'content-type': content.mediaType,
      'content-length': content.body.length,
      'content-disposition': `attachment; filename="${hash}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': '*',
      // It may be erased one day, so it is not immutable.
      'cache-control': 'public, max-age=300',
      etag: `"${hash}"`,
      ...guard.headers(visitor),
    });
    response.end(request.method === 'HEAD' ? undefined : content.body);
  };

  return (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const { status, code, message, headers } = refusalOf(error, services.log);
      response
        .writeHead(status, {
          'content-type': 'application/json; charset=utf-8',
          'x-content-type-options': 'nosniff',
          ...headers,
        })
        .end(`${JSON.stringify({ errors: [{ message, extensions: { code } }] })}\n`);
    });
};
