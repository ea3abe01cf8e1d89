import { createHash } from 'node:crypto';
import type { Hex } from '@openledger/protocol';

/**
 * Draws from a list by lot, so that anybody who knows the seed draws the same: Fisher and Yates' shuffle of the first places,
 * each place's lot the next 48 bits, big-endian, of SHAKE256(seed ‖ from ‖ to), modulo what is left.
 *
 * @param span places in the answer, uint32 big-endian each: every span has lots of its own.
 */
export const draw = (
  list: readonly number[],
  count: number,
  seed: Hex,
  { from, to }: { readonly from: number; readonly to: number },
): readonly number[] => {
  const rest = [...list];
  const drawn = Math.min(count, rest.length);
  if (drawn === 0) return [];
  const places = Buffer.alloc(8);
  places.writeUInt32BE(from, 0);
  places.writeUInt32BE(to, 4);
  const lots = createHash('shake256', { outputLength: 6 * drawn })
    .update(Buffer.from(seed.slice(2), 'hex'))
    .update(places)
    .digest();
  for (let at = 0; at < drawn; at++) {
    const lot = at + (lots.readUIntBE(6 * at, 6) % (rest.length - at));
    [rest[at], rest[lot]] = [rest[lot]!, rest[at]!];
  }
  return rest.slice(0, drawn);
};
