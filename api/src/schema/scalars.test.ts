import fc from 'fast-check';
import { parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { addressScalar, bigIntScalar, bytes32Scalar, dateTimeScalar, hexScalar, jsonScalar } from './scalars.ts';

const literal = (text: string) => parseValue(text);

test('an integer of up to 256 bits survives the way out and back, as string, literal and variable', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
      const wire = bigIntScalar.serialize(value);
      expect(wire).toBe(value.toString());
      expect(bigIntScalar.parseValue(wire)).toBe(value);
      expect(bigIntScalar.parseLiteral(literal(`"${wire}"`))).toBe(value);
      expect(bigIntScalar.parseLiteral(literal(`${wire}`))).toBe(value);
    }),
  );
});

test.each([
  2n ** 256n,
  -1n,
  '1e3',
  '0x10',
  ' 1',
  '',
  '1.0',
  1.5,
  Number.NaN,
  2 ** 53,
  true,
  null,
  [],
  {},
])('BigInt refuses %s', (value) => {
  expect(() => bigIntScalar.parseValue(typeof value === 'bigint' ? value.toString() : value)).toThrow(
    /^BigInt cannot be .*: expected an integer from 0 to 2\^256−1/,
  );
});

test('a second survives the way out and back', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 253_402_300_799n }), (seconds) => {
      expect(dateTimeScalar.parseValue(dateTimeScalar.serialize(seconds))).toBe(seconds);
    }),
  );
  expect(dateTimeScalar.serialize(2n ** 64n - 1n)).toBe('+275760-09-13T00:00:00Z');
});

test('hex comes back in lower case, and only of the right length', () => {
  expect(addressScalar.parseValue(`0x${'Ab'.repeat(20)}`)).toBe(`0x${'ab'.repeat(20)}`);
  expect(bytes32Scalar.parseLiteral(literal(`"0x${'AB'.repeat(32)}"`))).toBe(`0x${'ab'.repeat(32)}`);
  expect(hexScalar.parseValue('0x')).toBe('0x');
  expect(() => addressScalar.parseValue(`0x${'ab'.repeat(21)}`)).toThrow('expected 0x and 40 hex digits');
  expect(() => bytes32Scalar.parseValue('ab')).toThrow('expected 0x and 64 hex digits');
  expect(() => hexScalar.parseValue('0x1')).toThrow('expected 0x and an even number of hex digits');
  expect(() => addressScalar.parseLiteral(literal('[1]'))).toThrow('Address cannot be [1].');
  expect(() => jsonScalar.parseValue({})).toThrow('only ever returned');
});

test('a long wrong value is cut short in the message', () => {
  expect(() => bigIntScalar.parseValue('x'.repeat(10_000))).toThrow(/^.{0,220}$/);
});
