import type { IncomingMessage, ServerResponse } from 'node:http';
import { VOUCHER } from '../payments/voucherHeader.ts';
import { REQUEST_ID } from './answers.ts';

/**
 * Lets pages of any site ask: who asks is said in a header that a page has to know, never in a cookie.
 *
 * @returns whether it was only asked if one may ask.
 */
export const allowPages = ({ method, headers }: IncomingMessage, response: ServerResponse): boolean => {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', `${REQUEST_ID}, Retry-After`);
  if (method !== 'OPTIONS') return false;
  // Clients send headers of their own, such as x-stainless-lang.
  const asked = headers['access-control-request-headers'] ?? `authorization, content-type, ${VOUCHER}`;
  response.setHeader('access-control-allow-headers', asked);
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader('access-control-max-age', '600');
  return true;
};
