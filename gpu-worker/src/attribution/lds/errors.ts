/** Subsets, scores or retrainings that do not fit together; the message says what is wrong and what would be right. */
export class LdsError extends Error {
  override readonly name = 'LdsError';
}
