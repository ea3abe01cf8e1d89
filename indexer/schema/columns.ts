import { bigint, integer, hex as ponderHex, int8 as ponderInt8, text } from 'ponder';

/** An address (20 bytes) or a hash (32 bytes); stored as lower-case hex with 0x. */
export const hex = () => ponderHex();
/** An on-chain integer of up to 256 bits: ids, wei, 1e18 fixed point. `numeric(78,0)`. */
export const uint256 = () => bigint();
/** A block number, a token count, or a time in Unix seconds that no caller chooses: a uint64 of theirs would not fit. */
export const int8 = () => ponderInt8({ mode: 'bigint' });
/** A counter that starts at zero. */
export const count = () => integer().notNull().default(0);

/**
 * Makes a `jsonb` column take text that is JSON already. Ponder would copy an object deeply, write it as text, parse that,
 * and write it again, for each row; text it leaves alone.
 */
export const takesText = (column: object): void => {
  Object.assign(column, {
    mapToDriverValue: (text: string) => text,
    mapFromDriverValue: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  });
};

/** Where a row comes from and which block last touched it. */
export const provenance = {
  createdBlock: int8().notNull(),
  createdAt: int8().notNull(),
  createdTx: hex().notNull(),
  updatedBlock: int8().notNull(),
  updatedAt: int8().notNull(),
};

/** Provenance of a row that is written once, by the event whose 75-digit id it carries. */
export const eventProvenance = {
  id: text().primaryKey(),
  block: int8().notNull(),
  timestamp: int8().notNull(),
  txHash: hex().notNull(),
};
