/** A corpus, or the text to build one from, that is not there or not as it should be, and what would mend it. */
export class CorpusError extends Error {
  override readonly name = 'CorpusError';
}
