import type * as mapping from '@openledger/db/chain';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { ChainEvent } from './event.ts';

type Mapping = typeof mapping;
type Selected<name extends TableName> = Mapping[name] extends { $inferSelect: infer row } ? row : never;
type Widened<value> = value extends string ? string : value;

/** Every table of `chain`, as the mapping in `db` names it. */
export type TableName = { [name in keyof Mapping]: Mapping[name] extends PgTable ? name : never }[keyof Mapping];

/** A row with every column of the mapping, none left out; words and hex are plain strings. */
export type Row<name extends TableName> = {
  -readonly [column in keyof Selected<name>]: Widened<Selected<name>[column]>;
};

/** The text that stands for a primary key: its columns in the mapping's order. */
export const keyOf = (...parts: readonly (bigint | number | string)[]): string => parts.join(' ');

/** One table's rows by primary key. */
export class Table<name extends TableName> {
  readonly rows = new Map<string, Row<name>>();

  find(...key: readonly (bigint | number | string)[]): Row<name> | undefined {
    return this.rows.get(keyOf(...key));
  }

  /** @throws when no earlier event made the row: the contracts rule that out. */
  get(...key: readonly (bigint | number | string)[]): Row<name> {
    const row = this.find(...key);
    if (row === undefined) throw new Error(`An event speaks of ${keyOf(...key)}, which no event before it created.`);
    return row;
  }

  put(row: Row<name>, ...key: readonly (bigint | number | string)[]): Row<name> {
    this.rows.set(keyOf(...key), row);
    return row;
  }

  /** The row, made first where there is none. */
  open(make: () => Row<name>, ...key: readonly (bigint | number | string)[]): Row<name> {
    return this.find(...key) ?? this.put(make(), ...key);
  }
}

export type Tables = { readonly [name in TableName]: Table<name> };

/** One family's reading of one event. */
export type Fold = (state: State, event: ChainEvent) => void;

/** What is known of a deployment after some events: the tables, and the few indexes that keep the fold linear. */
export type State = {
  readonly tables: Tables;
  readonly treasury: string;
  readonly vesting: ReadonlyMap<string, VestingTerms>;
  /** Requests of each attribution batch, and their parts. */
  readonly requestsOf: Map<bigint, Row<'attributionRequest'>[]>;
  readonly partsOf: Map<bigint, Row<'attribution'>[]>;
  /** Calls of each operation of the timelock. */
  readonly callsOf: Map<string, Row<'timelockCall'>[]>;
  /** The proposed root of each epoch that waits. */
  readonly pendingRoot: Map<bigint, Row<'rewardRoot'>>;
  /** The bond of each dispute, and the stakes and bonds of which something was ever asked or given back. */
  readonly bondOf: Map<bigint, bigint>;
  readonly released: Set<bigint>;
  /** "bucket account" pairs already counted as active, and "bucket datanet contributor" ones as contributing. */
  readonly counted: Set<string>;
};

/** What a vesting wallet was deployed with; no event tells. */
export type VestingTerms = {
  readonly name: string;
  readonly beneficiary: string;
  readonly start: bigint;
  readonly cliff: bigint;
  readonly end: bigint;
  readonly allocation: bigint;
};

/** Columns of a row that an event makes. */
export const created = ({ block, timestamp, place: { txHash } }: ChainEvent) => ({
  createdBlock: block,
  createdAt: timestamp,
  createdTx: txHash,
  updatedBlock: block,
  updatedAt: timestamp,
});

/** Columns of a row that is an event. */
export const stamped = ({ id, block, timestamp, place: { txHash } }: ChainEvent) => ({ id, block, timestamp, txHash });

/** Changes a row, and says when. */
export function change<row extends { updatedBlock: bigint; updatedAt: bigint }>(
  row: row,
  { block, timestamp }: ChainEvent,
  columns: Partial<row>,
): void {
  Object.assign(row, columns, { updatedBlock: block, updatedAt: timestamp });
}

/** Appends to the list at a key. */
export function gather<key, item>(lists: Map<key, item[]>, key: key, item: item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** The name of an enum's value. @throws for a value the contracts do not have. */
export function nameIn(names: readonly string[], value: bigint): string {
  const name = names[Number(value)];
  if (name === undefined) throw new Error(`${value} is none of ${names.join(', ')}.`);
  return name;
}

export const zeroAddress = `0x${'0'.repeat(40)}`;
