/** A folder, a configuration or weights that are not a base model of the kind that is trained here, and what would be. */
export class BaseError extends Error {
  override readonly name = 'BaseError';
}
