import { sql } from 'drizzle-orm';
import { bucketOf, eventsWithin, type Frame, timeOf } from '../frame.ts';
import { rollup } from './rollups.ts';
import { isAccount, type Source, when } from './source.ts';

/** OPEN that vesting wallets released. */
const released = (frame: Frame, column: 'null::text' | 'w.beneficiary') => sql`
  select ${bucketOf(frame, timeOf(sql`r.id`))} as i, ${sql.raw(column)} as g, r.amount as n, null::numeric as d
  from chain.vesting_release r join chain.vesting_wallet w on w.address = r.wallet
  where r.token = ${frame.open} and ${eventsWithin(frame, sql`r.id`)}
    ${when(frame.narrowed.account, isAccount(sql`w.beneficiary`))}`;

export const emissions: Source = (frame) => released(frame, 'null::text');
export const emissionsByBeneficiary: Source = (frame) => released(frame, 'w.beneficiary');

/** What was released less what was paid for answers. */
export const netEmissions: Source = (frame) =>
  sql`${released(frame, 'null::text')} union all ${rollup('protocol', { n: '-r.fees' })(frame)}`;

/** What was released over what was paid for answers. */
export const emissionsPerFee: Source = (frame) =>
  sql`select i, g, n, 0::numeric as d from (${released(frame, 'null::text')}) as released
    union all ${rollup('protocol', { n: '0', d: 'r.fees' })(frame)}`;

/** Claims by who made them. */
export const claimedByAccount: Source = (frame) => sql`
  select ${bucketOf(frame, sql`c.timestamp`)} as i, c.account as g, c.amount as n, null::numeric as d
  from chain.claim c
  where ${eventsWithin(frame, sql`c.id`)}${when(frame.narrowed.account, isAccount(sql`c.account`))}`;
