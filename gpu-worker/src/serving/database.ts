import { checkServer, DatabaseError } from '@openledger/db/server';
import { StartError } from './startError.ts';

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
