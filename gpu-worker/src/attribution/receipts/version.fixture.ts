import { createHash } from 'node:crypto';
import type { Hex } from '@openledger/protocol';
import type { AttributionRecord, Card } from '@openledger/protocol/attribution';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import { clusterRows } from '../duplicates/index.ts';
import { headerOf } from '../influence/header.ts';
import { momentRows, parseStore, storeRoot, whiten } from '../influence/index.ts';
import { recordBytes, writeRecord } from '../influence/record.ts';
import { buildSpanIndex, spanIndexRoot } from '../spans/index.ts';
import type { VersionData } from '../version/index.ts';

/** A document that is one row. Contribution 0: a foreign row. */
export type FixtureRow = {
  readonly contributionId: bigint;
  readonly contributor: Hex;
  readonly tokens: readonly number[];
  readonly gradient: ArrayLike<number>;
};

export const bytes32 = (text: string): Hex => `0x${createHash('sha256').update(text).digest('hex')}`;
export const account = (number: number): Hex => `0x${number.toString(16).padStart(40, '0')}`;

/** Version data of rows as they are, computed by the code that computes a real version's; hashes of what is not there are made up. */
export const versionOf = (
  rows: readonly FixtureRow[],
  { vocabSize, damping = '10' }: { vocabSize: number; damping?: string },
): VersionData => {
  const owned = rows.filter(({ contributionId }) => contributionId !== 0n);
  const size = rows[0]!.gradient.length;
  const records = rows.map((row) => {
    const record = new Uint8Array(recordBytes(size));
    writeRecord(record, row);
    return record;
  });
  const store = parseStore(Buffer.concat([headerOf({ size, settings: {} }), ...records]));
  const clusters = Uint32Array.from(rows.keys());
  clusters.set(
    clusterRows(
      owned.map(({ tokens }) => tokens),
      startingAlgorithm.duplicates,
    ),
  );
  const whitening = whiten(momentRows(store, clusters), { damping: Number(damping) });
  const norms = Float64Array.from(rows, (_, row) =>
    whitening.norm(Float64Array.from(store.valuesOf(row), (value) => value * 2 ** store.exponentOf(row))),
  );
  const spans = buildSpanIndex({
    documents: owned.map(({ contributionId, tokens }) => ({ contributionId, tokens: Uint32Array.from(tokens) })),
    tokenizerHash: bytes32('tokenizer'),
    vocabSize,
  });
  const record: AttributionRecord = {
    schema: 'openledger.attribution/1',
    base: 'fixture',
    modelHash: bytes32('model'),
    adapterHash: bytes32('adapter'),
    tokenizerHash: bytes32('tokenizer'),
    runtimeHash: bytes32('runtime'),
    datanets: [{ datanetId: '1', version: 1, dataRoot: bytes32('data') }],
    datasetRoot: bytes32('data'),
    rows: rows.length,
    foreignRows: rows.length - owned.length,
    sequence: 128,
    projection: { dimensions: size, seed: 'fixture' },
    gradientStoreRoot: storeRoot(store),
    suffixArrayRoot: spanIndexRoot(spans),
    files: { gradients: bytes32('gradients'), spans: spanIndexRoot(spans), clusters: bytes32('clusters') },
  };
  const card: Card = {
    schema: 'openledger.attribution-card/1',
    adapterHash: record.adapterHash,
    gradientStoreRoot: record.gradientStoreRoot,
    damping,
    figures: [
      { method: 'whitened-projected-influence', lds: 500_000, low: 400_000, high: 600_000 },
      { method: 'random', lds: 0, low: -100_000, high: 100_000 },
    ],
    subsets: { count: 100, part: 500_000, seeds: 1 },
    queries: { chosenOn: 8, measuredOn: 8 },
    cost: { seconds: 1, rowsPerSecond: 1, bytesPerRow: recordBytes(size) },
  };
  return {
    modelId: 3n,
    version: 2,
    manifestHash: bytes32('manifest'),
    recordHash: bytes32('record'),
    record,
    cardHash: bytes32('card'),
    card,
    store,
    whitening,
    norms,
    clusters,
    spans,
    contributions: new Map(
      owned.map(({ contributionId, contributor }) => [
        contributionId,
        { contentHash: bytes32(`content ${contributionId}`), contributor },
      ]),
    ),
  };
};
