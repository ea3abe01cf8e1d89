import type { Database } from '@openledger/db';
import { chatLimit } from '@openledger/db/app';
import { eq, lt, lte, sql } from 'drizzle-orm';
import type { Limits, Rates } from '../core/limits.ts';

/** Rows that say nothing any more are deleted once in so many times. */
const prunedEvery = 200;

/** Counts in Postgres, by the generic cell rate algorithm (ITU-T I.371): one row for each, one statement for each time. */
export const createLimits = (db: Database, rates: Rates): Limits => {
  let times = 0;
  const prune = () => db.delete(chatLimit).where(lt(chatLimit.until, sql`now()`));
  return {
    take: async (scope, whose) => {
      const { most, seconds } = rates[scope];
      const key = `${scope} ${whose}`;
      const each = sql`make_interval(secs => ${seconds / most})`;
      // So far ahead it may run: the next one fits within the whole time.
      const ahead = sql`make_interval(secs => ${seconds - seconds / most})`;
      const taken = await db
        .insert(chatLimit)
        .values({ key, until: sql`now() + ${each}` })
        .onConflictDoUpdate({
          target: chatLimit.key,
          set: { until: sql`greatest(${chatLimit.until}, now()) + ${each}` },
          setWhere: lte(chatLimit.until, sql`now() + ${ahead}`),
        })
        .returning({ key: chatLimit.key });
      if (++times % prunedEvery === 0) await prune();
      if (taken.length > 0) return 0;
      const [left] = await db
        .select({ seconds: sql<number>`ceil(extract(epoch from ${chatLimit.until} - now() - ${ahead}))::int` })
        .from(chatLimit)
        .where(eq(chatLimit.key, key));
      return Math.max(1, left?.seconds ?? 1);
    },
  };
};
