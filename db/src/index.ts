export { type Connection, createDatabase, type Database, type DatabaseOptions, type Sql } from './client.ts';
export { type Config, ConfigError, readConfig } from './config.ts';
export {
  contentHash,
  eraseContent,
  getContent,
  type NewContent,
  putContents,
  type StoredContent,
} from './contents.ts';
export { type MigrateOptions, MigrationError, migrate } from './migrate.ts';
export { SealError, seal, unseal } from './sealing.ts';
