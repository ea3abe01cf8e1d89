import { readFile } from 'node:fs/promises';
import type { Hex } from '@openledger/protocol';
import { type Algorithm, type AttributionRecord, attributionRecordSchema } from '@openledger/protocol/attribution';
import type { Adapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import { clusterRows } from '../duplicates/index.ts';
import { extractGradients, type GradientStore, parseStore, storeRoot } from '../influence/index.ts';
import { buildSpanIndex, encodeSpanIndex, type SpanIndex, spanIndexRoot } from '../spans/index.ts';
import { VersionError } from './errors.ts';
import { fileOf, filesOf, jsonFile, type NewFile } from './files.ts';
import { runtimeHash } from './hashes.ts';
import { datasetRootOf } from './openVersion.ts';
import { type Body, learnedOf, type OwnedRows, rowsOf, spreadRows } from './rows.ts';

export type BuildOptions = {
  /** A causal model without an adapter, `input_ids` in, logits out, and what it is called. */
  readonly base: { readonly name: string; readonly model: Model; readonly modelHash: Hex; readonly tokenizerHash: Hex };
  readonly tokenizer: Tokenizer;
  readonly adapter: Adapter;
  readonly adapterHash: Hex;
  /** Datanet versions that the adapter was trained on, and the contributions of theirs that were. */
  readonly datanets: readonly { readonly datanetId: bigint; readonly version: number; readonly dataRoot: Hex }[];
  readonly contributions: readonly Body[];
  /** Texts that neither the base nor any datanet has, as a contribution's body; so many rows of them at most. */
  readonly foreign: string;
  readonly foreignRows: number;
  readonly sequence: number;
  /** Of a contribution, as the training took them. */
  readonly mostTexts?: number;
  readonly projection: { readonly dimensions: number; readonly seed: string };
  readonly duplicates: Algorithm['duplicates'];
  /** The span index of an earlier version: what it holds is not sorted again. */
  readonly spansBefore?: SpanIndex;
  /** The store of gradients is written here, row by row; one that was begun is gone on with. */
  readonly file: string;
  readonly threads: number;
  readonly onProgress?: (progress: { readonly done: number; readonly rows: number }) => void;
  /** Ends it between two rows. */
  readonly signal?: AbortSignal;
};

export type BuiltVersion = {
  readonly record: AttributionRecord;
  /** What the training record names as its `attribution`. */
  readonly recordHash: Hex;
  /** All that is to be kept, the record last. */
  readonly files: readonly NewFile[];
  readonly store: GradientStore;
  readonly rows: OwnedRows;
  readonly clusters: Uint32Array;
};

/**
 * Makes what a version's answers are attributed with. The same inputs give the same record, on every machine up to the rounding
 * of gradients, which a record is the only witness of.
 *
 * @throws VersionError when there is nothing to learn or too little that is foreign; AbortError after the signal; as `rowsOf`,
 * `extractGradients`.
 */
export const buildVersion = async (options: BuildOptions): Promise<BuiltVersion> => {
  const { base, tokenizer, adapter, adapterHash, sequence, projection, duplicates, file, signal } = options;
  const datanets = options.datanets
    .toSorted((a, b) => (a.datanetId < b.datanetId ? -1 : a.datanetId > b.datanetId ? 1 : a.version - b.version))
    .map(({ datanetId, version, dataRoot }) => ({ datanetId: String(datanetId), version, dataRoot }));
  const { mostTexts } = options;
  const owned = rowsOf(options.contributions, { tokenizer, sequence, ...(mostTexts !== undefined && { mostTexts }) });
  if (owned.contributions.length === 0) throw new VersionError('The contributions give no row to learn from');
  const rows = withForeign(owned, options);
  const datasetRoot = datasetRootOf(datanets.map(({ dataRoot }) => dataRoot));
  const foreign = fileOf('application/jsonl', new TextEncoder().encode(options.foreign));
  const done = await extractGradients(base.model, {
    adapter,
    ...projection,
    batch: 1,
    threads: options.threads,
    file,
    rows: rows.rows,
    contributions: rows.contributions,
    settings: {
      base: base.modelHash,
      adapter: adapterHash,
      dataset: datasetRoot,
      foreign: foreign.hash,
      runtime: runtimeHash,
    },
    ...(options.onProgress && { onProgress: options.onProgress }),
    ...(signal && { signal }),
  });
  if (done < rows.contributions.length) throw signal?.reason ?? new VersionError(`Only ${done} rows were computed`);
  const gradients = await readFile(file);
  const store = parseStore(gradients, file);
  const clusters = clustersOf(rows, owned.contributions.length, duplicates);
  const spans = buildSpanIndex({
    documents: owned.documents,
    tokenizerHash: base.tokenizerHash,
    vocabSize: tokenizer.vocabSize,
    ...(options.spansBefore && { before: options.spansBefore }),
  });
  const index = encodeSpanIndex(spans);
  const [storeFiles, clusterFiles] = [gradients, littleEndian(clusters)].map((body) => filesOf(bytesType, body));
  const spanFiles = [
    ...index.segments.map(({ body }) => fileOf(bytesType, body)),
    fileOf('application/json', index.body),
  ];
  const record = attributionRecordSchema.parse({
    schema: 'openledger.attribution/1',
    base: base.name,
    modelHash: base.modelHash,
    adapterHash,
    tokenizerHash: base.tokenizerHash,
    runtimeHash,
    datanets,
    datasetRoot,
    rows: rows.contributions.length,
    foreignRows: rows.contributions.length - owned.contributions.length,
    sequence,
    projection,
    gradientStoreRoot: storeRoot(store),
    suffixArrayRoot: spanIndexRoot(spans),
    files: { gradients: nameOf(storeFiles!), spans: nameOf(spanFiles), clusters: nameOf(clusterFiles!) },
  } satisfies AttributionRecord);
  const recordFile = jsonFile(record);
  const files = [...storeFiles!, ...spanFiles, ...clusterFiles!, foreign, recordFile];
  return { record, recordHash: recordFile.hash, files, store, rows: owned, clusters };
};

/** The rows of contributions, then foreign ones, spread over the foreign texts. */
export const withForeign = (
  owned: OwnedRows,
  {
    foreign,
    foreignRows,
    tokenizer,
    sequence,
  }: Pick<BuildOptions, 'foreign' | 'foreignRows' | 'tokenizer' | 'sequence'>,
): Pick<OwnedRows, 'rows' | 'contributions'> => {
  const others = rowsOf([{ contributionId: 0n, body: foreign }], { tokenizer, sequence });
  const there = others.contributions.length;
  if (foreignRows < 1 || there < foreignRows) {
    throw new VersionError(`The foreign texts give ${there} rows; ${foreignRows} were asked, and 1 is the least`);
  }
  const taken = spreadRows(others.rows, foreignRows);
  const both = (one: Int32Array, other: Int32Array): Int32Array => {
    const all = new Int32Array(one.length + other.length);
    all.set(one);
    all.set(other, one.length);
    return all;
  };
  return {
    rows: { sequence, ids: both(owned.rows.ids, taken.ids), labels: both(owned.rows.labels, taken.labels) },
    contributions: [...owned.contributions, ...Array.from({ length: foreignRows }, () => 0n)],
  };
};

/** Foreign rows are each its own: nobody is paid for them. */
const clustersOf = (
  { rows }: Pick<OwnedRows, 'rows'>,
  owned: number,
  duplicates: Algorithm['duplicates'],
): Uint32Array => {
  const learned = learnedOf(rows);
  const clusters = Uint32Array.from(learned.keys());
  clusters.set(clusterRows(learned.slice(0, owned), duplicates));
  return clusters;
};

const littleEndian = (values: Uint32Array): Uint8Array => {
  const bytes = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, at) => {
    bytes.setUint32(4 * at, value, true);
  });
  return new Uint8Array(bytes.buffer);
};

const bytesType = 'application/octet-stream';

const nameOf = (files: readonly NewFile[]): Hex => files.at(-1)!.hash;
