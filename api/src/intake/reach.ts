import { contribution, datanet, type Hex, modelTraining } from '@openledger/db/chain';
import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { ApiDatabase } from '../context.ts';

/** Datanets compared with at most; the one submitted to is always among them. */
const siblingsCompared = 500;

/**
 * The datanet and its siblings: those of the same owner, and those that a model was trained on together with it. A copy from
 * one of them would be paid twice by the same people.
 */
export async function reachOf(chain: ApiDatabase, datanetId: bigint): Promise<readonly bigint[]> {
  const [own, other] = [alias(datanet, 'own'), alias(modelTraining, 'other')];
  const [owned, trained] = await Promise.all([
    chain
      .select({ id: datanet.id })
      .from(datanet)
      .innerJoin(own, eq(own.owner, datanet.owner))
      .where(and(eq(own.id, datanetId), ne(datanet.id, datanetId)))
      .orderBy(sql`${datanet.id} desc`)
      .limit(siblingsCompared),
    chain
      .selectDistinct({ id: other.datanetId })
      .from(modelTraining)
      .innerJoin(
        other,
        and(eq(other.modelId, modelTraining.modelId), eq(other.modelVersion, modelTraining.modelVersion)),
      )
      .where(and(eq(modelTraining.datanetId, datanetId), ne(other.datanetId, datanetId)))
      .limit(siblingsCompared),
  ]);
  return [...new Set([datanetId, ...[...trained, ...owned].map(({ id }) => BigInt(id))])].slice(0, siblingsCompared);
}

/** The contribution on chain with this content in one of these datanets, the nearest first. */
export async function onChain(chain: ApiDatabase, datanetIds: readonly bigint[], contentHash: Hex) {
  const [found] = await chain
    .select({
      id: contribution.id,
      datanetId: contribution.datanetId,
      status: contribution.status,
      contributor: contribution.contributor,
    })
    .from(contribution)
    .where(and(eq(contribution.contentHash, contentHash), inArray(contribution.datanetId, [...datanetIds])))
    .orderBy(sql`${contribution.datanetId} = ${datanetIds[0]} desc`, contribution.id)
    .limit(1);
  return found;
}
