import type { Connection } from '@openledger/db';
import { deployment as deploymentTable } from '@openledger/db/app';
import type { Logger } from 'pino';
import type { Deployment } from '../contracts.ts';
import { databaseCode, isMissingRelation } from '../database-errors.ts';
import { userError } from '../errors.ts';

/**
 * Makes sure that schema `app` can be written and knows this chain, which its rows belong to. Asked again after a failure,
 * so that a migration needs no restart.
 * @returns a function that throws WRITES_UNAVAILABLE while it cannot
 */
export function createDeploymentRow(
  { db }: Connection,
  { genesisHash, chainId }: Deployment,
  log: Logger,
): () => Promise<void> {
  let known: Promise<void> | undefined;
  let told = false;
  const write = async () => {
    try {
      await db.insert(deploymentTable).values({ genesisHash, chainId }).onConflictDoNothing();
    } catch (error) {
      known = undefined;
      const mayNotWrite = ['42501', '25006'].includes(databaseCode(error) ?? '');
      if (!mayNotWrite && !isMissingRelation(error)) throw error;
      const why = mayNotWrite
        ? 'its database user may only read'
        : 'the schema app is not in the database yet (npm run -w db migrate)';
      if (!told) log.warn({ why }, 'writing is off');
      told = true;
      throw userError('WRITES_UNAVAILABLE', `This API only reads: ${why}.`);
    }
  };
  return () => {
    known ??= write();
    return known;
  };
}
