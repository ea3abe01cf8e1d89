import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';

export type Slow = { readonly url: string; readonly asked: () => number; readonly close: () => Promise<void> };

/** A server that passes everything on, and lets everybody wait before. */
export const startSlow = async (target: string, milliseconds: number): Promise<Slow> => {
  let asked = 0;
  const server = createServer(async (request, response) => {
    asked++;
    try {
      const body = await buffer(request);
      await sleep(milliseconds);
      const { authorization, accept } = request.headers;
      const answer = await fetch(`${target}${request.url}`, {
        method: request.method!,
        headers: {
          'content-type': request.headers['content-type'] ?? 'application/json',
          ...(authorization && { authorization }),
          ...(accept && { accept }),
        },
        ...(body.length > 0 && { body: new Uint8Array(body) }),
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
      if (answer.body === null) response.end();
      else Readable.fromWeb(answer.body as ReadableStream).pipe(response);
    } catch {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
};
