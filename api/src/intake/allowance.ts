import type { Sql } from '@openledger/db';
import type { IntakeFinding } from '@openledger/db/app';
import { account, type Hex } from '@openledger/db/chain';
import { eq, inArray } from 'drizzle-orm';
import type { ApiDatabase } from '../context.ts';
import { numbers, type Place } from './exact.ts';
import { accept, hold, refuse } from './finding.ts';
import { signatureOfBytes, similarity } from './min-hash.ts';

const day = 24 * 60 * 60;

/** Submissions that were not refused, of one account to all datanets, by its age in seconds. */
export const allowances = [
  { age: 0, hour: 20, day: 60, name: 'younger than a day' },
  { age: day, hour: 60, day: 300, name: 'younger than a week' },
  { age: 7 * day, hour: 200, day: 2_000, name: 'a week old or older' },
] as const;

/** What makes submissions look like one person's behind many accounts. */
const burst = {
  /** Seconds back. */
  window: 60 * 60,
  /** Seconds below which an account counts as young. */
  young: 7 * day,
  /** Seconds between first appearances below which two accounts came together. */
  together: 10 * 60,
  /** Estimated similarity from which texts share more than their subject. */
  alike: 0.35,
  /** Other young accounts, linked by texts or by when they came, from which on a person looks. */
  texts: 2,
  births: 5,
} as const;

/** How much an account may send, by its age, and whether it is one of many that came together. */
export async function judgeAllowance(
  chain: ApiDatabase,
  sql: Sql,
  place: Place,
  signature: Uint32Array | undefined,
  now: Date,
): Promise<readonly IntakeFinding[]> {
  const { genesisHash, contributor } = place;
  const seconds = Math.floor(now.getTime() / 1_000);
  const [[onChain], [sent]] = await Promise.all([
    chain.select({ firstSeenAt: account.firstSeenAt }).from(account).where(eq(account.address, contributor)),
    sql<{ first: number | null; hour: number; day: number }[]>`
      select extract(epoch from min(created_at))::float8 as first,
             count(*) filter (where outcome <> 'refuse' and created_at > to_timestamp(${now.getTime() / 1_000}::float8) - interval '1 hour')::int as hour,
             count(*) filter (where outcome <> 'refuse' and created_at > to_timestamp(${now.getTime() / 1_000}::float8) - interval '1 day')::int as day
        from app.intake_verdict where genesis_hash = ${genesisHash} and contributor = ${contributor}`,
  ]);
  const born = Math.min(seconds, Number(onChain?.firstSeenAt ?? seconds), sent?.first == null ? seconds : sent.first);
  const age = seconds - born;
  const allowed = allowances.findLast((each) => age >= each.age)!;
  for (const span of ['hour', 'day'] as const) {
    if ((sent?.[span] ?? 0) >= allowed[span]) {
      return [
        refuse(
          'rate',
          `The account has sent ${sent![span]} submissions within the last ${span}; an account that is ${allowed.name} may send ${allowed[span]}. Try again later, or put more rows in one file.`,
        ),
      ];
    }
  }
  const linked = age < burst.young ? await linkedTo(chain, sql, place, signature, born, now) : undefined;
  if (linked !== undefined) return [linked];
  return [
    accept(
      'rate',
      `${sent?.hour ?? 0} of ${allowed.hour} submissions in the last hour, ${sent?.day ?? 0} of ${allowed.day} in the last day.`,
    ),
  ];
}

async function linkedTo(
  chain: ApiDatabase,
  sql: Sql,
  place: Place,
  signature: Uint32Array | undefined,
  born: number,
  now: Date,
): Promise<IntakeFinding | undefined> {
  const recent = await sql<{ contributor: Hex; signature: Uint8Array }[]>`
    select distinct on (v.contributor, f.id) v.contributor, f.signature
      from app.intake_verdict v
      join app.fingerprint f on f.genesis_hash = v.genesis_hash and f.datanet_id = v.datanet_id and f.content_hash = v.content_hash
     where v.genesis_hash = ${place.genesisHash} and v.datanet_id = any(${numbers(place.datanetIds)}::text::numeric[])
       and v.contributor <> ${place.contributor} and v.outcome <> 'refuse'
       and v.created_at > to_timestamp(${now.getTime() / 1_000}::float8) - make_interval(secs => ${burst.window})
     limit 500`;
  const others = [...new Set(recent.map(({ contributor }) => contributor))];
  if (others.length < burst.texts) return undefined;
  const births = await birthsOf(chain, sql, place, others);
  const young = new Set(others.filter((other) => now.getTime() / 1_000 - (births.get(other) ?? 0) < burst.young));
  const together = [...young].filter((other) => Math.abs(births.get(other)! - born) < burst.together);
  const alike = new Set(
    recent
      .filter(
        (row) => signature !== undefined && young.has(row.contributor) && row.signature.length === signature.length * 4,
      )
      .filter((row) => similarity(signature!, signatureOfBytes(row.signature)) >= burst.alike)
      .map(({ contributor }) => contributor),
  );
  if (alike.size >= burst.texts) {
    return hold(
      'burst',
      `Within an hour, ${alike.size} other new accounts sent texts to this datanet that resemble this one. A person looks at them together.`,
    );
  }
  if (together.length >= burst.births) {
    return hold(
      'burst',
      `Within an hour, ${together.length} other accounts that appeared within minutes of this one sent to this datanet. A person looks at them together.`,
    );
  }
  return undefined;
}

/** Unix seconds at which each account was first seen, on chain or here. */
async function birthsOf(
  chain: ApiDatabase,
  sql: Sql,
  place: Place,
  accounts: readonly Hex[],
): Promise<ReadonlyMap<Hex, number>> {
  const [onChain, here] = await Promise.all([
    chain
      .select({ address: account.address, firstSeenAt: account.firstSeenAt })
      .from(account)
      .where(inArray(account.address, [...accounts])),
    sql<{ contributor: Hex; first: number }[]>`
      select contributor, extract(epoch from min(created_at))::float8 as first from app.intake_verdict
       where genesis_hash = ${place.genesisHash} and contributor = any(${`{${accounts.join(',')}}`}::text::text[]) group by 1`,
  ]);
  const births = new Map(here.map(({ contributor, first }) => [contributor, first]));
  for (const { address, firstSeenAt } of onChain)
    births.set(address, Math.min(Number(firstSeenAt), births.get(address) ?? Number.POSITIVE_INFINITY));
  return births;
}
