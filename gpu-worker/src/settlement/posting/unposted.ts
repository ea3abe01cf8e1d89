import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';

/** The receipt of a settled answer that no batch carries. */
export type Unposted = {
  readonly requestId: Hex;
  readonly hash: Hex;
  /** RFC 8785 canonical JSON. */
  readonly body: string;
  readonly evidence: string;
  readonly modelId: bigint;
  readonly version: number;
  readonly outputHash: Hex;
  /** Wei of OPEN. */
  readonly contributorsPart: bigint;
  /** Unix seconds. */
  readonly receiptAt: number;
  /** How often a batch that carried it was revoked; and whether one was that carried this very receipt alone. */
  readonly revocations: number;
  readonly isRefuted: boolean;
};

/**
 * Receipts that wait for a batch, those of the answers that were settled first coming first.
 *
 * @param but requests that are left out
 */
export const readUnposted = async (
  sql: Sql,
  { worker, most, but }: { worker: Hex; most: number; but: readonly Hex[] },
): Promise<readonly Unposted[]> =>
  sql<Unposted[]>`
    select r.request_id as "requestId", r.hash, r.body, r.evidence, i.model_id as "modelId", i.version,
      i.output_hash as "outputHash", i.contributors_fee as "contributorsPart",
      extract(epoch from r.created_at)::float8 as "receiptAt",
      (select count(*)::int from chain.attribution_request a
        where a.request_id = r.request_id and a.status = 'revoked') as revocations,
      exists (select from chain.attribution_request a join chain.attribution_batch b on b.id = a.batch_id
        where a.request_id = r.request_id and a.status = 'revoked' and b.root = r.hash) as "isRefuted"
    from app.receipt r
    join chain.inference i on i.request_id = r.request_id
    where r.batch_id is null and i.worker = ${worker} and i.attribution_status = 'none'
      and r.request_id <> all(${[...but]}::text[])
    order by i.event_id limit ${most}`;

/**
 * Brings `app.receipt.batch_id` in line with what is indexed: batches that carry a receipt now, and batches that no longer do,
 * because they were revoked or their block was taken back. Final ones stay as they are.
 */
export const markPosted = async (sql: Sql, worker: Hex): Promise<void> => {
  await sql`
    with held as (
      select request_id, batch_id from app.receipt
      where batch_id = any(array(select id from chain.attribution_batch where status <> 'finalized'))
      union all
      select request_id, batch_id from app.receipt
      where batch_id > (select coalesce(max(id), 0) from chain.attribution_batch)
    )
    update app.receipt r set batch_id = null
    from held join app.inference_record a using (request_id)
    where r.request_id = held.request_id and a.worker = ${worker}
      and not exists (select from chain.inference i where i.request_id = held.request_id and i.batch_id = held.batch_id)`;
  await sql`
    update app.receipt r set batch_id = i.batch_id
    from chain.inference i
    where i.request_id = r.request_id and i.worker = ${worker} and r.batch_id is null and i.batch_id is not null`;
};

/** Which of some contributions the datanets hold now. */
export const readAccepted = async (sql: Sql, contributionIds: readonly bigint[]): Promise<ReadonlySet<bigint>> => {
  const rows = await sql<{ id: bigint }[]>`
    select id from chain.contribution
    where status = 'accepted' and id = any(${contributionIds.map(String)}::text[]::numeric[])`;
  return new Set(rows.map(({ id }) => id));
};
