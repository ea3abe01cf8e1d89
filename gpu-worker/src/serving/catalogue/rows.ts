import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import type { ServedModel } from '../served.ts';
import { modelName } from './name.ts';

type Row = {
  modelId: bigint;
  version: number;
  name: string;
  status: 'draft' | 'active' | 'deprecated';
  owner: Hex;
  inPer1k: bigint;
  outPer1k: bigint;
  adapterHash: Hex;
  adapterUri: string;
  createdAt: bigint;
  /** Owners of the private datanets it was trained on; null when there are none. */
  datanetOwners: Hex[] | null;
  /** Accounts that have access to each of those datanets now. */
  granted: Hex[] | null;
};

/** What stands deployed on a worker, as the chain's tables say now; oldest model first, then by version. */
export const readDeployed = async (
  sql: Sql,
  worker: Hex,
  baseModelId: Hex | undefined,
): Promise<readonly ServedModel[]> => {
  const rows = await sql<Row[]>`
    with deployed as materialized (
      select d.model_id, d.version, m.name, m.status, m.owner, m.in_per1k, m.out_per1k, v.adapter_hash, v.adapter_uri,
        v.created_at
      from chain.deployment d
      join chain.model m on m.id = d.model_id
      join chain.model_version v on v.model_id = d.model_id and v.version = d.version
      where d.worker = ${worker} and d.active and m.status <> 'withdrawn'
        ${baseModelId === undefined ? sql`` : sql`and m.base_model_id = ${baseModelId}`}
    ),
    private as (
      select distinct p.model_id, p.version, t.datanet_id, n.owner
      from deployed p
      join chain.model_training t on t.model_id = p.model_id and t.model_version = p.version
      left join chain.datanet n on n.id = t.datanet_id
      where n.visibility is distinct from 'public'
    ),
    owners as (
      select model_id, version, array_remove(array_agg(distinct owner), null) as accounts, count(*) as datanets
      from private group by model_id, version
    ),
    holders as (
      select p.model_id, p.version, a.grantee, count(*) as datanets
      from private p
      join chain.datanet_access a on a.datanet_id = p.datanet_id
      where a.status = 'granted' and a.expires_at > extract(epoch from now())
      group by p.model_id, p.version, a.grantee
    ),
    granted as (
      select h.model_id, h.version, array_agg(h.grantee) as accounts
      from holders h join owners o using (model_id, version)
      where h.datanets = o.datanets group by h.model_id, h.version
    )
    select p.model_id as "modelId", p.version, p.name, p.status, p.owner, p.in_per1k as "inPer1k",
      p.out_per1k as "outPer1k", p.adapter_hash as "adapterHash", p.adapter_uri as "adapterUri",
      p.created_at as "createdAt", o.accounts as "datanetOwners", g.accounts as granted
    from deployed p left join owners o using (model_id, version) left join granted g using (model_id, version)
    order by p.model_id, p.version`;
  return rows.map(servedModel);
};

const servedModel = ({ name, createdAt, status, datanetOwners, granted, ...row }: Row): ServedModel => ({
  ...row,
  name: `${modelName(name, row.modelId)}@${row.version}`,
  createdAt: Number(createdAt),
  allowed: allowed(row.owner, { isDraft: status === 'draft', datanetOwners, granted }),
});

const allowed = (
  owner: Hex,
  { isDraft, datanetOwners, granted }: { isDraft: boolean; datanetOwners: Hex[] | null; granted: Hex[] | null },
): ReadonlySet<Hex> | undefined => {
  if (isDraft) return new Set([owner]);
  if (datanetOwners === null) return undefined;
  return new Set([owner, ...datanetOwners, ...(granted ?? [])]);
};
