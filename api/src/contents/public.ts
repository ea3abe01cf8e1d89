import { getContent, type Sql } from '@openledger/db';
import type { Hex } from '@openledger/db/chain';
import type { Services } from '../context.ts';

/** Whether anybody may have a content. */
export type PublicContents = { readonly isPublic: (hash: Hex) => Promise<boolean> };

/** JSON documents that name others, at most so large. */
const mostDocumentBytes = 4_000_000;
const hashes = /0x[0-9a-f]{64}/g;

/**
 * What receipts, epochs and versions are checked with: contents that the chain names, and the files of versions that were
 * trained on public datanets alone. What is of a private datanet in any part stays with those who may read it.
 */
export const createPublicContents = ({ app }: Pick<Services, 'app'>): PublicContents => {
  const { sql, db } = app;
  /** Contents behind a version's manifest: they never change, since each is named by its hash. */
  const behind = new Map<Hex, ReadonlySet<string>>();

  const read = async (hash: Hex): Promise<string | undefined> => {
    const content = await getContent(db, hash);
    const isDocument =
      content?.body != null && content.mediaType.startsWith('application/json') && content.size <= mostDocumentBytes;
    return isDocument ? Buffer.from(content.body!).toString() : undefined;
  };
  /** From a manifest to its attribution record, the record's files, and the pieces that these are kept in. */
  const readBehind = async (manifest: Hex): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    const text = await read(manifest);
    const record = text === undefined ? undefined : (attributionOf(text) as Hex | undefined);
    if (record === undefined) return found;
    found.add(record);
    let layer: readonly string[] = [record];
    for (let depth = 0; depth < 4 && layer.length > 0; depth++) {
      const next: string[] = [];
      for (const hash of layer) {
        for (const [named] of (await read(hash as Hex))?.matchAll(hashes) ?? []) {
          if (found.has(named)) continue;
          found.add(named);
          next.push(named);
        }
      }
      layer = next;
    }
    return found;
  };

  return {
    isPublic: async (hash) => {
      if (await isNamed(sql, hash)) return true;
      for (const manifest of await publicManifests(sql)) {
        if (!behind.has(manifest)) {
          const found = await readBehind(manifest);
          // A manifest may name a record that is stored a moment later.
          if (found.size > 0) behind.set(manifest, found);
        }
        if (behind.get(manifest)?.has(hash)) return true;
      }
      return false;
    },
  };
};

const attributionOf = (manifest: string): string | undefined => {
  try {
    const { attribution } = JSON.parse(manifest) as { attribution?: unknown };
    return typeof attribution === 'string' && /^0x[0-9a-f]{64}$/.test(attribution) ? attribution : undefined;
  } catch {
    return undefined;
  }
};

/** Manifests of versions that were trained, and on public datanets alone. */
const publicManifests = async (sql: Sql): Promise<readonly Hex[]> => {
  const rows = await sql<{ hash: Hex }[]>`
    select distinct v.manifest_hash as hash from chain.model_version v
    join chain.model_training t on t.model_id = v.model_id and t.model_version = v.version
    where not exists (
      select from chain.model_training p join chain.datanet d on d.id = p.datanet_id
      where p.model_id = v.model_id and p.model_version = v.version and d.visibility <> 'public')`;
  return rows.map(({ hash }) => hash);
};

/** Whether the chain names it, for something that is public. */
const isNamed = async (sql: Sql, hash: Hex): Promise<boolean> => {
  const uri = `openledger:content/${hash}`;
  const [row] = await sql<[{ named: boolean }]>`
    with private_model as (
      select distinct t.model_id from chain.model_training t
      join chain.datanet d on d.id = t.datanet_id where d.visibility <> 'public')
    select
      exists (select from chain.contribution c join chain.datanet d on d.id = c.datanet_id
        where c.content_hash = ${hash} and c.status = 'accepted' and d.visibility = 'public')
      or exists (select from chain.datanet_version v join chain.datanet d on d.id = v.datanet_id
        where v.uri = ${uri} and d.visibility = 'public')
      or exists (select from chain.datanet where uri_hash = ${hash} and visibility = 'public')
      or exists (select from chain.model_version v
        where v.manifest_hash = ${hash} and v.model_id not in (select model_id from private_model))
      or exists (select from chain.model_evaluation e
        where e.uri = ${uri} and e.model_id not in (select model_id from private_model))
      or exists (select from chain.algorithm where id = ${hash} or uri_hash = ${hash})
      or exists (select from chain.reward_root where ipfs_hash = ${hash})
      or exists (select from chain.attribution_batch b where b.evidence_hash = ${hash} and not exists (
        select from chain.attribution_request r
        where r.batch_id = b.id and r.model_id in (select model_id from private_model)))
      as named`;
  return row.named;
};
