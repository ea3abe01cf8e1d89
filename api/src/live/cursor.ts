import type { Hex } from '@openledger/db/chain';
import { badInput } from '../errors.ts';

/**
 * How far somebody has been told of one chain. Ids are the 75 digits that sort as the chain does; a chain's events are
 * written in that order, so what is told is told by one id. What may still be taken back is remembered by its sum.
 */
export type Position = {
  /** Nothing up to here could be taken back any more when this was told. */
  readonly base: string;
  /** The last event told. */
  readonly at: string;
  /** The sum of the fingerprints of all events after `base` up to `at`: what stood there then. */
  readonly sum: bigint;
};

/**
 * Positions by chain id: chains are followed each by itself, so an event of one may arrive after later ones of another,
 * and a single id would leave it out.
 */
export type Positions = ReadonlyMap<bigint, Position>;

export const START = '0'.repeat(75);
const VERSION = 1;
const [HEADER, CHAIN] = [5, 8 + 32 + 32 + 16];
const MAX_CHAINS = 16;

/** The last id that a block can have: its time, chain and number are the first 42 digits. */
export const endOfBlock = (id: string): string => id.slice(0, 42) + '9'.repeat(33);
/** The number of the block that an id lies in. */
export const blockOf = (id: string): bigint => BigInt(id.slice(26, 42));

/** A cursor as clients keep it: opaque, safe in URLs and headers. */
export function encodeCursor(genesisHash: Hex, positions: Positions): string {
  const bytes = Buffer.alloc(HEADER + CHAIN * positions.size);
  bytes.writeUInt8(VERSION, 0);
  bytes.write(genesisHash.slice(2, 10), 1, 'hex');
  let offset = HEADER;
  for (const [chainId, { base, at, sum }] of positions) {
    bytes.writeBigUInt64BE(chainId, offset);
    bytes.write(hexOf(BigInt(base), 32), offset + 8, 'hex');
    bytes.write(hexOf(BigInt(at), 32), offset + 40, 'hex');
    bytes.write(hexOf(sum, 16), offset + 72, 'hex');
    offset += CHAIN;
  }
  return bytes.toString('base64url');
}

/** @throws BAD_USER_INPUT for what is no cursor, or one of another chain */
export function decodeCursor(genesisHash: Hex, cursor: string, place: string): Map<bigint, Position> {
  const bytes = Buffer.from(cursor, 'base64url');
  const count = (bytes.length - HEADER) / CHAIN;
  if (bytes[0] !== VERSION || !Number.isInteger(count) || count < 0 || count > MAX_CHAINS) {
    throw badInput(`${place} is not a cursor: take it from the message that was received last.`);
  }
  if (bytes.toString('hex', 1, HEADER) !== genesisHash.slice(2, 10)) {
    throw badInput(`${place} is a cursor of another chain than the one served here: begin without it.`);
  }
  const positions = new Map<bigint, Position>();
  for (let offset = HEADER; offset < bytes.length; offset += CHAIN) {
    const read = (from: number, length: number) => BigInt(`0x${bytes.toString('hex', from, from + length)}`);
    const base = read(offset + 8, 32)
      .toString()
      .padStart(75, '0');
    const at = read(offset + 40, 32)
      .toString()
      .padStart(75, '0');
    if (base.length > 75 || at.length > 75) {
      throw badInput(`${place} is not a cursor: take it from the message that was received last.`);
    }
    positions.set(bytes.readBigUInt64BE(offset), { base, at, sum: read(offset + 72, 16) });
  }
  return positions;
}

function hexOf(value: bigint, length: number): string {
  return value.toString(16).padStart(length * 2, '0');
}
