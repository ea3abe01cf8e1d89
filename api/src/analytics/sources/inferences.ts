import { type SQL, sql } from 'drizzle-orm';
import { bucketOf, eventsWithin, type Frame, timeOf } from '../frame.ts';
import { isAccount, isId, type Source, when } from './source.ts';

/** A sum over settled answers by who paid for them. */
export function answersByPayer(value: 'count(*)' | 'sum(a.in_tokens)' | 'sum(a.out_tokens)' | 'sum(a.fee)'): Source {
  return (frame) => sql`select ${bucketOf(frame, timeOf(sql`a.event_id`))} as i, a.payer as g,
      (${sql.raw(value)})::numeric as n, null::numeric as d
    from chain.inference a
    where ${eventsWithin(frame, sql`a.event_id`)}${when(frame.narrowed.account, isAccount(sql`a.payer`))}
    group by 1, 2`;
}

type Demand = 'organic fees' | 'self-paid fees' | 'organic answers' | 'self-paid answers' | 'self-paid share';

const counted: Record<Demand, { n: string; d: string }> = {
  'organic fees': { n: 'fee * (not own)::int', d: 'null::numeric' },
  'self-paid fees': { n: 'fee * own::int', d: 'null::numeric' },
  'organic answers': { n: '(not own)::int', d: 'null::numeric' },
  'self-paid answers': { n: 'own::int', d: 'null::numeric' },
  'self-paid share': { n: 'fee * own::int', d: 'fee' },
};

/**
 * Answers by whether their payer is, or was funded by, somebody that the answer pays.
 *
 * Those are the model's owner, the worker, its operator when the answer was settled, and contributors to whom a batch that
 * is not revoked attributes part of it. Funded: sent OPEN directly, before the answer was settled.
 */
export function demand(what: Demand, by: 'NONE' | 'MODEL' | 'ACCOUNT'): Source {
  const { n, d } = counted[what];
  return (frame) => sql`select ${bucketOf(frame, timeOf(sql`event_id`))} as i, ${groupOf(by)} as g,
      sum(${sql.raw(n)})::numeric as n, sum(${sql.raw(d)})::numeric as d
    from (${answers(frame)}) as answer group by 1, 2`;
}

const groupOf = (by: 'NONE' | 'MODEL' | 'ACCOUNT'): SQL =>
  ({ NONE: sql`null::text`, MODEL: sql`model_id::text`, ACCOUNT: sql`payer` })[by];

function answers(frame: Frame): SQL {
  const { modelId, account } = frame.narrowed;
  return sql`with answer as materialized (
      select a.request_id, a.event_id, a.model_id, a.worker, a.payer, a.fee from chain.inference a
      where ${eventsWithin(frame, sql`a.event_id`)}${when(modelId, isId(sql`a.model_id`))}${when(account, isAccount(sql`a.payer`))}
    ), operator as (
      select subject_id as worker, args ->> 'operator' as account, id,
        lead(id) over (partition by subject_id order by id) as until
      from chain.activity where contract_name = 'ModelRegistry' and event = 'WorkerRegistered'
    ), paid as (
      select a.request_id, a.event_id, a.payer, m.owner as account from answer a join chain.model m on m.id = a.model_id
      union all select request_id, event_id, payer, worker from answer
      union all select a.request_id, a.event_id, a.payer, o.account from answer a join operator o
        on o.worker = a.worker and o.id < a.event_id and (o.until is null or o.until > a.event_id)
      union all select a.request_id, a.event_id, a.payer, t.contributor from answer a join chain.attribution t
        on t.request_id = a.request_id and t.status <> 'revoked' and t.amount > 0
    ), funded as (
      select t."to" as payer, t."from" as account, min(t.id) as since from chain.token_transfer t
      where t.token = ${frame.open} and t."to" in (select payer from answer) group by 1, 2
    ), own as (
      select distinct p.request_id from paid p left join funded f on f.payer = p.payer and f.account = p.account
      where p.account = p.payer or f.since < p.event_id
    )
    select a.event_id, a.model_id, a.payer, a.fee, o.request_id is not null as own
    from answer a left join own o on o.request_id = a.request_id`;
}
