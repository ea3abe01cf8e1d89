import type { Sql } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import { textsOf } from '../../attribution/version/texts.ts';

/** Contents that are read at once, and rows of a statement. */
const [CONTENTS, ROWS] = [20, 5_000];
/** Characters of a passage; what is longer is found by its beginning. */
const LENGTH = 4_000;
/** Nobody waits longer for passages of new contributions; what is left is cut with the next question. */
const PATIENCE_MS = 5_000;

/**
 * Makes passages of what was accepted in these datanets since the last time. Several processes may do it at once: each content
 * is cut once, and one that is erased meanwhile is not cut.
 */
export const cutPassages = async (sql: Sql, datanetIds: readonly bigint[]): Promise<void> => {
  const began = performance.now();
  while (performance.now() - began < PATIENCE_MS) {
    const rows = await sql<{ hash: Hex }[]>`
      select distinct c.content_hash as hash
      from chain.contribution c join app.content k on k.hash = c.content_hash
      where c.datanet_id = any(${datanetIds.map(String)}::text[]::numeric[]) and c.status = 'accepted'
        and k.body is not null
        and not exists (select from app.passage_source s where s.content_hash = c.content_hash)
      limit ${CONTENTS}`;
    for (const { hash } of rows) await cut(sql, hash);
    if (rows.length < CONTENTS) return;
  }
};

const cut = async (sql: Sql, hash: Hex): Promise<void> => {
  await sql.begin(async (transaction) => {
    // Who erases it waits until the passages are there, and takes them as well.
    const [content] = await transaction<{ body: Uint8Array | null }[]>`
      select body from app.content where hash = ${hash} for share`;
    if (!content?.body) return;
    const [own] = await transaction`
      insert into app.passage_source (content_hash) values (${hash}) on conflict do nothing returning content_hash`;
    if (own === undefined) return;
    const passages = passagesIn(content.body).map(({ row, text }) => ({ content_hash: hash, row, text }));
    for (let at = 0; at < passages.length; at += ROWS) {
      await transaction`insert into app.passage ${transaction(passages.slice(at, at + ROWS))}`;
    }
  });
};

/** A content's texts as passages, by their places; of one that is no text, none. */
export const passagesIn = (body: Uint8Array): readonly { readonly row: number; readonly text: string }[] => {
  let whole: string;
  try {
    whole = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return [];
  }
  return textsOf(whole).flatMap(({ question, text }, row) => {
    const said = (question === undefined ? text : `${question}\n${text}`).replaceAll('\0', '').trim();
    return said === '' ? [] : [{ row, text: said.slice(0, LENGTH).toWellFormed() }];
  });
};
