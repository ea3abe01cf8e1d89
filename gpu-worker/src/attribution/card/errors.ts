/** A card that cannot be computed from what was given; the message says what is wrong and what would be right. */
export class CardError extends Error {
  override readonly name = 'CardError';
}
