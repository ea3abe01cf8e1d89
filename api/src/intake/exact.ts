import type { Sql } from '@openledger/db';
import type { IntakeFinding } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import type { ApiDatabase } from '../context.ts';
import { refuse } from './finding.ts';
import { onChain } from './reach.ts';

/** Where a submission goes and whose it is. */
export type Place = {
  readonly genesisHash: Hex;
  readonly contributor: Hex;
  /** The datanet submitted to, then its siblings. */
  readonly datanetIds: readonly bigint[];
};

/** A datanet in words, as seen from the one submitted to. */
export const whereabouts = (datanetId: bigint, place: Place): string =>
  datanetId === place.datanetIds[0] ? 'in this datanet' : `in datanet ${datanetId}, a sibling of this one`;

/**
 * The very same bytes: on chain, on their way there, or held for review. What the same contributor sent before and never
 * reached the chain may be sent again.
 */
export async function findSameContent(
  chain: ApiDatabase,
  sql: Sql,
  place: Place,
  contentHash: Hex,
): Promise<IntakeFinding | undefined> {
  const found = await onChain(chain, place.datanetIds, contentHash);
  if (found !== undefined) {
    const whose = found.contributor === place.contributor ? 'You have' : 'Somebody has';
    return refuse(
      'duplicate',
      `${whose} contributed exactly this file already: it is contribution ${found.id} ${whereabouts(found.datanetId, place)} (${found.status}). Send something that is not there yet.`,
    );
  }
  const own = await sameInApp(sql, place, 'content', contentHash);
  return (
    own &&
    refuse(
      'duplicate',
      `${own.mine ? 'You have' : 'Somebody has'} sent exactly this file already ${whereabouts(own.datanetId, place)}: it is ${own.held ? 'held for review' : 'on its way to the chain'}. There is no need to send it again.`,
    )
  );
}

/** The same letters and digits in the same order: a copy with other case, whitespace or punctuation. */
export async function findSameText(
  sql: Sql,
  place: Place,
  textHash: Hex,
  contentHash: Hex,
): Promise<IntakeFinding | undefined> {
  const found = await sameInApp(sql, place, 'text', textHash, contentHash);
  return (
    found &&
    refuse(
      'duplicate',
      `${found.mine ? 'You have' : 'Somebody has'} sent the same text already ${whereabouts(found.datanetId, place)}; only case, whitespace, punctuation or the file's format differ. Send something that is not there yet.`,
    )
  );
}

async function sameInApp(sql: Sql, place: Place, by: 'content' | 'text', hash: Hex, contentHash = hash) {
  const { genesisHash, contributor, datanetIds } = place;
  const [found] = await sql<{ datanetId: bigint; mine: boolean; held: boolean }[]>`
    select f.datanet_id as "datanetId", coalesce(v.contributor = ${contributor}, false) as mine,
           coalesce(v.outcome = 'hold' and v.resolved_at is null, false) as held
      from app.fingerprint f
      left join lateral (
        select contributor, outcome, resolved_at, resolution from app.intake_verdict v
         where v.genesis_hash = f.genesis_hash and v.datanet_id = f.datanet_id and v.content_hash = f.content_hash and v.outcome <> 'refuse'
         order by v.id desc limit 1) v on true
     where f.genesis_hash = ${genesisHash} and ${by === 'content' ? sql`f.content_hash` : sql`f.text_hash`} = ${hash}
       and f.datanet_id = any(${numbers(datanetIds)}::text::numeric[])
       and v.resolution is distinct from 'refuse'
       -- Its own earlier try, which nothing is open of: not held, not on its way.
       and not (f.content_hash = ${contentHash} and f.datanet_id = ${String(datanetIds[0])}::text::numeric
                and v.contributor = ${contributor} and (v.outcome = 'accept' or v.resolved_at is not null)
                and not exists (select from app.relay r
                                 where r.genesis_hash = f.genesis_hash and r.account = ${contributor} and r.state <> 'failed'
                                   and lower(r.payload->>'contentHash') = f.content_hash
                                   and r.payload->>'datanetId' = f.datanet_id::text))
     order by f.datanet_id = ${String(datanetIds[0])}::text::numeric desc, f.id limit 1`;
  return found;
}

/** A list as Postgres reads it from text: the driver would guess the type of the first number. */
export const numbers = (values: Iterable<bigint | number>): string => `{${[...values].join(',')}}`;
