import { content } from '@openledger/db/app';
import { chainTables, type Hex } from '@openledger/db/chain';
import { type MerkleTree, type Receipt, receiptHash, receiptTree } from '@openledger/protocol';
import { inArray } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import { rowsOfApp } from '../schema/app-rows.ts';
import { loaderOf } from '../schema/loader.ts';

const { attributionBatch } = chainTables;

/** Trees by their root: one that came to it once always does. */
const trees = new LRUCache<Hex, MerkleTree<string>>({ max: 100 });

/** The tree over the receipts of posted batches; null where a batch's document is not kept here, or does not come to its root. */
export const batchTrees = loaderOf(async (batchIds: readonly bigint[], { db, app }) => {
  const { id, root, evidenceHash } = attributionBatch;
  const batches = await db
    .select({ id, root, evidenceHash })
    .from(attributionBatch)
    .where(inArray(id, [...batchIds]));
  const missing = batches.filter((batch) => !trees.has(batch.root)).map((batch) => batch.evidenceHash);
  const documents =
    missing.length === 0
      ? []
      : await rowsOfApp(
          app.db.select({ hash: content.hash, body: content.body }).from(content).where(inArray(content.hash, missing)),
        );
  for (const batch of batches) {
    const body = documents.find(({ hash }) => hash === batch.evidenceHash)?.body;
    const tree = body && treeOf(body);
    if (tree && tree.root === batch.root) trees.set(batch.root, tree);
  }
  return batchIds.map((wanted) => trees.get(batches.find((batch) => batch.id === wanted)?.root ?? '0x') ?? null);
});

function treeOf(body: Uint8Array): MerkleTree<string> | null {
  try {
    const { entries } = JSON.parse(new TextDecoder().decode(body)) as { entries: readonly { receipt: Receipt }[] };
    return receiptTree(entries.map(({ receipt }) => receiptHash(receipt)));
  } catch {
    return null;
  }
}
