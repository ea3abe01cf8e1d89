/** A tokenizer that cannot be read, written or trained: which file, what is wrong, what would be right. */
export class TokenizerError extends Error {
  override readonly name = 'TokenizerError';
}
