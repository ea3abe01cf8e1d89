import { databaseCode, isMissingRelation } from '../database-errors.ts';
import { unixSeconds } from '../time.ts';

/** Not allowed to read: a deployment whose user was given schema `chain` alone. */
const NO_PRIVILEGE = '42501';

/** What schema `app` holds of something; nothing where a deployment has no such schema or may not read it. */
export async function rowsOfApp<Row>(query: PromiseLike<readonly Row[]>): Promise<readonly Row[]> {
  try {
    return await query;
  } catch (error) {
    if (isMissingRelation(error) || databaseCode(error) === NO_PRIVILEGE) return [];
    throw error;
  }
}

/** A moment of `app`, to the microsecond, as the whole seconds that DateTime is; null stays null. */
export function secondsOf(moment: Date): bigint;
export function secondsOf(moment: Date | null): bigint | null;
export function secondsOf(moment: Date | null): bigint | null {
  return moment && unixSeconds(moment);
}
