import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

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

/** A URL that nothing is sent to, nor fetched from. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}

/** The host of a URL without the brackets of IPv6. */
export const literalOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

/** Keeps connections to URLs that somebody else chose away from addresses that are not for them. */
export type AddressGuard = {
  /**
   * For a connection: refuses names that lead to any other address. It answers with the very addresses that it has
   * checked, so that a name cannot lead elsewhere when the connection is made.
   */
  readonly lookup: LookupFunction;
  /** @throws TargetError for an address in place of a name, which is looked up nowhere */
  readonly check: (url: URL) => void;
};

export function createGuard(isAllowed: (address: string) => boolean): AddressGuard {
  const lookup: LookupFunction = (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      const wrong = addresses.find(({ address }) => !isAllowed(address));
      if (wrong || first === undefined) {
        const why = `${hostname} leads to ${wrong?.address ?? 'no address'}, which is not on the public internet.`;
        return callback(new TargetError(why), '', 0);
      }
      if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const check = (url: URL): void => {
    const literal = literalOf(url);
    if (isIP(literal) > 0 && !isAllowed(literal)) throw new TargetError(`${literal} is not on the public internet.`);
  };
  return { lookup, check };
}

/** Lets nothing but the public internet be reached. */
export const publicOnly: AddressGuard = createGuard(isPublicAddress);
