import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressGuard } from '@openledger/protocol/network';
import { type AdapterFileName, type Source, SourceError } from './source.ts';

const MAX_REDIRECTS = 4;

/**
 * A folder of a web server. Whoever publishes a model chooses its URL; `guard` says which addresses may be asked for it,
 * those of redirects too. Without one, all may.
 */
export const createHttpSource = (folder: URL, guard: AddressGuard | undefined): Source => ({
  open: async (name, { signal }) => {
    let url = fileIn(folder, name);
    for (let redirects = 0; ; redirects += 1) {
      const response = await get(url, guard, signal);
      const { statusCode = 0, headers } = response;
      if (statusCode === 200) {
        const length = headers['content-length'];
        const close = () => void response.destroy();
        return { size: length === undefined ? undefined : Number(length), body: response, close };
      }
      response.destroy();
      if (![301, 302, 303, 307, 308].includes(statusCode)) {
        throw new SourceError(`${shown(url)} answers with status ${statusCode}`);
      }
      if (redirects === MAX_REDIRECTS)
        throw new SourceError(`${shown(folder)} redirects more than ${MAX_REDIRECTS} times`);
      url = redirectOf(url, headers.location);
    }
  },
});

/** A query, such as that of a signed URL, goes with both files. */
const fileIn = (folder: URL, name: AdapterFileName): URL => {
  const url = new URL(folder);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${name}`;
  url.hash = '';
  return url;
};

const redirectOf = (from: URL, location: string | undefined): URL => {
  if (location === undefined || !URL.canParse(location, from.href)) {
    throw new SourceError(`${shown(from)} redirects to nowhere`);
  }
  const to = new URL(location, from.href);
  if (!/^https?:$/.test(to.protocol)) throw new SourceError(`${shown(from)} redirects to ${to.protocol}`);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new SourceError(`${shown(from)} redirects from https to http`);
  }
  return to;
};

/** For errors: without a user, a password or a query, which may be secrets. */
const shown = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`;

const get = (url: URL, guard: AddressGuard | undefined, signal: AbortSignal) => {
  guard?.check(url);
  return new Promise<IncomingMessage>((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const sent = send(url, {
      // A connection of its own: one that is kept would outlive the check of its address.
      agent: false,
      headers: { 'accept-encoding': 'identity' },
      signal,
      ...(guard && { lookup: guard.lookup }),
    });
    sent.on('response', resolve);
    sent.on('error', reject);
    sent.end();
  });
};
