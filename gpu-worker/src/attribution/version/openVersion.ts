import type { Hex } from '@openledger/protocol';
import {
  type AttributionRecord,
  attributionRecordSchema,
  type Card,
  cardSchema,
} from '@openledger/protocol/attribution';
import { concat, keccak256 } from 'ethers';
import { z } from 'zod';
import {
  type GradientRows,
  type GradientStore,
  momentRows,
  parseStore,
  storeRoot,
  whiten,
} from '../influence/index.ts';
import { openSpanIndex, spanIndexRoot } from '../spans/index.ts';
import { VersionError } from './errors.ts';
import { type ReadFile, readFileOf } from './files.ts';
import type { VersionOnChain } from './onChain.ts';
import type { KnownContribution, VersionData } from './versionData.ts';

export type OpenOptions = {
  readonly read: ReadFile;
  readonly onChain: VersionOnChain;
  /** As the chain knows them. */
  readonly contributionsOf: (ids: readonly bigint[]) => Promise<ReadonlyMap<bigint, KnownContribution>>;
};

/** Of a training record, what attribution needs; builders say there what else they like. */
const trainingRecord = z.looseObject({
  schema: z.literal('openledger.training/1'),
  attribution: attributionRecordSchema.shape.gradientStoreRoot.optional(),
});

/**
 * Reads what a version is attributed with, and checks all of it against what stands on chain: training record, attribution
 * record, adapter, datanet versions, roots, card.
 *
 * @throws VersionError when the version was published without it, has no card yet, or something is missing or not what its root says.
 */
export const openVersion = async ({ read, onChain, contributionsOf }: OpenOptions): Promise<VersionData> => {
  const { modelId, version, manifestHash } = onChain;
  const { recordHash, record } = await readRecord(read, onChain);
  const { cardHash, card } = await readCard(read, onChain, record);
  const store = await readGradients(read, record);
  const clusters = await readClusters(read, record);
  const spans = await openSpanIndex(await readFileOf(read, record.files.spans, 'the span index'), read);
  same('the root of the span index', spanIndexRoot(spans), record.suffixArrayRoot);
  same('the tokenizer of the span index', spans.tokenizerHash, record.tokenizerHash);
  const contributions = await owners(store, record, contributionsOf);
  const whitening = whiten(await readMoment(read, record, { store, clusters }), { damping: Number(card.damping) });
  const norms = Float64Array.from({ length: store.count }, (_, row) => normOf(store, row, whitening.norm));
  return {
    modelId,
    version,
    manifestHash,
    recordHash,
    record,
    cardHash,
    card,
    store,
    whitening,
    norms,
    clusters,
    spans,
    contributions,
  };
};

/** `datasetRoot`: the one root, or keccak256 of all of them, one after another. */
export const datasetRootOf = (roots: readonly Hex[]): Hex =>
  roots.length === 1 ? roots[0]! : (keccak256(concat(roots)) as Hex);

/** @throws VersionError */
export const readRecord = async (
  read: ReadFile,
  { modelId, version, manifestHash, adapterHash, datanets }: VersionOnChain,
): Promise<{ recordHash: Hex; record: AttributionRecord }> => {
  const what = `version ${version} of model ${modelId}`;
  const { attribution } = parsed(
    trainingRecord,
    await readFileOf(read, manifestHash, `the training record of ${what}`),
  );
  if (attribution === undefined) {
    throw new VersionError(
      `The training record of ${what} names no attribution record: its answers cannot be attributed`,
    );
  }
  const record = parsed(
    attributionRecordSchema,
    await readFileOf(read, attribution, `the attribution record of ${what}`),
  );
  same(`the adapter of the attribution record of ${what}`, record.adapterHash, adapterHash);
  const trained = (list: readonly { datanetId: bigint | string; version: number; dataRoot: string }[]) =>
    list.map((one) => `version ${one.version} of datanet ${one.datanetId} (${one.dataRoot})`).join(', ');
  same(`the datanets of the attribution record of ${what}`, trained(record.datanets), trained(datanets));
  same(`datasetRoot of ${what}`, record.datasetRoot, datasetRootOf(record.datanets.map(({ dataRoot }) => dataRoot)));
  return { recordHash: attribution, record };
};

/** The latest card that is of this very version. @throws VersionError when there is none. */
export const readCard = async (
  read: ReadFile,
  { modelId, version, cardUris }: VersionOnChain,
  record: AttributionRecord,
): Promise<{ cardHash: Hex; card: Card }> => {
  const refused: string[] = [];
  for (const uri of cardUris) {
    const cardHash = /^openledger:content\/(0x[0-9a-f]{64})$/.exec(uri)?.[1] as Hex | undefined;
    try {
      if (cardHash === undefined) throw new VersionError(`${uri.slice(0, 100)} is not openledger:content/0x…`);
      const card = parsed(cardSchema, await readFileOf(read, cardHash, 'the attribution card'));
      same('its adapter', card.adapterHash, record.adapterHash);
      same('its gradients', card.gradientStoreRoot, record.gradientStoreRoot);
      return { cardHash, card };
    } catch (error) {
      refused.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new VersionError(
    `Version ${version} of model ${modelId} has no attribution card on chain: its owner evaluates it with one before anyone is paid` +
      (refused.length === 0 ? '' : ` (${refused.join('; ')})`),
  );
};

/** @throws VersionError, InfluenceError */
export const readGradients = async (read: ReadFile, record: AttributionRecord): Promise<GradientStore> => {
  const store = parseStore(await readFileOf(read, record.files.gradients, 'the gradient store'), 'the gradient store');
  same('the number of rows', String(store.count), String(record.rows));
  same('the root of the gradient store', storeRoot(store), record.gradientStoreRoot);
  madeWith('the gradient store', store, settingsOf(record));
  if (record.foreignRows >= record.rows) throw new VersionError('The gradient store has foreign rows only');
  for (let row = 0; row < store.count; row++) {
    const isForeign = row >= record.rows - record.foreignRows;
    const owner = store.contributionOf(row);
    if ((owner === 0n) !== isForeign || (row > 0 && !isForeign && owner < store.contributionOf(row - 1))) {
      throw new VersionError(
        `Row ${row} of the gradient store is of contribution ${owner}: rows come ascending by contribution, the last ${record.foreignRows} are foreign, of 0`,
      );
    }
  }
  return store;
};

/** What a store of a version was made with; all of it is part of its root. */
const settingsOf = (record: Omit<AttributionRecord, 'schema'>) => ({
  base: record.modelHash,
  adapter: record.adapterHash,
  dataset: record.datasetRoot,
  runtime: record.runtimeHash,
  sequence: record.sequence,
  batch: 1,
  ...record.projection,
});

const madeWith = (
  name: string,
  { settings }: GradientStore,
  wanted: Readonly<Record<string, string | number>>,
): void => {
  for (const [what, value] of Object.entries(wanted)) same(`${what} of ${name}`, `${settings[what]}`, `${value}`);
};

/** What H is of: the store that the record names, or its rows themselves, without foreign ones and copies. @throws VersionError */
export const readMoment = async (
  read: ReadFile,
  record: AttributionRecord,
  { store, clusters }: Pick<VersionData, 'store' | 'clusters'>,
): Promise<GradientRows> => {
  const { moment } = record;
  if (moment === undefined) return momentRows(store, clusters);
  const name = 'the store of gradients that H is of';
  const found = parseStore(await readFileOf(read, moment.file, name), name);
  same(`the number of rows of ${name}`, String(found.count), String(moment.rows));
  same(`the root of ${name}`, storeRoot(found), moment.root);
  same(`the numbers of φ in ${name}`, String(found.size), String(store.size));
  madeWith(name, found, { ...settingsOf(record), draws: moment.draws, labels: moment.seed });
  return found;
};

/** uint32, little-endian, one for each row. @throws VersionError */
export const readClusters = async (read: ReadFile, record: AttributionRecord): Promise<Uint32Array> => {
  const bytes = await readFileOf(read, record.files.clusters, 'the clusters of rows');
  same('the bytes of the clusters of rows', String(bytes.length), String(4 * record.rows));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const clusters = Uint32Array.from({ length: record.rows }, (_, row) => view.getUint32(4 * row, true));
  const wrong = clusters.findIndex((first, row) => first > row || clusters[first] !== first);
  if (wrong >= 0)
    throw new VersionError(
      `Row ${wrong} is said to be as row ${clusters[wrong]}, which is not the first of its cluster`,
    );
  return clusters;
};

const owners = async (
  store: GradientStore,
  { rows, foreignRows }: AttributionRecord,
  contributionsOf: OpenOptions['contributionsOf'],
): Promise<ReadonlyMap<bigint, KnownContribution>> => {
  const ids = new Set(Array.from({ length: rows - foreignRows }, (_, row) => store.contributionOf(row)));
  const known = await contributionsOf([...ids]);
  const missing = [...ids].find((id) => !known.has(id));
  if (missing !== undefined) throw new VersionError(`Contribution ${missing}, which has gradients, is not on chain`);
  return known;
};

const normOf = (store: GradientStore, row: number, norm: (gradient: Float64Array) => number): number => {
  const step = 2 ** store.exponentOf(row);
  return norm(Float64Array.from(store.valuesOf(row), (value) => value * step));
};

const parsed = <Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.output<Schema> => {
  const result = schema.safeParse(jsonOf(bytes));
  if (!result.success) throw new VersionError(`A document is not as it should be: ${z.prettifyError(result.error)}`);
  return result.data;
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
};

const same = (what: string, found: string, wanted: string): void => {
  if (found !== wanted) throw new VersionError(`${what} is ${found}, not ${wanted}`);
};
