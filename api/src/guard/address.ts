import { isIPv6 } from 'node:net';

/**
 * Who asks, as far as the network tells: an IPv4 address, or the /64 that one customer has of IPv6. Behind proxies it is the
 * entry of `X-Forwarded-For` that the outermost of them wrote; what stands before that, anybody may have written.
 */
export function addressOf(peer: string | undefined, forwarded: string | null, proxies: number): string {
  const entries = (forwarded ?? '').split(',').map((entry) => entry.trim());
  const told = proxies > 0 ? entries[entries.length - proxies] : undefined;
  return network(told || peer || 'unknown');
}

function network(address: string): string {
  const plain = address.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1').slice(0, 60);
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const before = head === '' ? [] : head.split(':');
  const behind = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - behind.length)).fill('0');
  const groups = [...before, ...middle, ...behind].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}
