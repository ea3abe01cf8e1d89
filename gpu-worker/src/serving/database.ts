import type { Connection } from '@openledger/db';
import { deployment } from '@openledger/db/app';
import { checkServer, DatabaseError } from '@openledger/db/server';
import { DrizzleQueryError } from 'drizzle-orm';
import { StartError } from './startError.ts';
import type { Chain } from './usage/chain.ts';

/** @throws StartError when no database that can be used is there. */
export const checkDatabase = async (url: string): Promise<void> => {
  try {
    await checkServer(url);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    // Another user's migration may have made what is written here.
    if (error.code !== 'may-not-create') throw new StartError(error.message);
  }
};

/** Makes the chain known, which what is written belongs to. @throws StartError when the schema `app` is not there. */
export const announceChain = async ({ db }: Connection, { genesisHash, chainId }: Chain): Promise<void> => {
  try {
    await db.insert(deployment).values({ genesisHash, chainId }).onConflictDoNothing();
  } catch (error) {
    if (!(error instanceof DrizzleQueryError) || !isMissing(error.cause)) throw error;
    throw new StartError('The schema app is not in the database yet. Migrate it: npm run -w db migrate');
  }
};

/** SQLSTATE of a table, and of a schema, that is not there. */
const isMissing = (cause: unknown): boolean =>
  ['42P01', '3F000'].includes((cause as { code?: string } | undefined)?.code ?? '');
