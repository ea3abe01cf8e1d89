import type { Hex } from '@openledger/protocol';
import type { Algorithm } from '@openledger/protocol/attribution';
import { SharesError } from './errors.ts';
import { compare, largestRemainder } from './largestRemainder.ts';
import { type Kind, type KindScores, kinds, sumOf } from './scores.ts';

export type Share = { readonly contributionId: bigint; readonly ppm: number };

export type Shares = {
  /** Ascending by contribution, each above 0. */
  readonly shares: readonly Share[];
  /** What no evidence supports; with the shares 1,000,000. */
  readonly unattributedPpm: number;
};

/** A contribution as the chain knows it. */
export type Contribution = { readonly contentHash: Hex; readonly contributor: Hex };

export type SharesOptions = {
  readonly algorithm: Algorithm;
  /** Tokens of the answer. */
  readonly answerTokens: number;
  readonly contributions: ReadonlyMap<bigint, Contribution>;
};

/** What a contribution has of the whole, in whole parts of 10¹⁸: so small that what rounding them down leaves is nothing to anybody. */
type Weight = Contribution & { readonly contributionId: bigint; readonly weight: bigint };

const whole = 10n ** 18n;
const million = 1_000_000n;

/**
 * How the contributors' part of an answer's fee is divided, from what each kind of evidence says, all in integers:
 *
 * 1. each kind divides its part by its sum, or by its floor where that is more: weak evidence leaves a rest;
 * 2. kinds mix by `algorithm.kinds`, among the kinds that the answer has;
 * 3. no contribution, then no account, gets more than its cap;
 * 4. the `mostContributions` with most are paid;
 * 5. parts per million by largest remainder, of accounts and then of each one's contributions, ties by content hash.
 *
 * What any step leaves is unattributed, to the nearest part. The order of the input changes nothing.
 *
 * @throws SharesError for a contribution that is not among those known.
 */
export const sharesOf = (scores: KindScores, { algorithm, answerTokens, contributions }: SharesOptions): Shares => {
  const mixed = mix(scores, floorsOf(algorithm, answerTokens), algorithm.kinds);
  const weights = [...mixed].map(([contributionId, weight]): Weight => {
    const known = contributions.get(contributionId);
    if (known === undefined) {
      throw new SharesError(
        `Contribution ${contributionId} has evidence, but is not of the data this version was trained on`,
      );
    }
    return { ...known, contributionId, weight };
  });
  const capped = capAccounts(capContributions(weights, algorithm), algorithm);
  const shares = inPpm(most(capped, algorithm.mostContributions));
  return { shares, unattributedPpm: shares.reduce((rest, { ppm }) => rest - ppm, 1_000_000) };
};

/** Below which sum each kind leaves a rest unattributed. */
const floorsOf = (
  { influence, spans, retrieval }: Algorithm,
  answerTokens: number,
): Readonly<Record<Kind, bigint>> => ({
  influence: BigInt(influence.floor),
  spans: BigInt(spans.floor) * BigInt(answerTokens),
  retrieval: BigInt(retrieval.floor),
});

const mix = (
  scores: KindScores,
  floors: Readonly<Record<Kind, bigint>>,
  parts: Readonly<Record<Kind, number>>,
): ReadonlyMap<bigint, bigint> => {
  const present = kinds.filter((kind) => scores[kind] !== undefined);
  const all = present.reduce((sum, kind) => sum + BigInt(parts[kind]), 0n);
  const mixed = new Map<bigint, bigint>();
  for (const kind of present) {
    const of = scores[kind]!;
    const sum = sumOf(of);
    const divisor = (sum > floors[kind] ? sum : floors[kind]) * all;
    if (divisor === 0n) continue;
    for (const [contributionId, score] of of) {
      const weight = (whole * BigInt(parts[kind]) * score) / divisor;
      mixed.set(contributionId, (mixed.get(contributionId) ?? 0n) + weight);
    }
  }
  return mixed;
};

const capContributions = (weights: readonly Weight[], { caps }: Algorithm): readonly Weight[] => {
  const cap = (whole / million) * BigInt(caps.contribution);
  return weights.map((one) => (one.weight > cap ? { ...one, weight: cap } : one));
};

/** An account that has more than its cap has all its contributions in the same proportion, rounded down. */
const capAccounts = (weights: readonly Weight[], { caps }: Algorithm): readonly Weight[] => {
  const cap = (whole / million) * BigInt(caps.account);
  return Map.groupBy(weights, ({ contributor }) => contributor)
    .values()
    .flatMap((own) => {
      const sum = own.reduce((all, { weight }) => all + weight, 0n);
      return sum > cap ? own.map((one) => ({ ...one, weight: (one.weight * cap) / sum })) : own;
    })
    .toArray();
};

const most = (weights: readonly Weight[], count: number): readonly Weight[] =>
  weights
    .filter(({ weight }) => weight > 0n)
    .sort((a, b) => compare(b.weight, a.weight) || byHash(a, b))
    .slice(0, count);

const byHash = (a: Weight, b: Weight): number => compare(tieOf(a), tieOf(b));

/** Two datanets may hold the same content; then the earlier contribution is first. */
const tieOf = ({ contentHash, contributionId }: Weight): string =>
  `${contentHash} ${contributionId.toString().padStart(78, '0')}`;

const inPpm = (weights: readonly Weight[]): readonly Share[] => {
  const unit = whole / million;
  const accounts = [...Map.groupBy(weights, ({ contributor }) => contributor).values()].map((own) => {
    const sorted = own.toSorted(byHash);
    return { own: sorted, amount: sumOfWeights(own), tie: tieOf(sorted[0]!) };
  });
  const nearest = (sumOfWeights(weights) + unit / 2n) / unit;
  const all = largestRemainder(accounts, unit, nearest);
  return accounts
    .flatMap(({ own }, place) => {
      const parts = own.map((one) => ({ amount: one.weight, tie: tieOf(one) }));
      const ppms = largestRemainder(parts, unit, all[place]!);
      return own.map(({ contributionId }, at) => ({ contributionId, ppm: Number(ppms[at]) }));
    })
    .filter(({ ppm }) => ppm > 0)
    .sort((a, b) => compare(a.contributionId, b.contributionId));
};

const sumOfWeights = (weights: readonly Weight[]): bigint => weights.reduce((sum, { weight }) => sum + weight, 0n);
