import type { Hex } from '@openledger/db/chain';
import type { ApiContext } from '../context.ts';
import { unixNow } from '../time.ts';
import { type Estimate, estimatesOf } from './estimates.ts';
import type { EvidenceKind } from './parts.ts';
import { type Posted, postedOf, type Use, usesOf } from './uses.ts';

/** How much, by how sure it is. Wei of OPEN. */
export type Money = { readonly estimated: bigint; readonly posted: bigint; readonly final: bigint };

/** Where an account's data mattered in some days. */
export type Impact = {
  readonly account: Hex;
  /** Unix seconds. */
  readonly from: bigint;
  readonly until: bigint;
  readonly answers: number;
  readonly money: Money;
  readonly contributions: readonly Part[];
  readonly models: readonly Part[];
  readonly days: readonly Day[];
};

/** The part of one contribution, or of one model, by its number on chain. */
export type Part = {
  readonly id: bigint;
  readonly answers: number;
  readonly money: Money;
  readonly kinds: readonly KindOfUse[];
};
export type KindOfUse = { readonly kind: EvidenceKind; readonly answers: number; readonly weightPpm: number };
export type Day = { readonly start: bigint; readonly answers: number; readonly amount: bigint };

/** Contributions, and models, that are told of at most. */
export const MOST_PARTS = 20;
const DAY = 86_400;

export async function impactOf(context: ApiContext, account: Hex, days: number): Promise<Impact> {
  const until = unixNow();
  const from = until - BigInt(days * DAY);
  const [posted, uses, estimates] = await Promise.all([
    postedOf(context, account, from),
    usesOf(context, account, from),
    estimatesOf(context, account, from),
  ]);
  const all = wholeOf(posted, uses, estimates);
  const dated = posted.filter(({ group }) => group === 'day');
  return {
    ...{ account, from, until, answers: all.answers, money: all.money },
    contributions: partsBy('contribution', posted, uses, estimates),
    models: partsBy('model', posted, uses, estimates),
    days: dated.map(({ id, answers, money }) => ({ start: id, answers, amount: money.posted + money.final })),
  };
}

type Group = 'contribution' | 'model';

function wholeOf(posted: readonly Posted[], uses: readonly Use[], estimates: readonly Estimate[]) {
  const known = posted.find(({ group }) => group === 'all');
  const used = uses.find(({ group, kind }) => group === 'all' && kind === null);
  return { answers: Math.max(known?.answers ?? 0, used?.answers ?? 0), money: moneyOf(known, estimates) };
}

/** Those that earned most first, then those that were drawn on most. */
function partsBy(
  group: Group,
  posted: readonly Posted[],
  uses: readonly Use[],
  estimates: readonly Estimate[],
): readonly Part[] {
  const earned = new Map(posted.filter((row) => row.group === group).map((row) => [row.id, row]));
  const used = Map.groupBy(
    uses.filter((row) => row.group === group),
    ({ id }) => id,
  );
  const expected = Map.groupBy(estimates, (row) => (group === 'model' ? row.modelId : row.contributionId));
  const ids = new Set([...earned.keys(), ...used.keys(), ...expected.keys()]);
  const parts = [...ids].map((id): Part => {
    const own = used.get(id) ?? [];
    const drawn = own.find(({ kind }) => kind === null)?.answers ?? 0;
    return {
      id,
      answers: Math.max(drawn, earned.get(id)?.answers ?? 0),
      money: moneyOf(earned.get(id), expected.get(id) ?? []),
      kinds: own.flatMap(({ kind, answers, weightPpm }) => (kind === null ? [] : [{ kind, answers, weightPpm }])),
    };
  });
  return parts
    .sort((a, b) => order(sum(b.money), sum(a.money)) || b.answers - a.answers || order(a.id, b.id))
    .slice(0, MOST_PARTS);
}

function moneyOf(known: Posted | undefined, estimates: readonly Estimate[]): Money {
  const estimated = estimates.reduce((all, { amount }) => all + amount, 0n);
  return { estimated, posted: known?.money.posted ?? 0n, final: known?.money.final ?? 0n };
}

const sum = ({ estimated, posted, final }: Money): bigint => estimated + posted + final;
const order = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
