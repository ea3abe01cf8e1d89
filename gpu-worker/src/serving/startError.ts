/** A reason why a worker cannot start that the person starting it can mend. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
