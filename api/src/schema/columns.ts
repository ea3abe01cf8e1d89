import type { Hex } from '@openledger/db/chain';
import type { EnumRef } from '@pothos/core';
import { builder, type Types } from './builder.ts';

/** The columns of the database, in the words of GraphQL: which scalar, which name, what it says. */
type Named<Kind extends string> = {
  readonly kind: Kind;
  readonly description: string;
  /** Its name in GraphQL where that differs from the column's. */
  readonly as?: string;
  /** Zero stands for "none" on chain and is served as null. */
  readonly zeroIsNull?: true;
};

export type EnumColumn<Value extends string> = Named<'Enum'> & {
  readonly ref: EnumRef<Types, Value>;
  readonly name: string;
};
export type ScalarKind = 'BigInt' | 'DateTime' | 'Address' | 'Bytes32' | 'Hex' | 'Int' | 'Boolean' | 'JSON';
/** `Text` is a plain string; `Name` can be searched and ordered by; `EventId` orders as the chain does. */
export type ColumnSpec = Named<ScalarKind | 'Text' | 'Name' | 'EventId'> | EnumColumn<string>;

/** The specs that fit a column of this TypeScript type, so that a wrong scalar does not compile. */
export type SpecFor<Data> = [Data] extends [bigint]
  ? Named<'BigInt' | 'DateTime'>
  : [Data] extends [number]
    ? Named<'Int'>
    : [Data] extends [boolean]
      ? Named<'Boolean'>
      : [Data] extends [Hex]
        ? Named<'Address' | 'Bytes32' | 'Hex'>
        : [Data] extends [string]
          ? string extends Data
            ? Named<'Text' | 'Name' | 'EventId'>
            : EnumColumn<Data>
          : Named<'JSON'>;

const named =
  <Kind extends string>(kind: Kind) =>
  (description: string, as?: string): Named<Kind> => ({ kind, description, ...(as === undefined ? {} : { as }) });

export const bigint = named('BigInt');
export const time = named('DateTime');
export const address = named('Address');
export const bytes32 = named('Bytes32');
export const hex = named('Hex');
export const int = named('Int');
export const bool = named('Boolean');
export const text = named('Text');
export const name = named('Name');
export const eventId = named('EventId');
export const json = named('JSON');

/** A moment that the chain leaves at zero while there is none. */
export function timeOrNone(description: string, as?: string): Named<'DateTime'> {
  return { ...time(description, as), zeroIsNull: true };
}

/** A status or role: the database's words in lower case, GraphQL's in upper case. */
export function enumOf<const Value extends string>(
  typeName: string,
  description: string,
  values: Record<Value, string>,
) {
  const entries = (Object.keys(values) as Value[]).map(
    (value) => [value.toUpperCase(), { value, description: values[value] }] as const,
  );
  const ref = builder.enumType(typeName, {
    description,
    values: Object.fromEntries(entries) as Record<string, { value: Value; description: string }>,
  }) as EnumRef<Types, Value>;
  return (columnDescription: string, as?: string): EnumColumn<Value> => ({
    kind: 'Enum',
    description: columnDescription,
    ref,
    name: typeName,
    ...(as === undefined ? {} : { as }),
  });
}

/** Provenance of a row that changes over time. */
export const provenance = {
  createdBlock: bigint('The block that created it.'),
  createdAt: time('When it was created: the time of that block.'),
  createdTx: bytes32('The transaction that created it.', 'createdTransaction'),
  updatedBlock: bigint('The block that last changed it.'),
  updatedAt: time('When it last changed: the time of that block.'),
};

/** Provenance of a row that one event wrote once. */
export const eventProvenance = {
  id: eventId('The 75-digit id of its event; sorts as the chain does.', 'eventId'),
  block: bigint('The block of its event.'),
  timestamp: time('When it happened: the time of its block.'),
  txHash: bytes32('The transaction of its event.', 'transaction'),
};
