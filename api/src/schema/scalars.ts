import type { Hex } from '@openledger/db/chain';
import { GraphQLError, GraphQLScalarType, Kind, print, type ValueNode } from 'graphql';
import { isoTime } from '../time.ts';

const MAX_UINT256 = 2n ** 256n - 1n;
/** JavaScript dates end here, about the year 275,760; Unix seconds. */
const LAST_SECOND = 8_640_000_000_000n;

type ScalarConfig<T> = {
  name: string;
  description: string;
  specifiedByURL?: string;
  serialize: (value: T) => unknown;
  parse: (value: unknown) => T;
};

function show(value: unknown): string {
  const text =
    typeof value === 'string' ? `"${value}"` : typeof value === 'object' ? JSON.stringify(value) : `${value}`;
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

const wrongInput = { code: 'BAD_USER_INPUT' };

function at({ message, extensions }: GraphQLError, node: ValueNode): GraphQLError {
  return new GraphQLError(message, { nodes: node, extensions });
}

/** A scalar whose literals and variables go through one parser, so that both give the same errors. */
function scalar<T>({ name, description, specifiedByURL, serialize, parse }: ScalarConfig<T>) {
  return new GraphQLScalarType<T, unknown>({
    name,
    description,
    specifiedByURL: specifiedByURL ?? null,
    serialize: (value) => serialize(value as T),
    parseValue: parse,
    parseLiteral: (node: ValueNode) => {
      if (node.kind !== Kind.STRING && node.kind !== Kind.INT) {
        throw new GraphQLError(`${name} cannot be ${print(node)}.`, { nodes: node, extensions: wrongInput });
      }
      try {
        return parse(node.value);
      } catch (error) {
        throw error instanceof GraphQLError ? at(error, node) : error;
      }
    },
  });
}

function fail(name: string, value: unknown, expected: string): never {
  throw new GraphQLError(`${name} cannot be ${show(value)}: expected ${expected}.`, { extensions: wrongInput });
}

function hexOf(name: string, digits: RegExp, expected: string) {
  return (value: unknown): Hex => {
    if (typeof value !== 'string' || !digits.test(value)) fail(name, value, expected);
    return value.toLowerCase() as Hex;
  };
}

export const bigIntScalar = scalar<bigint>({
  name: 'BigInt',
  description:
    'An exact integer from 0 to 2^256−1: on-chain ids, wei of OPEN, 1e18 fixed point, block numbers. A decimal string on the wire; ' +
    'as input also a number up to 9007199254740991.',
  serialize: (value) => value.toString(),
  parse: (value) => {
    const expected = 'an integer from 0 to 2^256−1 as a decimal string, or a number up to 9007199254740991';
    if (typeof value === 'number' && !Number.isSafeInteger(value)) fail('BigInt', value, expected);
    if (typeof value !== 'string' && typeof value !== 'number') fail('BigInt', value, expected);
    if (!/^\d{1,78}$/.test(String(value))) fail('BigInt', value, expected);
    const parsed = BigInt(value);
    if (parsed > MAX_UINT256) fail('BigInt', value, expected);
    return parsed;
  },
});

export const dateTimeScalar = scalar<bigint>({
  name: 'DateTime',
  description:
    'A moment as the chain counts time, in whole seconds, written as ISO 8601 in UTC, e.g. 2026-01-31T12:00:00Z. ' +
    'Moments past the year 275,760, such as a permission without end, are shown as its last second.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (seconds) => {
    const shown = seconds > LAST_SECOND ? LAST_SECOND : seconds;
    return isoTime(shown);
  },
  parse: (value) => {
    const expected = 'an ISO 8601 time in whole seconds such as "2026-01-31T12:00:00Z"';
    const iso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.0+)?(Z|[+-]\d{2}:\d{2})$/;
    if (typeof value !== 'string' || !iso.test(value)) fail('DateTime', value, expected);
    const milliseconds = Date.parse(value);
    if (Number.isNaN(milliseconds)) fail('DateTime', value, expected);
    return BigInt(milliseconds / 1000);
  },
});

export const addressScalar = scalar<Hex>({
  name: 'Address',
  description: 'An account or contract: 20 bytes as 0x and 40 hex digits, lower case; any case as input.',
  serialize: (value) => value,
  parse: hexOf('Address', /^0x[0-9a-f]{40}$/i, '0x and 40 hex digits'),
});

export const bytes32Scalar = scalar<Hex>({
  name: 'Bytes32',
  description: 'A hash or 32-byte id: 0x and 64 hex digits, lower case; any case as input.',
  serialize: (value) => value,
  parse: hexOf('Bytes32', /^0x[0-9a-f]{64}$/i, '0x and 64 hex digits'),
});

export const hexScalar = scalar<Hex>({
  name: 'Hex',
  description: 'Bytes of any length: 0x and an even number of hex digits, lower case; any case as input.',
  serialize: (value) => value,
  parse: hexOf('Hex', /^0x([0-9a-f]{2})*$/i, '0x and an even number of hex digits'),
});

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value; 256-bit integers inside it are decimal strings. Only ever returned.',
  serialize: (value) => value,
  parseValue: () => {
    throw new GraphQLError('JSON is only ever returned, never taken as input.');
  },
});

export const decimalScalar = new GraphQLScalarType<string, string>({
  name: 'Decimal',
  description:
    'A decimal number as a string, which may be negative: an exact integer of any size, or a ratio rounded half away from zero to six digits after the point. Only ever returned.',
  serialize: (value) => String(value),
  parseValue: () => {
    throw new GraphQLError('Decimal is only ever returned, never taken as input.');
  },
});
