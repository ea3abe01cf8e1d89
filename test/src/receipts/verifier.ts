import type { Connection } from '@openledger/db';
import type { Hex } from '@openledger/protocol';
import type { Manifest } from '@openledger/protocol/deploy';
import { type AdapterOptions, verifyAdapter } from './adapter.ts';
import { type CheckedBatch, checkBatch } from './batch.ts';
import { verifyEpoch } from './epoch.ts';
import { verifyReceipt } from './receipt.ts';
import { openSources } from './sources.ts';
import type { Verdict } from './verdict.ts';
import { type OpenedVersion, openWithCard } from './versions.ts';

export type VerifierOptions = {
  /** A database with the index of the chain (`chain.…`) and the contents (`app.content`); nothing else of it is read. */
  readonly connection: Pick<Connection, 'db' | 'sql'>;
  /** The deployment whose chain it is. */
  readonly manifest: Pick<Manifest, 'chainId' | 'contracts'>;
};

/** Recomputes what workers and proposers say, from the chain's rows and public contents. What it has read of a version it keeps. */
export type Verifier = {
  /** A posted receipt: its request, signature, hashes, scores, shares, its place in the batch, and the payments on chain. */
  readonly receipt: (requestId: Hex) => Promise<Verdict>;
  /** An epoch: its total, its list of rewards, and the root proposed for it. */
  readonly epoch: (epochId: bigint) => Promise<Verdict>;
  /** What a version's answers are attributed with: its records, rows, gradients, span index and card. */
  readonly adapter: (modelId: bigint, version: number, options: AdapterOptions) => Promise<Verdict>;
  /** The requests of batches that stand, in the order of batches: what there is to verify. */
  readonly posted: () => Promise<readonly Hex[]>;
};

export const createVerifier = ({ connection, manifest }: VerifierOptions): Verifier => {
  const sources = openSources({ connection, manifest });
  const batches = new Map<bigint, Promise<CheckedBatch>>();
  const versions = new Map<string, Promise<OpenedVersion>>();
  const kept = <Key, Value>(known: Map<Key, Promise<Value>>, key: Key, read: () => Promise<Value>): Promise<Value> => {
    const value = known.get(key) ?? read();
    known.set(key, value);
    return value;
  };
  const batchOf = (id: bigint) => kept(batches, id, () => checkBatch(sources, id));
  const versionOf = (modelId: bigint, version: number, cardHash: Hex) =>
    kept(versions, `${modelId} ${version} ${cardHash}`, () => openWithCard(sources, modelId, version, cardHash));
  return {
    receipt: (requestId) => verifyReceipt({ ...sources, batchOf, versionOf }, requestId),
    epoch: (epochId) => verifyEpoch(sources, epochId),
    adapter: (modelId, version, options) => verifyAdapter(sources, { modelId, version }, options),
    posted: sources.rows.posted,
  };
};
