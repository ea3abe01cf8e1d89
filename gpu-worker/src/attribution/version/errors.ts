/** A version that cannot be attributed, or files that are not what its record says. The message names what, and what would be right. */
export class VersionError extends Error {
  override readonly name = 'VersionError';
}
