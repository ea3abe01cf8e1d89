import { readFile } from 'node:fs/promises';
import type { Hex } from '@openledger/protocol';
import { type Algorithm, type AttributionRecord, attributionRecordSchema } from '@openledger/protocol/attribution';
import type { Adapter } from '../../lora/index.ts';
import type { Model } from '../../onnx/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import {
  extractGradients,
  type GradientRows,
  type GradientStore,
  momentRows,
  parseStore,
  storeRoot,
} from '../influence/index.ts';
import { buildSpanIndex, encodeSpanIndex, type SpanIndex, spanIndexRoot } from '../spans/index.ts';
import { clustersOf, encodeClusters } from './clusters.ts';
import { VersionError } from './errors.ts';
import { fileOf, filesOf, jsonFile, type NewFile } from './files.ts';
import { withForeign } from './foreign.ts';
import { runtimeHash } from './hashes.ts';
import { buildMoment, firstsOf } from './moment.ts';
import { datasetRootOf } from './openVersion.ts';
import { type Body, type OwnedRows, rowsOf } from './rows.ts';

export type BuildOptions = {
  /** A causal model without an adapter, `input_ids` in, logits out, and what it is called. */
  readonly base: { readonly name: string; readonly model: Model; readonly modelHash: Hex; readonly tokenizerHash: Hex };
  readonly tokenizer: Tokenizer;
  readonly adapter: Adapter;
  readonly adapterHash: Hex;
  /** Datanet versions that the adapter was trained on, and the contributions of theirs that were. */
  readonly datanets: readonly { readonly datanetId: bigint; readonly version: number; readonly dataRoot: Hex }[];
  readonly contributions: readonly Body[];
  /** Texts that neither the base nor any datanet has, as a contribution's body; so many rows of them. */
  readonly foreign: string;
  readonly foreignRows: number;
  readonly sequence: number;
  /** Of a contribution, as the training took them. */
  readonly mostTexts?: number;
  readonly projection: { readonly dimensions: number; readonly seed: string };
  readonly duplicates: Algorithm['duplicates'];
  /** How often labels are drawn for H, and by which seed; without it H is of the rows' own labels. */
  readonly moment?: { readonly draws: number; readonly seed: number };
  /** The span index of an earlier version: what it holds is not sorted again. */
  readonly spansBefore?: SpanIndex;
  /** The store of gradients is written here, row by row, and H's beside it; one that was begun is gone on with. */
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
  /** What H is of. */
  readonly moment: GradientRows;
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
  const clusters = clustersOf(rows.rows, owned.contributions.length, duplicates);
  const drawn = (options.moment?.draws ?? 0) * firstsOf(owned.rows, clusters).length;
  const follow = (before: number) => ({
    ...(signal && { signal }),
    ...(options.onProgress && {
      onProgress: ({ done }: { done: number }) =>
        options.onProgress!({ done: before + done, rows: rows.contributions.length + drawn }),
    }),
  });
  const settings = {
    base: base.modelHash,
    adapter: adapterHash,
    dataset: datasetRoot,
    foreign: foreign.hash,
    runtime: runtimeHash,
  };
  const done = await extractGradients(base.model, {
    adapter,
    ...projection,
    batch: 1,
    threads: options.threads,
    file,
    rows: rows.rows,
    contributions: rows.contributions,
    settings,
    ...follow(0),
  });
  if (done < rows.contributions.length) throw signal?.reason ?? new VersionError(`Only ${done} rows were computed`);
  const gradients = await readFile(file);
  const store = parseStore(gradients, file);
  const moment =
    options.moment &&
    (await buildMoment(base.model, {
      ...options.moment,
      adapter,
      dimensions: projection.dimensions,
      projectionSeed: projection.seed,
      threads: options.threads,
      file: `${file}.moment`,
      settings,
      rows: owned.rows,
      clusters,
      ...follow(done),
    }));
  const spans = buildSpanIndex({
    documents: owned.documents,
    tokenizerHash: base.tokenizerHash,
    vocabSize: tokenizer.vocabSize,
    ...(options.spansBefore && { before: options.spansBefore }),
  });
  const index = encodeSpanIndex(spans);
  const [storeFiles, clusterFiles] = [gradients, encodeClusters(clusters)].map((body) => filesOf(bytesType, body));
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
    ...(moment && { moment: moment.record }),
    suffixArrayRoot: spanIndexRoot(spans),
    files: { gradients: nameOf(storeFiles!), spans: nameOf(spanFiles), clusters: nameOf(clusterFiles!) },
  } satisfies AttributionRecord);
  const recordFile = jsonFile(record);
  const files = [...storeFiles!, ...(moment?.files ?? []), ...spanFiles, ...clusterFiles!, foreign, recordFile];
  const ofH = moment?.store ?? momentRows(store, clusters);
  return { record, recordHash: recordFile.hash, files, store, moment: ofH, rows: owned, clusters };
};

const bytesType = 'application/octet-stream';

const nameOf = (files: readonly NewFile[]): Hex => files.at(-1)!.hash;
