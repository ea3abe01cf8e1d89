/** A projection, a store or scores that cannot be made as asked; the message says what is wrong and what would be right. */
export class InfluenceError extends Error {
  override readonly name = 'InfluenceError';
}
