/** What is wrong with a model or its file, where, and what would be right. */
export class OnnxError extends Error {
  override readonly name = 'OnnxError';
}
