import { isIP } from 'node:net';
import { isPublicAddress, literalOf } from '@openledger/protocol/network';
import { badInput } from '../errors.ts';

const MAX_URL = 2048;

/** The URL of a webhook as it is kept. @throws BAD_USER_INPUT saying what is wrong with it */
export function targetOf(text: string, allowPrivate: boolean): URL {
  if (text.length > MAX_URL) throw badInput(`url has ${text.length} characters; at most ${MAX_URL} are taken.`);
  if (!URL.canParse(text)) throw badInput('url is not a URL such as https://app.example/hooks/openledger.');
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol))
    throw badInput(`url begins with ${url.protocol}//; http:// or https:// are sent to.`);
  if (url.username !== '' || url.password !== '') {
    throw badInput('url has a user or password in it: check the signature of a message instead.');
  }
  if (url.hash !== '') throw badInput('url has a fragment (#…), which is never sent.');
  if (!allowPrivate && isIP(literalOf(url)) > 0 && !isPublicAddress(literalOf(url))) {
    throw badInput(`url leads to ${literalOf(url)}, which is not on the public internet.`);
  }
  return url;
}
