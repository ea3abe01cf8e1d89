/** An index or evidence of spans that cannot be as given; the message says what is wrong and what would be right. */
export class SpanError extends Error {
  override readonly name = 'SpanError';
}
