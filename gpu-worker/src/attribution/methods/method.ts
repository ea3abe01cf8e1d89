/** A training row or an answer, as far as methods of attribution look at it; each names what it needs. */
export type WithGradient = {
  /** φ, the projected gradient of its loss, or the whole gradient. */
  readonly gradient: ArrayLike<number>;
};
export type WithTokens = { readonly tokens: ArrayLike<number> };
export type WithEmbedding = { readonly embedding: ArrayLike<number> };

/** All that any method looks at. */
export type Sample = WithGradient & WithTokens & WithEmbedding;

/**
 * A way to say which training rows an answer is due to.
 *
 * @example
 * const { score } = whitenedInfluence({ damping: 0.1 }).prepare(rows);
 * const scores = score(answer); // one for each row; above 0: training on the row made the answer likelier
 */
export type Method<Looked = Sample> = {
  /** With its version, what receipts and cards call it. */
  readonly name: string;
  readonly version: string;
  /** The paper that it is from. */
  readonly source: string;
  /** What is the same for every answer, once. @throws MethodError for no rows, or rows that do not fit together. */
  prepare: (rows: readonly Looked[]) => Prepared<Looked>;
};

export type Prepared<Looked = Sample> = {
  /**
   * [rows]: higher where the answer owes more. Sums over rows are meant to be compared, zeros and signs too.
   * @throws MethodError for an answer that does not fit the rows.
   */
  score: (answer: Looked) => Float64Array;
};
