import { chainTables, type Hex } from '@openledger/db/chain';
import { and, inArray, ne } from 'drizzle-orm';
import type { ApiContext } from '../context.ts';
import { loaderOf } from '../schema/loader.ts';
import type { ExplainedAnswer } from './answer.ts';
import type { EvidenceKind } from './parts.ts';

/** A contribution behind an answer: what of it supports its share, and what it earned. */
export type Earned = {
  readonly contributionId: bigint;
  readonly sharePpm: number;
  /** Wei of OPEN. */
  readonly amount: bigint;
  readonly kinds: readonly { readonly kind: EvidenceKind; readonly score: bigint; readonly weightPpm: number }[];
};

const { attribution } = chainTables;
const million = 1_000_000n;

/** What standing batches give contributions for some answers. */
const posted = loaderOf(async (requestIds: readonly Hex[], { db }) => {
  const { requestId, contributionId, amount, sharePpm, status } = attribution;
  const rows = await db
    .select({ requestId, contributionId, amount, sharePpm })
    .from(attribution)
    .where(and(inArray(requestId, [...requestIds]), ne(status, 'revoked')));
  return requestIds.map((wanted) => rows.filter((row) => row.requestId === wanted));
});

/** Those that share in an answer, the most first: as posted on chain, or until then as its receipt would have it. */
export async function earnedOf(context: ApiContext, answer: ExplainedAnswer): Promise<readonly Earned[]> {
  const isPosted = answer.state === 'posted' || answer.state === 'final';
  const shares = isPosted ? await posted(context).load(answer.requestId) : expected(answer);
  return shares
    .map(({ contributionId, sharePpm, amount }) => ({
      contributionId,
      sharePpm,
      amount,
      kinds: kindsOf(answer, contributionId),
    }))
    .sort((a, b) => b.sharePpm - a.sharePpm || (a.contributionId < b.contributionId ? -1 : 1));
}

function expected({ receipt, contributorsFee }: ExplainedAnswer): Omit<Earned, 'kinds'>[] {
  return (receipt?.said.shares ?? []).map(({ contributionId, ppm }) => ({
    contributionId: BigInt(contributionId),
    sharePpm: ppm,
    amount: (contributorsFee * BigInt(ppm)) / million,
  }));
}

/** Which evidence speaks for a contribution, by its receipt; of those that it names. */
function kindsOf({ receipt }: ExplainedAnswer, contributionId: bigint): Earned['kinds'] {
  return Object.entries(receipt?.said.evidence ?? {}).flatMap(([kind, of]) => {
    const entry = of?.top.find((one) => one.contributionId === `${contributionId}`);
    if (of === undefined || entry === undefined) return [];
    const score = BigInt(entry.score);
    return [{ kind: kind as EvidenceKind, score, weightPpm: Number((score * million) / BigInt(of.scoreSum)) }];
  });
}
