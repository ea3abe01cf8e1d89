/** What can be wrong with the database server; each has one message that names the problem and the remedy. */
export type DatabaseErrorCode =
  | 'unsupported-platform'
  | 'no-account'
  | 'not-writable'
  | 'not-reachable'
  | 'other-version'
  | 'password-lost'
  | 'disk-full'
  | 'init-failed'
  | 'start-failed'
  | 'port-busy'
  | 'port-differs'
  | 'server-unreachable'
  | 'not-postgres'
  | 'login-refused'
  | 'database-missing'
  | 'server-too-old'
  | 'may-not-create'
  | 'connection-failed';

/** The database server cannot be used, for the reason in `code`; the message is meant for the person who started it. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The system's error code (`ENOENT`) or SQLSTATE (`3D000`) of anything thrown, if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
