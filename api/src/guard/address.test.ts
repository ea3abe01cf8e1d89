import { expect, test } from 'vitest';
import { addressOf } from './address.ts';

test.each([
  ['203.0.113.9', null, 0, '203.0.113.9'],
  ['::ffff:203.0.113.9', null, 0, '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', null, 0, '2001:db8:1:2::/64'],
  ['2001:db8::1', null, 0, '2001:db8:0:0::/64'],
  ['::1', null, 0, '0:0:0:0::/64'],
  // Without a proxy that is trusted, what a client says of itself counts for nothing.
  ['203.0.113.9', '198.51.100.1', 0, '203.0.113.9'],
  ['10.0.0.1', '198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', 'made-up, 198.51.100.1', 1, '198.51.100.1'],
  ['10.0.0.1', 'made-up, 198.51.100.1, 10.0.0.2', 2, '198.51.100.1'],
  ['10.0.0.1', '[2001:db8::1]:443', 1, '2001:db8:0:0::/64'],
  ['10.0.0.1', '198.51.100.1:5000', 1, '198.51.100.1'],
  ['10.0.0.1', null, 1, '10.0.0.1'],
  ['10.0.0.1', '198.51.100.1', 2, '10.0.0.1'],
  [undefined, null, 0, 'unknown'],
])('%s with X-Forwarded-For %s behind %i proxies is %s', (peer, forwarded, proxies, expected) => {
  expect(addressOf(peer, forwarded, proxies)).toBe(expected);
});
