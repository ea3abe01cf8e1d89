import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { publicOnly } from '@openledger/protocol/network';
import type { Workers } from './workers.ts';

/** A worker that says nothing for so long, not even that it is still at it, is given up. */
const SILENCE_MS = 120_000;

type Letter = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
};

/**
 * Posts to a worker and gives its answer as it comes; redirects are answers like others, and not followed. Destroying the
 * answer, or aborting the signal, hangs up.
 *
 * @throws TargetError for an address that is not allowed, or the error of a connection that failed
 */
export async function postTo(workers: Workers, letter: Letter): Promise<IncomingMessage> {
  try {
    return await post(workers, letter);
  } catch (error) {
    // A connection that was kept may have been closed by the worker just when it was used again: nothing arrived.
    if (!(error instanceof StaleConnectionError)) throw error;
    return post(workers, letter);
  }
}

class StaleConnectionError extends Error {
  override readonly name = 'StaleConnectionError';
}

function post(
  { http, https, allowPrivate }: Workers,
  { url, headers, body, signal }: Letter,
): Promise<IncomingMessage> {
  if (!allowPrivate) publicOnly.check(url);
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === 'https:';
    const sent = (isSecure ? requestHttps : requestHttp)(
      url,
      {
        method: 'POST',
        agent: isSecure ? https : http,
        headers: { 'content-type': 'application/json', ...headers, 'content-length': bytes.length },
        signal,
        ...(!allowPrivate && { lookup: publicOnly.lookup }),
      },
      resolve,
    );
    sent.setTimeout(SILENCE_MS, () => sent.destroy(new Error(`It said nothing for ${SILENCE_MS / 1000} s.`)));
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(isStale ? new StaleConnectionError('The connection was closed.', { cause: error }) : error);
    });
    sent.end(bytes);
  });
}
