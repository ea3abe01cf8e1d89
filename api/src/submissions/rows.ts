import type { IntakeFinding } from '@openledger/db/app';
import { chainTables, type Hex } from '@openledger/db/chain';
import { and, eq, inArray, or } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';

export const submissionStates = ['refused', 'held', 'pending', 'submitted', 'mined', 'final', 'failed'] as const;
export type SubmissionState = (typeof submissionStates)[number];

/** A submission with everything that became of it. */
export type SubmissionRow = {
  readonly id: bigint;
  readonly datanetId: bigint;
  readonly contributor: Hex;
  readonly contentHash: Hex;
  readonly uri: string;
  readonly license: string;
  readonly rows: bigint;
  readonly createdAt: Date;
  readonly outcome: 'accept' | 'hold' | 'refuse';
  readonly findings: readonly IntakeFinding[];
  readonly resolution: 'accept' | 'refuse' | null;
  readonly resolvedBy: Hex | null;
  readonly resolvedAt: Date | null;
  readonly state: SubmissionState;
  /** Why the relayer gave it up. */
  readonly error: string | null;
  /** The relayer's key for it, which subscriptions know it by. */
  readonly relayKey: string | null;
  readonly transactionHash: Hex | null;
  readonly minedBlock: bigint | null;
  readonly updatedAt: Date;
};

/** Which submissions: all conditions given hold. Ids are in descending order. */
export type SubmissionFilter = {
  readonly id?: bigint;
  readonly contributor?: Hex;
  /** Waiting for its owner's decision. */
  readonly heldIn?: bigint;
  readonly states?: readonly SubmissionState[];
  readonly before?: bigint | undefined;
  readonly after?: bigint | undefined;
  readonly limit: number;
  /** From the oldest on. */
  readonly ascending?: boolean;
};

/** Submissions of this chain, newest first. */
export async function findSubmissions(
  { app: { sql }, genesisHash }: Pick<ApiContext, 'app' | 'genesisHash'>,
  { id, contributor, heldIn, states, before, after, limit, ascending = false }: SubmissionFilter,
): Promise<SubmissionRow[]> {
  const number = (value: bigint) => sql`${String(value)}::text::numeric`;
  const rows = await sql<Stored[]>`
    select * from (
      select s.id, s.datanet_id as "datanetId", s.contributor, s.content_hash as "contentHash", s.uri, s.license, s.rows,
             s.created_at as "createdAt", v.outcome, v.findings, v.resolution, v.resolved_by as "resolvedBy",
             v.resolved_at as "resolvedAt", r.error, s.relay_key as "relayKey", t.hash as "transactionHash",
             t.mined_block as "minedBlock", coalesce(r.updated_at, v.resolved_at, s.created_at) as "updatedAt",
             case when v.outcome = 'refuse' or v.resolution = 'refuse' then 'refused'
                  when v.outcome = 'hold' and v.resolution is null then 'held'
                  else coalesce(r.state, 'failed') end as state
        from app.submission s
        join app.intake_verdict v on v.id = s.verdict_id
        left join app.relay r on r.idempotency_key = s.relay_key
        left join app.relay_transaction t on t.id = r.transaction_id
       where s.genesis_hash = ${genesisHash}
         ${id === undefined ? sql`` : sql`and s.id = ${number(id)}`}
         ${contributor === undefined ? sql`` : sql`and s.contributor = ${contributor}`}
         ${heldIn === undefined ? sql`` : sql`and s.datanet_id = ${number(heldIn)} and v.outcome = 'hold' and v.resolution is null`}
         ${before === undefined ? sql`` : sql`and s.id < ${number(before)}`}
         ${after === undefined ? sql`` : sql`and s.id > ${number(after)}`}) one
     ${states === undefined ? sql`` : sql`where one.state in ${sql(states as string[])}`}
     order by one.id ${ascending ? sql`asc` : sql`desc`} limit ${limit}`;
  return rows.map(({ createdAt, resolvedAt, updatedAt, ...row }) => ({
    ...row,
    createdAt: new Date(createdAt),
    resolvedAt: resolvedAt === null ? null : new Date(resolvedAt),
    updatedAt: new Date(updatedAt),
  }));
}

/** Hand-written SQL gives moments as text. */
type Stored = Omit<SubmissionRow, 'createdAt' | 'resolvedAt' | 'updatedAt'> & {
  readonly createdAt: string;
  readonly resolvedAt: string | null;
  readonly updatedAt: string;
};

/** The contributions that submissions became, by `datanetId contentHash`; only those that the index has. */
export async function contributionsOf(
  { db }: Pick<ApiContext, 'db'>,
  submissions: readonly Pick<SubmissionRow, 'datanetId' | 'contentHash' | 'contributor'>[],
): Promise<ReadonlyMap<string, bigint>> {
  const { contribution } = chainTables;
  if (submissions.length === 0) return new Map();
  const hashes = [...new Set(submissions.map(({ contentHash }) => contentHash))];
  const found = await db
    .select({ id: contribution.id, datanetId: contribution.datanetId, contentHash: contribution.contentHash })
    .from(contribution)
    .where(
      and(
        inArray(contribution.contentHash, hashes),
        or(
          ...submissions.map(({ datanetId, contributor }) =>
            and(eq(contribution.datanetId, datanetId), eq(contribution.contributor, contributor)),
          ),
        ),
      ),
    );
  return new Map(found.map(({ id, datanetId, contentHash }) => [`${datanetId} ${contentHash}`, id]));
}
