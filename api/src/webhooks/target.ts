import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { badInput } from '../errors.ts';

const MAX_URL = 2048;

/** Everything that is not the public internet (IANA's special-purpose registries), and what leads back into IPv4. */
const closed = new BlockList();
for (const range of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]) {
  const [net, bits] = range.split('/') as [string, string];
  closed.addSubnet(net, Number(bits), 'ipv4');
}
/** The public part of IPv6 is 2000::/3; of it these are not, or hold an IPv4 address. */
const open = new BlockList();
open.addSubnet('2000::', 3, 'ipv6');
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  closed.addSubnet(net, bits, 'ipv6');
}

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return !closed.check(address, family) && (family === 'ipv4' || open.check(address, family));
}

/** A URL that nothing is sent to. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

const literalOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

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

/**
 * Refuses names that lead to anything but the public internet. It answers with the very addresses that it has checked, so
 * that a name cannot lead elsewhere when the connection is made.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    const wrong = addresses.find(({ address }) => !isPublicAddress(address));
    if (wrong || first === undefined) {
      return callback(
        new TargetError(`${hostname} leads to ${wrong?.address}, which is not on the public internet.`),
        '',
        0,
      );
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** @throws TargetError for an address in place of a name, which is looked up nowhere */
export function checkLiteral(url: URL): void {
  const literal = literalOf(url);
  if (isIP(literal) > 0 && !isPublicAddress(literal)) {
    throw new TargetError(`${literal} is not on the public internet.`);
  }
}
