export { checkServer, connectionFor, type DatabaseServer } from './connection.ts';
export { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
export { DatabaseError, type DatabaseErrorCode } from './errors.ts';
