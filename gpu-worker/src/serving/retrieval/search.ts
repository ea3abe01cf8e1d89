import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import type { Candidate } from './passages.ts';

export type Search = {
  readonly genesisHash: Hex;
  readonly datanetIds: readonly bigint[];
  /** What is looked for, in words. */
  readonly query: string;
  readonly most: number;
};

/** Different words of a question that are looked for, among its first characters. */
const [WORDS, CHARACTERS] = [64, 10_000];

/**
 * Passages of accepted contributions that have words of the query, the best first: by Postgres' full-text search, in English,
 * where more and rarer positions of words count more in shorter texts. A contribution counts only where its author is known
 * to have had the body: the hash of a private text is public, and contributing it again must not open it.
 */
export const search = async (
  sql: Sql,
  { genesisHash, datanetIds, query, most }: Search,
): Promise<readonly Candidate[]> => {
  const words = query.slice(0, CHARACTERS).replaceAll('\0', ' ');
  const rows = await sql<
    { datanetId: string; contributionId: string; contentHash: Hex; row: number; text: string; words: string[] }[]
  >`
    with asked as materialized (
      select string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''') || '''', ' | ')::tsquery as words
      from (select lexeme from unnest(to_tsvector('english', ${words})) order by lexeme limit ${WORDS}) as lexemes
    )
    select c.datanet_id::text as "datanetId", c.id::text as "contributionId", p.content_hash as "contentHash", p.row, p.text,
      tsvector_to_array(p.search) as words
    from asked
    join app.passage p on p.search @@ asked.words
    join chain.contribution c on c.content_hash = p.content_hash
    where c.datanet_id = any(${datanetIds.map(String)}::text[]::numeric[]) and c.status = 'accepted'
      and case when exists (select from app.intake_verdict v
          where v.genesis_hash = ${genesisHash} and v.content_hash = c.content_hash)
        then exists (select from app.intake_verdict v
          where v.genesis_hash = ${genesisHash} and v.content_hash = c.content_hash
            and v.datanet_id = c.datanet_id and v.contributor = c.contributor)
        else c.id = (select min(first.id) from chain.contribution first where first.content_hash = c.content_hash) end
    order by ts_rank(p.search, asked.words, 1) desc, c.id, p.row
    limit ${most}`;
  return rows.map(({ datanetId, contributionId, words, ...row }) => ({
    ...row,
    datanetId: BigInt(datanetId),
    contributionId: BigInt(contributionId),
    words: new Set(words),
  }));
};
