export { type Connection, createDatabase, type Database, type DatabaseOptions } from './client.ts';
export {
  contentHash,
  eraseContent,
  getContent,
  type NewContent,
  putContents,
  type StoredContent,
} from './contents.ts';
export { MigrationError, migrate } from './migrate.ts';
