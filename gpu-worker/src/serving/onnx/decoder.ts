/** What adapters can have here. */
export type AdapterLayout = {
  readonly rank: number;
  readonly modules: readonly { readonly module: string; readonly in: number; readonly out: number }[];
  /** Floats of an adapter that has all of it. */
  readonly size: number;
  /** Only hidden states are wanted: what an adapter has for the head that comes after them is left out. */
  readonly isHeadless?: boolean;
};

/** Tokens that a row goes on with. */
export type Extension = { readonly row: number; readonly tokens: readonly number[] };

/**
 * A decoder's graph with the keys, the values and the adapters of the texts that it is writing, one in each row. Rows know
 * nothing of each other: what one computes is bit for bit the same whatever is in the others.
 */
export type Decoder = {
  readonly rows: number;
  /** Tokens of a row at most. */
  readonly capacity: number;
  readonly vocabSize: number;
  readonly layout: AdapterLayout;
  /** Empties a row and gives it an adapter, laid out for `layout` (`layOut`); undefined is the base alone. */
  readonly begin: (row: number, adapter: Float32Array | undefined) => void;
  /**
   * Runs either one row with any number of tokens, or several rows, in ascending order, with one token each. What runs costs
   * as much as all rows up to the highest of them.
   *
   * @returns logits after each row's last token, `[extensions, vocabSize]`; a view that the next run writes over.
   */
  readonly run: (extensions: readonly Extension[]) => Promise<Float32Array>;
  /** Forgets a row's tokens from `length` on; it keeps its adapter. */
  readonly truncate: (row: number, length: number) => void;
  /** Makes a row what another is: keys, values, adapter, length. */
  readonly copy: (from: number, to: number) => void;
  /** Tokens that a row has seen. */
  readonly lengthOf: (row: number) => number;
  readonly close: () => Promise<void>;
};
