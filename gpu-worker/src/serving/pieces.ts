import type { Piece } from './engine.ts';

/** Pieces on their way from the engine's thread to whoever asked. */
export type Pieces = {
  readonly push: (pieces: readonly Piece[]) => void;
  readonly fail: (error: Error) => void;
  /** The next pieces; undefined once all answers are over. @throws what it failed with. */
  readonly next: () => Promise<readonly Piece[] | undefined>;
};

/** @param answers that are expected. */
export const createPieces = (answers: number): Pieces => {
  let waiting: Piece[] = [];
  let failure: Error | undefined;
  let left = answers;
  let wake: (() => void) | undefined;
  const stir = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push: (pieces) => {
      waiting.push(...pieces);
      stir();
    },
    fail: (error) => {
      failure ??= error;
      stir();
    },
    next: async () => {
      while (waiting.length === 0 && failure === undefined && left > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (failure !== undefined) throw failure;
      if (waiting.length === 0) return undefined;
      const pieces = waiting;
      waiting = [];
      left -= pieces.filter(({ finish }) => finish !== undefined).length;
      return pieces;
    },
  };
};
