import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKeys } from '../identity/secret.ts';
import { type Place, SealError, seal, unseal } from './seal.ts';

const keyFor = createKeys('5e'.repeat(32));
const place: Place = { genesisHash: `0x${'01'.repeat(32)}`, contributionId: 7n, validator: `0x${'aa'.repeat(20)}` };
const secret = {
  score: 8n * 10n ** 17n,
  salt: `0x${'0c'.repeat(32)}`,
  notes: 'Well explained; row 3 is off.',
} as const;

test('whatever a validator notes comes back, and no two sealings look alike', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.bigInt(0n, 10n ** 18n), (notes, score) => {
      const sealed = seal(keyFor, place, { ...secret, notes, score });
      expect(unseal(keyFor, place, sealed)).toEqual({ ...secret, notes, score });
      expect(seal(keyFor, place, { ...secret, notes, score })).not.toEqual(sealed);
    }),
    { numRuns: 50 },
  );
});

test.each([
  ['another contribution', { ...place, contributionId: 8n }],
  ['another validator', { ...place, validator: `0x${'ab'.repeat(20)}` as const }],
  ['another chain', { ...place, genesisHash: `0x${'02'.repeat(32)}` as const }],
])('a sealed score moved to %s does not open there', (_, elsewhere) => {
  expect(() => unseal(keyFor, elsewhere, seal(keyFor, place, secret))).toThrow(SealError);
});

test('with any bit changed, cut short, or under another secret it does not open', () => {
  const sealed = seal(keyFor, place, secret);
  for (const at of [0, 13, 30, sealed.length - 1]) {
    const altered = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte));
    expect(() => unseal(keyFor, place, altered)).toThrow(SealError);
  }
  expect(() => unseal(keyFor, place, sealed.subarray(0, 20))).toThrow(SealError);
  expect(() => unseal(createKeys('5f'.repeat(32)), place, sealed)).toThrow(/API_SECRET is another one/);
});
