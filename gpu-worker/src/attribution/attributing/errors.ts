/** Something asked that cannot be done. The message names it, and what would be right. */
export class AttributingError extends Error {
  override readonly name = 'AttributingError';
}
