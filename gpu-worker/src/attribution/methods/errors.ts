/** Rows or an answer that a method cannot score; the message says what is wrong and what would be right. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
}
