import { sql } from 'drizzle-orm';
import type { ApiDatabase } from '../context.ts';
import { isMissingRelation } from '../database-errors.ts';
import { builder } from '../schema/builder.ts';
import { decodeCheckpoint } from '../status.ts';

/** How far the index is on a chain beside the protocol's. */
type PublishedChain = {
  readonly chainId: bigint;
  readonly name: string;
  readonly block: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
};

const PublishedChainType = builder.objectRef<PublishedChain>('PublishedChain').implement({
  description: 'How fresh everything is that the index holds of a chain with published contracts.',
  fields: (t) => ({
    chainId: t.field({ type: 'BigInt', description: 'The chain.', resolve: ({ chainId }) => chainId }),
    name: t.exposeString('name', { description: 'What it is called here: ethereum or l2.' }),
    block: t.field({ type: 'BigInt', description: 'The last of its blocks indexed.', resolve: ({ block }) => block }),
    timestamp: t.field({
      type: 'DateTime',
      description: 'The time of that block.',
      resolve: ({ timestamp }) => timestamp,
    }),
  }),
});

builder.queryField('publishedChains', (t) =>
  t.field({
    type: [PublishedChainType],
    description:
      'The chains with OpenLedger’s published contracts that are indexed, and how far; _meta is of the protocol’s.',
    resolve: (_root, _args, { db, deployment }) => readChains(db, deployment.chainId),
  }),
);

async function readChains(db: ApiDatabase, protocolChainId: bigint): Promise<PublishedChain[]> {
  try {
    const rows = await db.execute<{ id: string; name: string; checkpoint: string }>(
      sql`select chain_id::text as id, chain_name as name, latest_checkpoint as checkpoint
          from chain._ponder_checkpoint where chain_id <> ${protocolChainId} order by chain_id`,
    );
    return rows.map(({ id, name, checkpoint }) => ({ chainId: BigInt(id), name, ...decodeCheckpoint(checkpoint) }));
  } catch (error) {
    if (isMissingRelation(error)) return [];
    throw error;
  }
}
