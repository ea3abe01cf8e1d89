import { type SQL, sql } from 'drizzle-orm';
import { bucketOf, eventsWithin, type Frame, within } from '../frame.ts';
import { isAccount, isId, type Source, when } from './source.ts';

/** Submissions by their contributors. */
export const submittedByAccount: Source = (frame) => sql`select ${bucketOf(frame, sql`c.created_at`)} as i,
    c.contributor as g, count(*)::numeric as n, null::numeric as d
  from chain.contribution c
  where ${within(frame, sql`c.created_at`)}${when(frame.narrowed.account, isAccount(sql`c.contributor`))}
  group by 1, 2`;

/** Decisions by whose contributions they are about; what was decided later does not undo them. */
export function decidedByAccount(
  event: 'ContributionAccepted' | 'ContributionRejected' | 'ContributionRevoked',
): Source {
  return (frame) => sql`select ${bucketOf(frame, sql`e.timestamp`)} as i, c.contributor as g, count(*)::numeric as n,
      null::numeric as d
    from chain.activity e join chain.contribution c on c.id = e.subject_id::numeric
    where e.contract_name = 'DatanetRegistry' and e.event = ${event} and ${eventsWithin(frame, sql`e.id`)}
      ${when(frame.narrowed.account, isAccount(sql`c.contributor`))}
    group by 1, 2`;
}

/** Submissions over those who made any. */
export function perContributor(by: 'NONE' | 'DATANET'): Source {
  return (frame) => sql`select ${bucketOf(frame, sql`c.created_at`)} as i, ${datanet(by)} as g, count(*)::numeric as n,
      count(distinct c.contributor)::numeric as d
    from chain.contribution c
    where ${within(frame, sql`c.created_at`)}${when(narrowedDatanet(frame), isId(sql`c.datanet_id`))}
    group by 1, 2`;
}

const datanet = (by: 'NONE' | 'DATANET'): SQL => (by === 'NONE' ? sql`null::text` : sql`c.datanet_id::text`);
const narrowedDatanet = ({ narrowed: { datanetId } }: Frame) => datanetId;
