import { content } from '@openledger/db/app';
import { chainTables, type Hex } from '@openledger/db/chain';
import { type Card, cardBenchmarkId, cardSchema } from '@openledger/protocol/attribution';
import { and, desc, eq, inArray, or } from 'drizzle-orm';
import { rowsOfApp } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';

type Key = { readonly modelId: bigint; readonly version: number; readonly adapterHash: Hex };
type Shown = { readonly hash: Hex; readonly evaluatedAt: bigint; readonly card: Card };
type Figure = Card['figures'][number];

const { modelEvaluation } = chainTables;

/** Cards of a version that are looked at, the latest first. */
const MOST = 16;

/** The latest card of each version that is kept here, and is of its very adapter: what workers pay by. */
const cards = loaderOf(
  async (keys: readonly Key[], { db, app }) => {
    const { id, modelId, version, benchmarkId, uri, timestamp } = modelEvaluation;
    const evaluations = await db
      .select({ modelId, version, uri, timestamp })
      .from(modelEvaluation)
      .where(
        and(
          eq(benchmarkId, cardBenchmarkId as Hex),
          or(...keys.map((key) => and(eq(modelId, key.modelId), eq(version, key.version)))),
        ),
      )
      .orderBy(desc(id));
    const candidates = keys.map((key) =>
      evaluations
        .filter((row) => row.modelId === key.modelId && row.version === key.version)
        .slice(0, MOST)
        .flatMap(({ uri, timestamp }) => {
          const hash = /^openledger:content\/(0x[0-9a-f]{64})$/.exec(uri)?.[1] as Hex | undefined;
          return hash === undefined ? [] : [{ hash, evaluatedAt: timestamp }];
        }),
    );
    const hashes = [...new Set(candidates.flat().map(({ hash }) => hash))];
    const documents =
      hashes.length === 0
        ? []
        : await rowsOfApp(
            app.db
              .select({ hash: content.hash, body: content.body })
              .from(content)
              .where(inArray(content.hash, hashes)),
          );
    const bodies = new Map(documents.map(({ hash, body }) => [hash, body]));
    return keys.map(({ adapterHash }, at): Shown | null => {
      for (const candidate of candidates[at]!) {
        const card = parsed(bodies.get(candidate.hash));
        if (card?.adapterHash === adapterHash) return { ...candidate, card };
      }
      return null;
    });
  },
  ({ modelId, version }) => `${modelId}/${version}`,
);

function parsed(body: Uint8Array | null | undefined): Card | undefined {
  try {
    return body ? cardSchema.parse(JSON.parse(new TextDecoder().decode(body))) : undefined;
  } catch {
    return undefined;
  }
}

const CardFigure = builder.objectRef<Figure>('AttributionCardFigure').implement({
  description: 'How well one method predicts what retraining without rows does.',
  fields: (t) => ({
    method: t.exposeString('method', { description: 'The method, such as whitened-projected-influence or bm25.' }),
    lds: t.float({
      description:
        'Linear datamodeling score: the mean rank correlation between what the method predicts of models trained on random parts of the data and what those models do. 1 is a perfect prediction, 0 none.',
      resolve: ({ lds }) => lds / 1e6,
    }),
    low: t.float({ description: 'The lower end of its 95 % interval.', resolve: ({ low }) => low / 1e6 }),
    high: t.float({ description: 'The upper end.', resolve: ({ high }) => high / 1e6 }),
  }),
});

const AttributionCard = builder.objectRef<Shown>('AttributionCard').implement({
  description:
    'How far a version’s attribution can be trusted, measured by retraining. Without one nobody is paid for the version’s answers.',
  fields: (t) => ({
    hash: t.expose('hash', {
      type: 'Bytes32',
      description: 'keccak256 of the card, which its evaluation on chain names.',
    }),
    evaluatedAt: t.expose('evaluatedAt', { type: 'DateTime', description: 'When it was put on chain.' }),
    figures: t.field({
      type: [CardFigure],
      description: 'The method that pay follows, first; then what stands beside it.',
      complexity: { field: 1, multiplier: 6 },
      resolve: ({ card }) => [...card.figures],
    }),
    damping: t.string({
      description:
        'The damping λ, as a part of the mean diagonal, that did best on queries which the figures are not of.',
      resolve: ({ card }) => card.damping,
    }),
    subsetCount: t.int({
      description: 'Models that were trained on random parts of the data.',
      resolve: ({ card }) => card.subsets.count,
    }),
    subsetPart: t.float({
      description: 'How much of the data each saw, of 1.',
      resolve: ({ card }) => card.subsets.part / 1e6,
    }),
    seeds: t.int({ description: 'Trainings of each part, averaged.', resolve: ({ card }) => card.subsets.seeds }),
    queriesChosenOn: t.int({
      description: 'Questions that λ was chosen on.',
      resolve: ({ card }) => card.queries.chosenOn,
    }),
    queriesMeasuredOn: t.int({
      description: 'Other questions, that the figures are of.',
      resolve: ({ card }) => card.queries.measuredOn,
    }),
    seconds: t.int({ description: 'What all of it took.', resolve: ({ card }) => card.cost.seconds }),
    rowsPerSecond: t.int({
      description: 'Rows of training data whose gradients are computed in a second.',
      resolve: ({ card }) => card.cost.rowsPerSecond,
    }),
    bytesPerRow: t.int({ description: 'What is kept of each.', resolve: ({ card }) => card.cost.bytesPerRow }),
  }),
});

export const cardField: FieldsOf<'modelVersion'> = (t) => ({
  attributionCard: t.field({
    type: AttributionCard,
    nullable: true,
    description:
      'How far the attribution of its answers can be trusted; null while its owner put no card on chain: then nobody is paid for them yet.',
    complexity: 5,
    select: { columns: { modelId: true, version: true, adapterHash: true } },
    resolve: (row, _args, context) => cards(context).load(row as Key),
  }),
});
