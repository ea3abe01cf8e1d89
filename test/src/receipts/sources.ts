import type { Connection } from '@openledger/db';
import type { Manifest } from '@openledger/protocol/deploy';
import { type ChainRows, openChainRows } from './chainRows.ts';
import { type Documents, openDocuments } from './documents.ts';

/** Where everything is read from: the index of the chain, and what it names. */
export type Sources = {
  readonly rows: ChainRows;
  readonly documents: Documents;
  readonly connection: Pick<Connection, 'db' | 'sql'>;
  readonly manifest: Pick<Manifest, 'chainId' | 'contracts'>;
};

export const openSources = ({ connection, manifest }: Pick<Sources, 'connection' | 'manifest'>): Sources => ({
  rows: openChainRows(connection.sql),
  documents: openDocuments(connection.db),
  connection,
  manifest,
});
