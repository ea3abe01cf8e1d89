import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { publicOnly } from '@openledger/protocol/network';

/** From the first byte of the name's lookup to the head of the answer. */
export const SEND_TIMEOUT_MS = 10_000;
/** Of an answer's body, which nobody reads. */
const MAX_BODY = 64 * 1024;

export type Answer = {
  /** The HTTP status; redirects are answers like others, and not followed. */
  readonly status: number;
  /** Milliseconds that the receiver asks to be left alone for; null when it does not say. */
  readonly retryAfterMs: number | null;
};

type Letter = {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Also addresses that are not on the public internet. */
  readonly allowPrivate: boolean;
};

/** Posts to a URL that somebody else chose. @throws TargetError, or the error of a connection that failed */
export async function post({ url, headers, body, allowPrivate }: Letter): Promise<Answer> {
  if (!allowPrivate) publicOnly.check(url);
  const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = send(
      url,
      {
        method: 'POST',
        // A connection of its own: one that is kept would outlive the check of its address.
        agent: false,
        headers: { ...headers, 'content-length': bytes.length, connection: 'close' },
        signal,
        ...(!allowPrivate && { lookup: publicOnly.lookup }),
      },
      (response) => {
        let read = 0;
        response.on('data', (chunk: Buffer) => {
          read += chunk.length;
          if (read > MAX_BODY) response.destroy();
        });
        response.on('error', () => {});
        resolve({ status: response.statusCode!, retryAfterMs: retryAfter(response.headers['retry-after']) });
      },
    );
    sent.on('error', (error) => {
      reject(signal.aborted ? new Error(`no answer within ${SEND_TIMEOUT_MS / 1000} s`, { cause: error }) : error);
    });
    sent.end(bytes);
  });
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds or a date. */
export function retryAfter(header: string | undefined): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
