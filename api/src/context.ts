import type { chainRelations } from '@openledger/db/chain';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Deployment } from './contracts.ts';
import type { Halt } from './halt.ts';
import type { IndexStatus } from './status.ts';

/** The database as the API uses it: drizzle over the chain schema's relations. */
export type ApiDatabase = PostgresJsDatabase<typeof chainRelations>;

/** What every resolver gets: one record for each request. */
export type ApiContext = {
  readonly db: ApiDatabase;
  /** How far the index is, read at most about once a second. */
  readonly status: () => Promise<IndexStatus>;
  /** Why the indexer has halted, at most half a second old; null while it has not. */
  readonly readHalt: () => Promise<Halt | null>;
  readonly deployment: Deployment;
};
