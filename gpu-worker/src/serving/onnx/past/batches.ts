import type { PastPart } from './graph.ts';
import { copyPlaces, type PastRow } from './rows.ts';

/** Rows of one length of room side by side, `[rows, heads, room, head]` for each part, as a run takes them. */
export type Batches = {
  /** Brings in what is not there already: of rows that were there at the last run, the new tokens alone. */
  readonly of: (rows: readonly PastRow[]) => readonly Float32Array[];
};

type Batch = { room: number; places: number; arrays: Float32Array[]; held: { stamp: symbol; length: number }[] };

export const createBatches = (parts: readonly PastPart[]): Batches => {
  const batches = new Map<number, Batch>();
  const batchFor = (room: number, places: number): Batch => {
    const known = batches.get(room);
    if (known !== undefined && known.places >= places) return known;
    const arrays = parts.map(({ heads, head }) => new Float32Array(places * heads * room * head));
    const made = { room, places, arrays, held: [] };
    batches.set(room, made);
    return made;
  };
  return {
    of: (rows) => {
      const { room } = rows[0]!;
      // One row alone lies side by side with nothing.
      if (rows.length === 1) return rows[0]!.arrays;
      const { arrays, held } = batchFor(room, rows.length);
      for (const [place, row] of rows.entries()) {
        const isHeld = held[place]?.stamp === row.stamp;
        const first = isHeld ? held[place]!.length : 0;
        const end = isHeld ? row.length : room;
        for (const [index, { heads, head }] of parts.entries()) {
          const size = heads * room * head;
          const own = arrays[index]!.subarray(place * size, (place + 1) * size);
          copyPlaces(own, room, row.arrays[index]!, room, { heads, head, first, end });
        }
        held[place] = { stamp: row.stamp, length: row.length };
      }
      return arrays.map((array, index) => {
        const { heads, head } = parts[index]!;
        return array.subarray(0, rows.length * heads * room * head);
      });
    },
  };
};
