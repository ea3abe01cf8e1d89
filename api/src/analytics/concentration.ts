import { type SQL, sql } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { badInput } from '../errors.ts';
import { isoTime } from '../time.ts';
import { type ComputedTo, clockTable, computedTo } from './clock.ts';
import { ratio } from './ratio.ts';
import { isId, when } from './sources/source.ts';
import { rowOf } from './statement.ts';

/** Shares are given of so many accounts with the largest rewards. */
export const TOP = [1, 10, 100] as const;

export type ConcentrationRequest = {
  readonly epoch?: bigint | null | undefined;
  readonly from?: bigint | null | undefined;
  readonly to?: bigint | null | undefined;
  readonly datanetId?: bigint | null | undefined;
};

export type RewardConcentration = ComputedTo & {
  readonly population: string;
  readonly accounts: bigint;
  /** Wei of OPEN. */
  readonly total: bigint;
  readonly gini: string | null;
  readonly hhi: string | null;
  readonly nakamoto: bigint | null;
  readonly topShares: readonly { readonly accounts: number; readonly share: string | null }[];
};

type Counted = {
  checkpoint: string | null;
  n: string;
  total: string;
  squares: string;
  weighted: string;
  nakamoto: string | null;
  tops: string[];
  known: boolean;
};

/**
 * How unequally rewards are spread over those who got any: Gini, Herfindahl–Hirschman, Nakamoto, and the largest shares.
 * Sums are exact in the database; each ratio is rounded once, at the end. One statement.
 *
 * @throws BAD_USER_INPUT for an unknown epoch, or an epoch together with times.
 */
export async function computeConcentration(
  request: ConcentrationRequest,
  context: ApiContext,
): Promise<RewardConcentration> {
  const { epoch, from, to } = request;
  if (epoch != null && (from != null || to != null)) {
    throw badInput('epoch already says from when to when: give either epoch, or from and to.');
  }
  if (from != null && to != null && from >= to) {
    throw badInput(`from, ${isoTime(from)}, is not before to, ${isoTime(to)}: nothing lies between them.`);
  }
  const chainId = context.deployment.chainId;
  const row = await rowOf<Counted>(
    context.db,
    sql`
    with ${clockTable(chainId)}, reward as (${rewards(request)}), ranked as (
      select amount, row_number() over largest as place, sum(amount) over largest as so_far,
        count(*) over () as accounts, sum(amount) over () as total
      from reward window largest as (order by amount desc rows unbounded preceding)
    )
    select (select checkpoint from clock), count(*)::text as n, coalesce(sum(amount), 0)::text as total,
      coalesce(sum(amount * amount), 0)::text as squares,
      coalesce(sum((accounts + 1 - place) * amount), 0)::text as weighted,
      (min(place) filter (where so_far * 2 > total))::text as nakamoto,
      array[${sql.join(
        TOP.map((count) => sql`coalesce(max(so_far) filter (where place <= ${String(count)}::int), 0)::text`),
        sql`, `,
      )}] as tops,
      ${epoch == null ? sql`true` : sql`exists (select from chain.epoch where ${isId(sql`id`)(epoch)})`} as known
    from ranked`,
  );
  if (!row.known) throw badInput(`There is no epoch ${epoch}: epochs lists those that were closed.`);
  const [n, total, squares, weighted] = [row.n, row.total, row.squares, row.weighted].map(BigInt) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  return {
    ...computedTo(row.checkpoint, chainId),
    population: populationOf(request),
    accounts: n,
    total,
    // With amounts in ascending order, i from 1 to n: (2 Σ i·x − (n + 1) Σ x) / (n Σ x).
    gini: ratio(2n * weighted - (n + 1n) * total, n * total),
    hhi: ratio(squares, total * total),
    nakamoto: row.nakamoto === null ? null : BigInt(row.nakamoto),
    topShares: TOP.map((accounts, index) => ({ accounts, share: ratio(BigInt(row.tops[index]!), total) })),
  };
}

/** What each account was attributed by batches that became final in the window. */
function rewards({ epoch, from, to, datanetId }: ConcentrationRequest): SQL {
  if (epoch == null && from == null && to == null) {
    // All time is summed up by the index already.
    return datanetId == null
      ? sql`select attributed as amount from chain.reward_account where attributed > 0`
      : sql`select attributed as amount from chain.datanet_contributor
          where ${isId(sql`datanet_id`)(datanetId)} and attributed > 0`;
  }
  const window =
    epoch == null
      ? sql`select ${(from ?? 0n).toString()}::numeric as opens, ${(to ?? 2n ** 63n - 1n).toString()}::numeric as closes`
      : sql`select e.start as opens, e."end" as closes from chain.epoch e where ${isId(sql`e.id`)(epoch)}`;
  return sql`select sum(a.amount) as amount from (${window}) as w
    join chain.attribution_batch b on b.status = 'finalized' and b.closed_at >= w.opens and b.closed_at < w.closes
    join chain.attribution a on a.batch_id = b.id and a.status = 'final'
    where a.amount > 0${when(datanetId, isId(sql`a.datanet_id`))} group by a.contributor`;
}

function populationOf({ epoch, from, to, datanetId }: ConcentrationRequest): string {
  const where = datanetId == null ? '' : ` in datanet ${datanetId}`;
  const start = from == null ? '' : ` from ${isoTime(from)}`;
  const end = to == null ? '' : ` until before ${isoTime(to)}`;
  const window = epoch == null ? start + end : ` in epoch ${epoch}`;
  return `Accounts with rewards above zero${where}, by attributions that became final${window}; accounts with none are not counted.`;
}
