/** Evidence that cannot become shares: it names what no version or chain knows. The message says what, and what would be right. */
export class SharesError extends Error {
  override readonly name = 'SharesError';
}
