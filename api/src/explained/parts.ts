import { answerEvidence, answerPart, type evidenceKinds } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, eq, inArray, lte, or, sql } from 'drizzle-orm';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';

export type EvidenceKind = (typeof evidenceKinds)[number];

/** A part of an answer by its place: 0 is the whole, sentences follow from 1. Offsets in UTF-16 code units. */
export type Part = { readonly requestId: Hex; readonly place: number; readonly from: number; readonly until: number };

/** What a part drew on. */
export type PartEvidence = {
  readonly kind: EvidenceKind;
  readonly contributionId: bigint;
  /** Of the kind's evidence in the part. */
  readonly weightPpm: number;
};

/** Of each kind, the contributions with most of it that are told of a part. */
export const MOST_EVIDENCE = 10;
/** Sentences that one answer of ours tells of at most. */
export const MOST_SENTENCES = 200;

/** Sentences of some answers, in order. */
export const sentencesOf = loaderOf(async (requestIds: readonly Hex[], { app }) => {
  const { requestId, place } = answerPart;
  const rows = await rowsOfApp(
    app.db
      .select()
      .from(answerPart)
      .where(inArray(requestId, [...requestIds]))
      .orderBy(requestId, place),
  );
  return requestIds.map((wanted) => rows.filter((row) => row.requestId === wanted && row.place > 0));
});

/** What some parts drew on: of each kind the most first, equal ones by contribution. */
export const evidenceOf = loaderOf(
  async (parts: readonly Pick<Part, 'requestId' | 'place'>[], { app }) => {
    const { requestId, place, kind, contributionId, weightPpm } = answerEvidence;
    const byRequest = Map.groupBy(parts, (part) => part.requestId);
    const wanted = [...byRequest].map(([id, own]) =>
      and(
        eq(requestId, id),
        inArray(
          place,
          own.map((part) => part.place),
        ),
      ),
    );
    const rank = sql<number>`row_number() over (partition by ${requestId}, ${place}, ${kind}
      order by ${weightPpm} desc, ${contributionId})::int`;
    const ranked = app.db
      .select({ requestId, place, kind, contributionId, weightPpm, rank: rank.as('rank') })
      .from(answerEvidence)
      .where(or(...wanted))
      .as('ranked');
    const rows = await rowsOfApp(
      app.db.select().from(ranked).where(lte(ranked.rank, MOST_EVIDENCE)).orderBy(ranked.kind, ranked.rank),
    );
    const byPart = Map.groupBy(rows, (row) => `${row.requestId} ${row.place}`);
    return parts.map((part): readonly PartEvidence[] => byPart.get(`${part.requestId} ${part.place}`) ?? []);
  },
  ({ requestId, place }) => `${requestId} ${place}`,
);
