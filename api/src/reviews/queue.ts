import { chainTables, type Hex } from '@openledger/db/chain';
import { and, asc, desc, eq, gt, lt, ne, notExists, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import type { Row } from '../schema/entity.ts';

const { contribution, contributionScore, datanet, datanetValidator } = chainTables;

/** A contribution that waits for a validator's score. */
export type ReviewTask = Row<'contribution'> & {
  /** When the time to commit is over, Unix seconds. */
  readonly closesAt: bigint;
};

/**
 * Contributions that a validator can review now, oldest first: pending, in a datanet it validates, not its own, not reviewed
 * by it, with time and places left.
 */
export async function reviewQueue(
  { db, app, protocol, genesisHash }: ApiContext,
  validator: Hex,
  {
    after,
    before,
    limit,
    descending,
  }: { after?: bigint | undefined; before?: bigint | undefined; limit: number; descending: boolean },
): Promise<ReviewTask[]> {
  const [now, given] = await Promise.all([
    protocol.now(),
    app.sql<{ id: bigint }[]>`
      select contribution_id as id from app.review where genesis_hash = ${genesisHash} and validator = ${validator}
       and revealed_at is null`,
  ]);
  const closesAt = sql<bigint>`${contribution.createdAt} + ${datanet.reviewWindow}`;
  const mine = `{${given.map(({ id }) => id).join(',')}}`;
  const rows = await db
    .select({ contribution, closesAt })
    .from(contribution)
    .innerJoin(datanet, eq(datanet.id, contribution.datanetId))
    .innerJoin(
      datanetValidator,
      and(eq(datanetValidator.datanetId, contribution.datanetId), eq(datanetValidator.validator, validator)),
    )
    .where(
      and(
        eq(contribution.status, 'pending'),
        eq(datanetValidator.active, true),
        ne(contribution.contributor, validator),
        ne(contribution.relayer, validator),
        lt(contribution.commits, datanet.quorum),
        sql`${contribution.createdAt} + ${datanet.reviewWindow} > ${String(now)}::text::bigint`,
        sql`${contribution.id} <> all(${mine}::text::numeric[])`,
        notExists(
          db
            .select({ one: sql`1` })
            .from(contributionScore)
            .where(
              and(eq(contributionScore.contributionId, contribution.id), eq(contributionScore.validator, validator)),
            ),
        ),
        after === undefined ? undefined : gt(contribution.id, after),
        before === undefined ? undefined : lt(contribution.id, before),
      ),
    )
    .orderBy(descending ? desc(contribution.id) : asc(contribution.id))
    .limit(limit);
  return rows.map((row) => ({ ...row.contribution, closesAt: BigInt(row.closesAt) }));
}
