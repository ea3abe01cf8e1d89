import { join } from 'node:path';
import { momentRows, whiten } from '@openledger/gpu-worker/attribution/influence';
import {
  type Body,
  type BuiltVersion,
  buildVersion,
  jsonFile,
  modelHash,
  openVersion,
  rowsOf,
  tokenizerHash,
  type VersionData,
  withoutCopies,
} from '@openledger/gpu-worker/attribution/version';
import { type Base, trainingModel } from '@openledger/gpu-worker/base';
import { trainAdapter } from '@openledger/gpu-worker/factory';
import { type Adapter, newConfig, writeAdapter } from '@openledger/gpu-worker/lora';
import type { Hex } from '@openledger/protocol';
import { type Card, startingAlgorithm } from '@openledger/protocol/attribution';
import { id } from 'ethers';
import { bodyOf, drawFacts } from './facts.ts';

export type Published = {
  readonly version: VersionData;
  readonly adapter: Adapter;
  readonly adapterHash: Hex;
  /** As a PEFT folder. */
  readonly adapterFolder: string;
  /** Rows of gradients in a second, one at a time on one thread. */
  readonly rowsPerSecond: number;
};

export type PublishOptions = {
  readonly base: Base & { readonly folder: string };
  readonly contributions: readonly Body[];
  /** The account of each contribution. */
  readonly accountOf: (contributionId: bigint) => Hex;
  readonly folder: string;
  readonly steps: number;
  readonly threads: number;
  /** Whether copies are learned as often as they are there. */
  readonly learnsCopies?: boolean;
};

export const sequence = 64;
export const projection = { dimensions: 1_024, seed: 'bench' };
const damping = '1';
const { duplicates } = startingAlgorithm;

/**
 * An adapter of the shipped base, trained on contributions and made attributable as an operator does it, but for the chain: rows,
 * clusters, spans, gradients, H. The damping is not chosen by a card here.
 */
export const publish = async (options: PublishOptions): Promise<Published> => {
  const { base, contributions, folder, steps, threads, learnsCopies = false } = options;
  const { config, weights, tokenizer } = base;
  const model = trainingModel(config, weights);
  const owned = rowsOf(contributions, { tokenizer, sequence });
  const { adapter } = await trainAdapter({
    base: model,
    config: newConfig({ rank: 8, alpha: 16, targetModules: 'all-linear', taskType: 'CAUSAL_LM' }),
    data: learnsCopies ? owned.rows : withoutCopies(owned.rows, duplicates),
    batch: 16,
    schedule: { peak: 4e-3, warmup: 4, steps, decay: 'cosine', floor: 0 },
    clip: 1,
    seed: 1,
    threads,
  });
  const adapterFolder = join(folder, 'adapter');
  const adapterHash = await writeAdapter(adapterFolder, adapter);
  let [first, last, rows] = [0, 0, 0];
  const built = await buildVersion({
    base: {
      name: 'openledger/base',
      model,
      modelHash: await modelHash(base.folder),
      tokenizerHash: await tokenizerHash(base.folder),
    },
    tokenizer,
    adapter,
    adapterHash,
    datanets: [{ datanetId: 1n, version: 1, dataRoot: id('facts') as Hex }],
    contributions,
    foreign: bodyOf(drawFacts(40, 99)),
    foreignRows: 40,
    sequence,
    projection,
    duplicates,
    file: join(folder, 'gradients'),
    threads: 1,
    onProgress: ({ done }) => {
      last = performance.now();
      if (first === 0) [first, rows] = [last, done];
      if (done > rows) rows = done;
    },
  });
  const version = await opened(built, options);
  return { version, adapter, adapterHash, adapterFolder, rowsPerSecond: (1_000 * (rows - 1)) / (last - first) };
};

/** As a worker opens what an owner put on chain and into the content store. */
const opened = async (built: BuiltVersion, { contributions, accountOf }: PublishOptions): Promise<VersionData> => {
  const manifest = jsonFile({ schema: 'openledger.training/1', attribution: built.recordHash });
  const card = jsonFile(cardOf(built));
  const files = new Map([...built.files, manifest, card].map(({ hash, body }) => [hash, body]));
  const bodies = new Map(contributions.map(({ contributionId, body }) => [contributionId, body]));
  return openVersion({
    read: async (hash) => files.get(hash),
    onChain: {
      modelId: 1n,
      version: 1,
      adapterHash: built.record.adapterHash,
      manifestHash: manifest.hash,
      datanets: built.record.datanets.map(({ datanetId, ...one }) => ({ datanetId: BigInt(datanetId), ...one })),
      cardUris: [`openledger:content/${card.hash}`],
    },
    contributionsOf: async (ids) =>
      new Map(ids.map((id) => [id, { contentHash: idOf(bodies.get(id)!), contributor: accountOf(id) }])),
  });
};

/** Only its damping is used: what a card measures is measured elsewhere. */
const cardOf = ({ record, store }: BuiltVersion): Card => ({
  schema: 'openledger.attribution-card/1',
  adapterHash: record.adapterHash,
  gradientStoreRoot: record.gradientStoreRoot,
  damping,
  figures: ['whitened-projected-influence', 'random'].map((method) => ({ method, lds: 0, low: -1, high: 1 })),
  subsets: { count: 2, part: 500_000, seeds: 1 },
  queries: { chosenOn: 1, measuredOn: 1 },
  cost: { seconds: 0, rowsPerSecond: 0, bytesPerRow: store.records.length / store.count },
});

const idOf = (text: string): Hex => id(text) as Hex;

/** What it would be if nobody looked for copies. */
export const blind = (version: VersionData): VersionData => {
  const { store } = version;
  const clusters = version.clusters.map((_, row) => row);
  const whitening = whiten(momentRows(store, clusters), { damping: Number(version.card.damping) });
  const norms = Float64Array.from(clusters, (row) => whitening.norm(store.valuesOf(row)) * 2 ** store.exponentOf(row));
  return { ...version, clusters, whitening, norms };
};
