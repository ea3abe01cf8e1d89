export { type Connection, checkServer, connectionFor } from './connection.ts';
export { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
export { DatabaseError, type DatabaseErrorCode } from './errors.ts';
