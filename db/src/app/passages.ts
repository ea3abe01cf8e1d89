import { sql } from 'drizzle-orm';
import { customType, index, integer, primaryKey, text } from 'drizzle-orm/pg-core';
import { app, hex, isHash, isNatural, uint256, written } from './columns.ts';
import { content } from './contents.ts';
import { inferenceRecord } from './inferences.ts';

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** A content that was read for passages: it has those that there are, which may be none. */
export const passageSource = app.table(
  'passage_source',
  {
    contentHash: hex()
      .primaryKey()
      .references(() => content.hash, { onDelete: 'cascade' }),
    createdAt: written(),
  },
  (t) => [isHash('passage_source_content_is_hash', t.contentHash)],
);

/** A row of a contribution's content, to be found by what it says. Goes when the content is erased. */
export const passage = app.table(
  'passage',
  {
    contentHash: hex()
      .notNull()
      .references(() => passageSource.contentHash, { onDelete: 'cascade' }),
    /** Its place among the content's texts, from 0. */
    row: integer().notNull(),
    /** Its beginning, where it is long. */
    text: text().notNull(),
    search: tsvector().notNull().generatedAlwaysAs(sql`to_tsvector('english', "text")`),
  },
  (t) => [
    primaryKey({ columns: [t.contentHash, t.row] }),
    isNatural('passage_row_is_natural', t.row),
    index('passage_search_idx').using('gin', t.search),
  ],
);

/** A passage that a model was given for an answer. What it says stays out. */
export const retrievedPassage = app.table(
  'retrieved_passage',
  {
    requestId: hex()
      .notNull()
      .references(() => inferenceRecord.requestId, { onDelete: 'cascade' }),
    /** From 0, as the model read them. */
    place: integer().notNull(),
    datanetId: uint256().notNull(),
    contributionId: uint256().notNull(),
    contentHash: hex().notNull(),
    row: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.place] }),
    isHash('retrieved_passage_content_is_hash', t.contentHash),
    isNatural('retrieved_passage_place_is_natural', t.place),
    isNatural('retrieved_passage_row_is_natural', t.row),
    index('retrieved_passage_contribution_idx').on(t.contributionId, t.requestId),
  ],
);
