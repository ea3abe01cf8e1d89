import { bigint } from 'drizzle-orm/pg-core';
import { app, hex, isHash, isNatural, written } from './columns.ts';

/**
 * A chain that rows of this schema speak of. Ids start again at one when a chain does, behind the same chain id and the
 * same addresses: what belongs to ids of one chain must never be taken for another's.
 */
export const deployment = app.table(
  'deployment',
  {
    genesisHash: hex().primaryKey(),
    chainId: bigint({ mode: 'bigint' }).notNull(),
    firstSeenAt: written(),
  },
  (t) => [isHash('deployment_genesis_is_hash', t.genesisHash), isNatural('deployment_chain_is_natural', t.chainId)],
);

/** The chain whose ids a row holds; the row goes with it. */
export const onChain = () =>
  hex()
    .notNull()
    .references(() => deployment.genesisHash, { onDelete: 'cascade' });
