import { FactoryError } from './errors.ts';

/** A label that no loss is counted for. */
export const ignored = -100;

/**
 * Training rows of one length. Labels are the ids themselves, as Hugging Face has them: the graph compares what position
 * t predicts with the label of position t + 1; the label of position 0 is never used.
 */
export type Rows = {
  readonly sequence: number;
  /** `[rows, sequence]`. */
  readonly ids: Int32Array;
  /** `[rows, sequence]`; −100 where nothing is to be learned. */
  readonly labels: Int32Array;
};

export const rowCount = ({ ids, sequence }: Rows): number => ids.length / sequence;

export type Packing = {
  readonly sequence: number;
  /** The id that stands before, between and after documents, and fills the last row. */
  readonly separator: number;
};

/**
 * Documents one after another, a separator before the first and after each, cut into rows. A row begins with the token
 * that ends the one before, so every token is predicted exactly once; what is left over is a row filled with separators
 * that no loss is counted for.
 */
export const packDocuments = (documents: Iterable<ArrayLike<number>>, { sequence, separator }: Packing): Rows => {
  if (sequence < 2) throw new FactoryError(`A row of ${sequence} tokens predicts nothing; 2 are the least`);
  const held = [...documents].filter(({ length }) => length > 0);
  const total = held.reduce((sum, { length }) => sum + length + 1, 1);
  const stream = new Int32Array(total).fill(separator);
  let at = 1;
  for (const document of held) {
    stream.set(document, at);
    at += document.length + 1;
  }
  const count = Math.ceil((total - 1) / (sequence - 1));
  const rows = emptyRows(count, sequence, separator);
  for (let row = 0; row < count; row++) {
    const window = stream.subarray(row * (sequence - 1), row * (sequence - 1) + sequence);
    rows.ids.set(window, row * sequence);
    rows.labels.set(window, row * sequence);
  }
  return rows;
};

export type Example = {
  readonly ids: ArrayLike<number>;
  /** Of the ids, so many at the beginning are given and not to be learned: the prompt. */
  readonly prompt?: number;
};

/**
 * A row for each example, filled up with separators that no loss is counted for: for examples that must not see each
 * other.
 *
 * @throws FactoryError for an example that is longer than a row.
 */
export const padExamples = (examples: readonly Example[], { sequence, separator }: Packing): Rows => {
  const rows = emptyRows(examples.length, sequence, separator);
  for (const [row, { ids, prompt = 0 }] of examples.entries()) {
    if (ids.length > sequence) {
      throw new FactoryError(`Example ${row} has ${ids.length} tokens, a row ${sequence}: cut it, or take longer rows`);
    }
    rows.ids.set(ids, row * sequence);
    rows.labels.set(ids, row * sequence);
    rows.labels.fill(ignored, row * sequence, row * sequence + Math.min(prompt, ids.length));
  }
  return rows;
};

const emptyRows = (count: number, sequence: number, separator: number): Rows => ({
  sequence,
  ids: new Int32Array(count * sequence).fill(separator),
  labels: new Int32Array(count * sequence).fill(ignored),
});

/** Tokens that a loss is counted for, in these rows or in all. */
export const learnedTokens = ({ labels, sequence }: Rows, rows?: readonly number[]): number => {
  let tokens = 0;
  const count = (row: number): void => {
    for (let t = row * sequence + 1; t < (row + 1) * sequence; t++) if (labels[t] !== ignored) tokens++;
  };
  if (rows) rows.forEach(count);
  else for (let row = 0; row < labels.length / sequence; row++) count(row);
  return tokens;
};
