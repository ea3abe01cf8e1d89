import type { Hex } from '@openledger/db/chain';
import { sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { rowsOfApp } from '../schema/app-rows.ts';
import type { EvidenceKind } from './parts.ts';

/** Of what the rows of a group are one: a contribution or a model by its number, a UTC day by its first second, or all together. */
type Grouped<Group> = { readonly group: Group; readonly id: bigint; readonly answers: number };

/** What standing batches gave an account's contributions. Wei of OPEN. */
export type Posted = Grouped<'all' | 'contribution' | 'model' | 'day'> & {
  readonly money: { readonly posted: bigint; readonly final: bigint };
};

/** What answers drew on an account's contributions; `kind` null for all kinds together. */
export type Use = Grouped<'all' | 'contribution' | 'model'> & {
  readonly kind: EvidenceKind | null;
  /** Mean over those answers. */
  readonly weightPpm: number;
};

/** Grouped by the database, so that a contributor to a million answers costs no more than one to ten. */
export async function postedOf({ db }: ApiContext, account: Hex, from: bigint): Promise<readonly Posted[]> {
  const rows = await db.execute<{ grouping: number; id: string; answers: number; posted: string; final: string }>(sql`
    select grouping(contribution_id, model_id, day) as grouping, coalesce(contribution_id, model_id, day, 0)::text as id,
      count(distinct request_id)::int as answers,
      coalesce(sum(amount) filter (where status = 'posted'), 0)::text as posted,
      coalesce(sum(amount) filter (where status = 'final'), 0)::text as final
    from (
      select contribution_id, model_id, created_at / 86400 * 86400 as day, request_id, amount, status
      from chain.attribution
      where contributor = ${account} and created_at >= ${from.toString()}::bigint and status <> 'revoked'
    ) part
    group by grouping sets ((), (contribution_id), (model_id), (day))
    order by grouping, id`);
  return rows.map(({ grouping, id, answers, posted, final }) => ({
    group: postedGroups[grouping]!,
    id: BigInt(id),
    answers,
    money: { posted: BigInt(posted), final: BigInt(final) },
  }));
}

/** By the bits of grouping(contribution, model, day): one stands for each that is not grouped by. */
const postedGroups: Readonly<Record<number, Posted['group']>> = { 7: 'all', 3: 'contribution', 5: 'model', 6: 'day' };

/** Of answers that workers attributed here, paid or not, on chain or not yet. */
export async function usesOf({ app, genesisHash }: ApiContext, account: Hex, from: bigint): Promise<readonly Use[]> {
  type Row = { grouping: number; id: string; kind: EvidenceKind | null; answers: number; weight: number };
  const rows = await rowsOfApp(
    app.db.execute<Row>(sql`
      select grouping(contribution_id, model_id, kind) as grouping, coalesce(contribution_id, model_id, 0)::text as id, kind,
        count(distinct request_id)::int as answers, floor(avg(weight_ppm))::int as weight
      from (
        select drew.request_id, drew.contribution_id, record.model_id, drew.kind, drew.weight_ppm
        from app.answer_evidence drew
        join app.receipt using (request_id)
        join app.inference_record record using (request_id)
        where drew.place = 0 and drew.contribution_id in (select id from chain.contribution where contributor = ${account})
          and record.genesis_hash = ${genesisHash} and receipt.created_at >= to_timestamp(${from.toString()}::bigint)
      ) used
      group by grouping sets ((), (contribution_id), (model_id), (contribution_id, kind), (model_id, kind))
      order by grouping, id, kind`),
  );
  return rows.map(({ grouping, id, kind, answers, weight }) => ({
    group: useGroups[grouping]!,
    id: BigInt(id),
    kind,
    answers,
    weightPpm: weight ?? 0,
  }));
}

const useGroups: Readonly<Record<number, Use['group']>> = {
  7: 'all',
  3: 'contribution',
  2: 'contribution',
  5: 'model',
  4: 'model',
};
