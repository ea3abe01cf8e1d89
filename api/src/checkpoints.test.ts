import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCheckpoint } from './checkpoints.ts';

test('a checkpoint gives back its chain, block and time, whatever else is in it', () => {
  const digits = (length: number) => fc.bigInt({ min: 0n, max: 10n ** BigInt(length) - 1n });
  fc.assert(
    fc.property(digits(10), digits(16), digits(16), digits(33), (timestamp, chainId, block, rest) => {
      const pad = (value: bigint, length: number) => value.toString().padStart(length, '0');
      const checkpoint = `${pad(timestamp, 10)}${pad(chainId, 16)}${pad(block, 16)}${pad(rest, 33)}`;
      expect(decodeCheckpoint(checkpoint)).toEqual({ timestamp, chainId, block });
    }),
  );
});

test('anything else is refused', () => {
  expect(() => decodeCheckpoint('123')).toThrow('Not a checkpoint of 75 digits: 123');
});
