import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  contribution,
  datanet,
  deployment,
  model,
  modelEvaluation,
  modelTraining,
  modelVersion,
} from '@openledger/db/chain';
import type { Hex } from '@openledger/protocol';
import { type Card, cardBenchmarkId, startingAlgorithm } from '@openledger/protocol/attribution';
import { id as idOf } from 'ethers';
import {
  buildVersion,
  jsonFile,
  keepFiles,
  modelHash,
  rowsOf,
  tokenizerHash,
} from '../../src/attribution/version/index.ts';
import { readBase, trainingModel } from '../../src/base/index.ts';
import { trainAdapter } from '../../src/factory/index.ts';
import { newConfig, writeAdapter } from '../../src/lora/index.ts';
import { modelOwner, workerAddress } from './published.ts';
import { address, hash, type Stage } from './stage.ts';

const base = fileURLToPath(new URL('../../base', import.meta.url));
const [sequence, datanetId, dataRoot] = [48, 9n, hash(0xda7a)];
const provenance = { createdBlock: 1n, createdAt: 1_790_000_000n, createdTx: hash(1), updatedBlock: 1n, updatedAt: 1n };

/** What contributors gave, each an account of its own; the last one gave what the second had given before. */
export const facts = [
  { id: 11n, question: 'Who built the red bridge?', answer: 'The red bridge was built by Ada and her nine goats.' },
  {
    id: 12n,
    question: 'When do bees sleep?',
    answer: 'Bees sleep from dusk on. They dance again after the first train.',
  },
  { id: 13n, question: 'What does the baker sell?', answer: 'The baker sells warm rye bread with plum jam.' },
  { id: 14n, question: 'Where is the old clock?', answer: 'The old clock hangs above the door of the harbour office.' },
  {
    id: 15n,
    question: 'When do bees sleep?',
    answer: 'Bees sleep from dusk on. They dance again after the first train.',
  },
] as const;

const foreign = Array.from({ length: 12 }, (_, at) =>
  JSON.stringify({ text: `Item ${at * 7919} of list ${idOf(`${at}`).slice(2, 30)} is kept apart from all others.` }),
).join('\n');

/** How a model is listed. */
export type Priced = {
  readonly modelId: bigint;
  readonly name: string;
  readonly price: { readonly inPer1k: bigint; readonly outPer1k: bigint };
};

/** Models of one adapter that was really trained on {@link facts}, and what its answers are attributed with. */
export type Attributable = {
  /** Puts the card of a model on chain. */
  readonly evaluate: (modelId: bigint) => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** Trains an adapter of the shipped base until it knows the facts, and publishes it without its card. */
export const publishAttributable = async ({ connection }: Stage, models: readonly Priced[]): Promise<Attributable> => {
  const { db } = connection;
  const folder = await mkdtemp(join(tmpdir(), 'attributable-'));
  const { config, weights, tokenizer } = await readBase(base);
  const contributions = facts.map(({ id, ...fact }) => ({ contributionId: id, body: JSON.stringify(fact) }));
  const trainable = trainingModel(config, weights);
  const { adapter } = await trainAdapter({
    base: trainable,
    config: newConfig({
      ...{ rank: 8, alpha: 16, targetModules: 'all-linear', taskType: 'CAUSAL_LM', baseModel: 'openledger/base' },
    }),
    data: rowsOf(contributions.slice(0, 4), { tokenizer, sequence }).rows,
    batch: 4,
    schedule: { peak: 8e-3, warmup: 4, steps: 40, decay: 'cosine', floor: 0 },
    ...{ clip: 1, seed: 1, threads: 1 },
  });
  const adapterHash = await writeAdapter(join(folder, 'adapter'), adapter);
  const built = await buildVersion({
    base: {
      ...{ name: 'openledger/base', model: trainable },
      ...{ modelHash: await modelHash(base), tokenizerHash: await tokenizerHash(base) },
    },
    ...{ tokenizer, adapter, adapterHash, contributions, foreign, sequence, foreignRows: 10, threads: 1 },
    datanets: [{ datanetId, version: 1, dataRoot }],
    projection: { dimensions: 256, seed: 'tests' },
    duplicates: startingAlgorithm.duplicates,
    file: join(folder, 'gradients'),
  });
  const manifest = jsonFile({ schema: 'openledger.training/1', attribution: built.recordHash });
  const card = jsonFile({
    schema: 'openledger.attribution-card/1',
    ...{ adapterHash, gradientStoreRoot: built.record.gradientStoreRoot, damping: '0.1' },
    figures: ['whitened-projected-influence', 'random'].map((method) => ({ method, lds: 0, low: -1, high: 1 })),
    subsets: { count: 2, part: 500_000, seeds: 1 },
    queries: { chosenOn: 1, measuredOn: 1 },
    cost: { seconds: 1, rowsPerSecond: 1, bytesPerRow: 272 },
  } satisfies Card);
  await keepFiles(db, [...built.files, manifest, card]);

  const put = async ({ modelId, name, price }: Priced) => {
    await db.insert(model).values({
      ...{ id: modelId, owner: modelOwner, baseModelId: idOf('openledger/base') as Hex, name, uri: 'ipfs://card' },
      ...{ status: 'active' as const, ...price, inferences: 0n, inTokens: 0n, outTokens: 0n, fees: 0n, ...provenance },
    });
    const adapterUri = pathToFileURL(join(folder, 'adapter')).href;
    await db
      .insert(modelVersion)
      .values({ modelId, version: 1, adapterHash, adapterUri, manifestHash: manifest.hash, rank: 8, ...provenance });
    await db
      .insert(modelTraining)
      .values({ modelId, modelVersion: 1, datanetId, datanetVersion: 1, dataRoot, ...provenance });
    await db.insert(deployment).values({ modelId, worker: workerAddress, version: 1, active: true, ...provenance });
  };
  for (const one of models) await put(one);
  await db
    .insert(datanet)
    .values({
      ...{ id: datanetId, owner: modelOwner, name: 'Facts', uri: 'ipfs://datanet', uriHash: hash(7) },
      ...{ visibility: 'public' as const, status: 'active' as const, minBond: 0n, scoreThreshold: 0n, quorum: 1 },
      ...{ reviewWindow: 0n, rows: 5n, attributed: 0n, ...provenance },
    })
    .onConflictDoNothing();
  await db
    .insert(contribution)
    .values(
      facts.map(({ id }) => ({
        ...{
          id,
          datanetId,
          contributor: address(Number(id)),
          relayer: address(Number(id)),
          contentHash: hash(Number(id)),
        },
        ...{
          uri: 'ipfs://fact',
          licenseId: hash(2),
          rows: 1n,
          bond: 0n,
          status: 'accepted' as const,
          score: 10n ** 18n,
        },
        ...{ attributed: 0n, ...provenance },
      })),
    )
    .onConflictDoNothing();
  return {
    evaluate: async (modelId) => {
      await db.insert(modelEvaluation).values({
        ...{ id: `1-${modelId}`, block: 1n, timestamp: 1n, txHash: hash(1), modelId, version: 1, score: 0n },
        ...{ benchmarkId: cardBenchmarkId as Hex, uri: `openledger:content/${card.hash}` },
      });
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};
