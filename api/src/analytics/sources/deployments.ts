import { type SQL, sql } from 'drizzle-orm';
import { bucketTable, type Frame, within } from '../frame.ts';
import type { Source } from './source.ts';

/** When each model had a deployment standing: from a time on, until another or still. */
function standing({ to }: Frame): SQL {
  return sql`select model, t, until from (
      select subject_id as model, timestamp as t, lead(timestamp) over of_model as until,
        sum(case event when 'AdapterDeployed' then 1 else -1 end) over of_model as deployments
      from chain.activity
      where contract_name = 'ModelRegistry' and event in ('AdapterDeployed', 'AdapterUndeployed')
        and timestamp < ${to.toString()}::bigint
      window of_model as (partition by subject_id order by id)
    ) as changes where deployments > 0`;
}

/** Models with a deployment standing when the bucket ends, or now. */
export const deployedModels: Source = (frame) => sql`select b.i, null::text as g, count(distinct s.model)::numeric as n,
    null::numeric as d
  from (${standing(frame)}) as s join ${bucketTable(frame)}
    on s.t < b.ends and (s.until is null or s.until >= b.ends)
  group by b.i`;

/** Of the models that were deployed at some time in the bucket, those that answered in it. */
export const activeModels: Source = (frame) => sql`select deployed.i, null::text as g,
    count(used.model)::numeric as n, count(*)::numeric as d
  from (
    select distinct b.i, s.model from (${standing(frame)}) as s join ${bucketTable(frame)}
      on s.t < b.ends and (s.until is null or s.until >= b.starts)
  ) as deployed left join (
    select distinct b.i, r.model_id::text as model
    from ${sql.raw(`chain.model_${frame.grain} r`)} join ${bucketTable(frame)} on r.bucket >= b.starts and r.bucket < b.ends
    where r.inferences > 0 and ${within(frame, sql`r.bucket`)}
  ) as used using (i, model)
  group by deployed.i`;
