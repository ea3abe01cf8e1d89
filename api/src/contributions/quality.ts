import { intakeVerdict } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { and, desc, eq, inArray } from 'drizzle-orm';
import { rowsOfApp, secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';
import { type Asked, mayRead } from './readers.ts';

type Verdict = typeof intakeVerdict.$inferSelect;
type Report = Verdict & { readonly isReadable: boolean };
type Key = { readonly datanetId: bigint; readonly contentHash: Hex; readonly contributor: Hex };

/** The last verdict on each submission that became a contribution. */
const verdicts = loaderOf(
  async (keys: readonly Key[], { app, genesisHash }) => {
    const hashes = keys.map(({ contentHash }) => contentHash);
    const rows = await rowsOfApp(
      app.db
        .select()
        .from(intakeVerdict)
        .where(and(inArray(intakeVerdict.contentHash, hashes), eq(intakeVerdict.genesisHash, genesisHash)))
        .orderBy(desc(intakeVerdict.id)),
    );
    return keys.map(
      ({ datanetId, contentHash, contributor }) =>
        rows.find(
          (row) => row.datanetId === datanetId && row.contentHash === contentHash && row.contributor === contributor,
        ) ?? null,
    );
  },
  ({ datanetId, contentHash, contributor }) => `${datanetId}/${contentHash}/${contributor}`,
);

const QualityOutcome = builder.enumType('QualityOutcome', {
  description: 'What the checks before submission came to.',
  values: {
    ACCEPT: { value: 'accept', description: 'Nothing was found against it.' },
    HOLD: { value: 'hold', description: 'A person had to look at it.' },
    REFUSE: { value: 'refuse', description: 'It was refused.' },
  },
});

const QualityFinding = builder
  .objectRef<Verdict['findings'][number] & { isReadable: boolean }>('QualityFinding')
  .implement({
    description: 'What one check found.',
    fields: (t) => ({
      check: t.exposeString('check', { description: 'The check: size, exact duplicate, near-duplicate and so on.' }),
      outcome: t.field({ type: QualityOutcome, description: 'What it came to.', resolve: ({ outcome }) => outcome }),
      explanation: t.string({
        nullable: true,
        description: 'Why, in words; null for who may not read the contribution: see ContributionContent.text.',
        resolve: ({ explanation, isReadable }) => (isReadable ? explanation : null),
      }),
    }),
  });

const QualityReport = builder.objectRef<Report>('QualityReport').implement({
  description:
    'What the checks before submission found in a contribution. Validators’ scores are beside it, in scores.',
  fields: (t) => ({
    outcome: t.field({
      type: QualityOutcome,
      description: 'What the checks came to, all in all.',
      resolve: ({ outcome }) => outcome,
    }),
    rules: t.exposeString('rules', { description: 'The version of the rules that were applied.' }),
    checkedAt: t.field({
      type: 'DateTime',
      description: 'When it was checked.',
      resolve: ({ createdAt }) => secondsOf(createdAt),
    }),
    findings: t.field({
      type: [QualityFinding],
      description: 'What each check found, in the order they were made.',
      resolve: ({ findings, isReadable }) => findings.map((finding) => ({ ...finding, isReadable })),
    }),
    resolution: t.field({
      type: QualityOutcome,
      nullable: true,
      description: 'What a person decided about one that was held; null while nobody did, and where nobody had to.',
      resolve: ({ resolution }) => resolution,
    }),
    resolvedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When that was.',
      resolve: ({ resolvedAt }) => secondsOf(resolvedAt),
    }),
  }),
});

export const qualityField: FieldsOf<'contribution'> = (t) => ({
  quality: t.field({
    type: QualityReport,
    nullable: true,
    description: 'What the checks before submission found; null where it did not come through this API.',
    complexity: 5,
    select: { columns: { id: true, contentHash: true, datanetId: true, contributor: true, status: true } },
    resolve: async (row, _args, context) => {
      const verdict = await verdicts(context).load(row as Key);
      return verdict && { ...verdict, isReadable: await mayRead(context, row as Asked) };
    },
  }),
});
