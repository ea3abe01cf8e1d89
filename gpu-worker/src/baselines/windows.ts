import { ignored, type Rows } from '../factory/index.ts';

export type WindowOptions = {
  /** Tokens that the model reads at once. */
  sequence: number;
  /** The token that a document begins with; it also fills rows up. */
  begin: number;
};

/**
 * Rows that score every token of each document exactly once, its end not asked for: a document begins with the begin token
 * and is read in windows, each of which sees half a window of what came before the tokens that it scores.
 */
export const scoringRows = (documents: readonly ArrayLike<number>[], { sequence, begin }: WindowOptions): Rows => {
  const windows = documents.flatMap((document, index) => windowsOf(document.length, sequence, index));
  const ids = new Int32Array(windows.length * sequence).fill(begin);
  const labels = new Int32Array(windows.length * sequence).fill(ignored);
  for (const [row, { index, start, scored, end }] of windows.entries()) {
    for (let position = Math.max(start, 1); position < end; position++) {
      const at = row * sequence + position - start;
      ids[at] = documents[index]![position - 1]!;
      if (position >= scored) labels[at] = ids[at]!;
    }
  }
  return { sequence, ids, labels };
};

/** Positions of a document's tokens count from 1, behind the begin token. */
type Window = { index: number; start: number; scored: number; end: number };

const windowsOf = (length: number, sequence: number, index: number): readonly Window[] => {
  const windows: Window[] = [];
  for (let scored = 1; scored <= length; scored = windows.at(-1)!.end) {
    const start = scored === 1 ? 0 : scored - Math.floor(sequence / 2);
    windows.push({ index, start, scored, end: Math.min(start + sequence, length + 1) });
  }
  return windows;
};
