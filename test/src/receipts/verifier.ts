import type { Connection } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import type { Manifest } from '@openledger/protocol/deploy';
import { type CheckedBatch, checkBatch } from './batch.ts';
import { verifyReceipt } from './receipt.ts';
import { openSources } from './sources.ts';
import type { Verdict } from './verdict.ts';

export type VerifierOptions = {
  /** A database with the index of the chain (`chain.…`) and the contents (`app.content`); nothing else of it is read. */
  readonly connection: Pick<Connection, 'db' | 'sql'>;
  /** The deployment whose chain it is. */
  readonly manifest: Pick<Manifest, 'chainId' | 'contracts'>;
};

/** Recomputes what workers and proposers say, from the chain's rows and public contents. What it has read of a version it keeps. */
export type Verifier = {
  /** A posted receipt: its hashes, its signature, and its place in the batch on chain. */
  readonly receipt: (requestId: Hex) => Promise<Verdict>;
  /** The requests of batches that stand, in the order of batches: what there is to verify. */
  readonly posted: () => Promise<readonly Hex[]>;
};

export const createVerifier = ({ connection, manifest }: VerifierOptions): Verifier => {
  const sources = openSources({ connection, manifest });
  const batches = new Map<bigint, Promise<CheckedBatch>>();
  const batchOf = (id: bigint): Promise<CheckedBatch> => {
    const known = batches.get(id) ?? checkBatch(sources, id);
    batches.set(id, known);
    return known;
  };
  return {
    receipt: (requestId) => verifyReceipt({ ...sources, batchOf }, requestId),
    posted: sources.rows.posted,
  };
};
