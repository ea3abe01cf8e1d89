import { account, accountRoleDay } from 'ponder:schema';
import { type Hex, zeroAddress } from 'viem';
import type { Occurrence } from './occurrence.ts';
import { bucketOf } from './rollups.ts';

/** What one event says about accounts. */
export type Activity = { newAccounts: number; activeThisHour: number; activeThisDay: number };

/** Who acted in an event, and as what; no role where the event does not tell. */
export type Acting = readonly (readonly [account: Hex, role: string | undefined])[];

/**
 * Sees every account that an event names and notes who acted.
 *
 * Events come in the chain's order, so an account is active for the first time in an hour or day exactly when its last
 * activity lies in an earlier one.
 */
export const seeAccounts = async (e: Occurrence, acting: Acting, named: readonly Hex[]): Promise<Activity> => {
  const seen: Activity = { newAccounts: 0, activeThisHour: 0, activeThisDay: 0 };
  const actors = new Set(acting.map(([address]) => address));
  for (const address of new Set([...actors, ...named])) {
    if (address === zeroAddress) continue;
    const acts = actors.has(address);
    const before = await e.db.find(account, { address });
    if (before === null) seen.newAccounts += 1;
    const last = before?.lastActiveAt ?? 0n;
    if (acts && bucketOf('hour', last) !== bucketOf('hour', e.timestamp)) seen.activeThisHour += 1;
    if (acts && bucketOf('day', last) !== bucketOf('day', e.timestamp)) seen.activeThisDay += 1;
    if (before === null) {
      await e.db.insert(account).values({
        address,
        firstSeenBlock: e.block,
        firstSeenAt: e.timestamp,
        lastActiveAt: acts ? e.timestamp : 0n,
        events: acts ? 1 : 0,
      });
    } else if (acts) {
      await e.db.update(account, { address }).set({ lastActiveAt: e.timestamp, events: before.events + 1 });
    }
  }
  for (const [address, role] of acting) {
    if (role === undefined || address === zeroAddress) continue;
    await e.db
      .insert(accountRoleDay)
      .values({ account: address, role, day: bucketOf('day', e.timestamp), events: 1 })
      .onConflictDoUpdate((row) => ({ events: row.events + 1 }));
  }
  return seen;
};
