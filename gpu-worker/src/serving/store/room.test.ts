import type { Hex } from '@openledger/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Occupant, roomFor } from './room.ts';

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const occupants = fc
  .array(fc.record({ bytes: fc.nat(50), isPinned: fc.boolean(), isLeased: fc.boolean(), usedAt: fc.nat(5) }), {
    maxLength: 12,
  })
  .map((list): Occupant[] =>
    list.map(({ isLeased, ...each }, n) => ({ ...each, hash: hash(n), isHeld: isLeased || each.isPinned })),
  );
const bytesOf = (list: readonly Occupant[]) => list.reduce((sum, { bytes }) => sum + bytes, 0);

test('room is made by those not used for longest alone, none too many; nobody who is held goes, nobody waits in vain', () => {
  fc.assert(
    fc.property(occupants, fc.nat(50), fc.nat(300), fc.integer({ min: 1, max: 12 }), (present, bytes, most, count) => {
      const fits = (list: readonly Occupant[]) => bytesOf(list) + bytes <= most && list.length < count;
      const room = roomFor(bytes, present, { bytes: most, count });
      const held = present.filter(({ isHeld }) => isHeld);
      if (room.when === 'never') return void expect(fits(present.filter(({ isPinned }) => isPinned))).toBe(false);
      expect(fits(present.filter(({ isPinned }) => isPinned))).toBe(true);
      if (room.when === 'later') return void expect(fits(held)).toBe(false);
      const victims = present.filter(({ hash }) => room.victims.includes(hash));
      const left = present.filter((each) => !victims.includes(each));
      expect(fits(left)).toBe(true);
      expect(victims.some(({ isHeld }) => isHeld)).toBe(false);
      const newest = Math.max(...victims.map(({ usedAt }) => usedAt));
      expect(left.some(({ isHeld, usedAt }) => !isHeld && usedAt < newest)).toBe(false);
      if (victims.length > 0) expect(fits([...left, victims.findLast(({ usedAt }) => usedAt === newest)!])).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
