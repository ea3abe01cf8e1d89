import type { Decoder } from './decoder.ts';
import type { Sequence } from './sequence.ts';

/** Which sequence has which row of the decoder. */
export type Places = {
  readonly free: () => number;
  readonly taken: () => readonly Sequence[];
  /** Gives a sequence a row: one that has its adapter already where there is one, else the lowest. @returns whether it had. */
  readonly give: (sequence: Sequence, adapter: Float32Array | undefined) => boolean;
  /** Its row is free at once. */
  readonly leave: (sequence: Sequence) => void;
  /** Moves writers down where rows between them stand empty: a run costs as much as all rows up to the highest. */
  readonly closeUp: () => void;
};

export const createPlaces = (decoder: Decoder): Places => {
  const rows: (Sequence | undefined)[] = Array.from({ length: decoder.rows }, () => undefined);
  const adapters: (Float32Array | undefined)[] = Array.from({ length: decoder.rows }, () => undefined);
  const taken = () => rows.filter((sequence) => sequence !== undefined);
  return {
    free: () => rows.length - taken().length,
    taken,
    give: (sequence, adapter) => {
      const empty = [...rows.keys()].filter((row) => rows[row] === undefined);
      const same = empty.find((row) => adapters[row] === adapter);
      const row = same ?? empty[0]!;
      rows[row] = sequence;
      adapters[row] = adapter;
      sequence.row = row;
      decoder.begin(row, adapter);
      return same !== undefined;
    },
    leave: (sequence) => {
      const { row } = sequence;
      if (row === undefined) return;
      rows[row] = undefined;
      sequence.row = undefined;
      decoder.truncate(row, 0);
    },
    closeUp: () => {
      const highest = rows.findLastIndex((sequence) => sequence !== undefined);
      const lowest = rows.indexOf(undefined);
      if (highest < 4 || lowest > highest || highest + 1 <= 2 * taken().length) return;
      const sequence = rows[highest]!;
      decoder.copy(highest, lowest);
      decoder.truncate(highest, 0);
      rows[lowest] = sequence;
      adapters[lowest] = adapters[highest];
      rows[highest] = undefined;
      sequence.row = lowest;
    },
  };
};
