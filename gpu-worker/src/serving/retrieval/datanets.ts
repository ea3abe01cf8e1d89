import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';

/**
 * The datanets that a model's version was trained on, ascending, and whether an account may read them: public ones everybody;
 * private ones their owners, validators, and who was granted access that has not ended.
 */
export const datanetsOf = async (
  sql: Sql,
  { modelId, version, payer }: { readonly modelId: bigint; readonly version: number; readonly payer: Hex },
): Promise<readonly { readonly id: bigint; readonly mayRead: boolean }[]> => {
  const rows = await sql<{ id: string; mayRead: boolean }[]>`
    select t.datanet_id::text as id, coalesce(bool_or(
      n.visibility = 'public' or n.owner = ${payer}
      or exists (select from chain.datanet_validator v
        where v.datanet_id = n.id and v.validator = ${payer} and v.active)
      or exists (select from chain.datanet_access a
        where a.datanet_id = n.id and a.grantee = ${payer} and a.status = 'granted'
          and a.expires_at > extract(epoch from now()))
    ), false) as "mayRead"
    from chain.model_training t left join chain.datanet n on n.id = t.datanet_id
    where t.model_id = ${`${modelId}`}::text::numeric and t.model_version = ${version}
    group by t.datanet_id order by t.datanet_id`;
  return rows.map(({ id, mayRead }) => ({ id: BigInt(id), mayRead }));
};
