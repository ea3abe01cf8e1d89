import { content } from '@openledger/db/app';
import type { Hex } from '@openledger/db/chain';
import { inArray, sql } from 'drizzle-orm';
import { rowsOfApp, secondsOf } from '../schema/app-rows.ts';
import { builder } from '../schema/builder.ts';
import type { FieldsOf } from '../schema/entity.ts';
import { loaderOf } from '../schema/loader.ts';
import { type Asked, mayRead } from './readers.ts';

/** Characters of a text that an answer holds at most; four bytes each at most. */
const MAX_TEXT = 4000;

type Source = {
  readonly hash: Hex;
  readonly mediaType: string;
  readonly size: bigint;
  readonly license: string | null;
  readonly provenance: Readonly<Record<string, unknown>> | null;
  readonly createdAt: Date;
  readonly erasedAt: Date | null;
  readonly isReadable: boolean;
};

const sources = loaderOf(async (hashes: readonly Hex[], { app }) => {
  const { hash, mediaType, size, license, provenance, createdAt, erasedAt } = content;
  const rows = await rowsOfApp(
    app.db
      .select({ hash, mediaType, size, license, provenance, createdAt, erasedAt })
      .from(content)
      .where(inArray(hash, [...hashes])),
  );
  return hashes.map((wanted) => rows.find((row) => row.hash === wanted) ?? null);
});

const texts = loaderOf(async (hashes: readonly Hex[], { app }) => {
  const start = sql<Uint8Array | null>`substring(${content.body} from 1 for ${MAX_TEXT * 4})`;
  const rows = await rowsOfApp(
    app.db
      .select({ hash: content.hash, start })
      .from(content)
      .where(inArray(content.hash, [...hashes])),
  );
  return hashes.map((wanted) => rows.find(({ hash }) => hash === wanted)?.start ?? null);
});

const ContributionContent = builder.objectRef<Source>('ContributionContent').implement({
  description: 'What was contributed, as it is kept off chain: it can be erased, its hash on chain cannot.',
  fields: (t) => ({
    mediaType: t.exposeString('mediaType', { description: 'Its media type, such as text/markdown.' }),
    size: t.field({
      type: 'BigInt',
      description: 'Bytes of it, also after it was erased.',
      resolve: ({ size }) => size,
    }),
    license: t.exposeString('license', {
      nullable: true,
      description: 'Its licence as an SPDX expression; null where it is not known.',
    }),
    provenance: t.field({
      type: 'JSON',
      nullable: true,
      description: 'Where it is from: author, source and whatever else is known; null for who may not read it.',
      resolve: ({ provenance, isReadable }) => (isReadable ? provenance : null),
    }),
    text: t.string({
      nullable: true,
      description: `Its first ${MAX_TEXT} characters. Null where it is no text, was erased, or the caller may not read it: its contributor, and the datanet’s owner and validators, always may; once it is accepted, everybody where the datanet is public, and who was granted access where it is private.`,
      complexity: 20,
      resolve: async ({ hash, mediaType, isReadable }, _args, context) => {
        if (!isReadable || !/^text\/|json|xml/.test(mediaType)) return null;
        const start = await texts(context).load(hash);
        return start && new TextDecoder().decode(start, { stream: true }).slice(0, MAX_TEXT);
      },
    }),
    storedAt: t.field({
      type: 'DateTime',
      description: 'When it was stored.',
      resolve: ({ createdAt }) => secondsOf(createdAt),
    }),
    erasedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it was erased; null while it is there.',
      resolve: ({ erasedAt }) => secondsOf(erasedAt),
    }),
  }),
});

export const contentField: FieldsOf<'contribution'> = (t) => ({
  content: t.field({
    type: ContributionContent,
    nullable: true,
    description: 'What was contributed, as it is kept off chain; null where it is kept elsewhere: see uri.',
    complexity: 5,
    select: { columns: { id: true, contentHash: true, datanetId: true, contributor: true, status: true } },
    resolve: async (row, _args, context) => {
      const { contentHash } = row as { contentHash: Hex };
      const found = await sources(context).load(contentHash);
      if (found === null) return null;
      // Evidence and lists are kept in the same place, and their hashes are on chain too: those are nobody's contribution.
      const isContribution = found.license !== null || found.provenance !== null;
      return { ...found, isReadable: isContribution && (await mayRead(context, row as Asked)) };
    },
  }),
});
