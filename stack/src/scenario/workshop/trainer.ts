import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCard } from '@openledger/gpu-worker/attribution/card';
import { parseStore, storeRoot } from '@openledger/gpu-worker/attribution/influence';
import {
  type Body,
  buildVersion,
  leftOf,
  modelHash,
  type OwnedRows,
  rowsOf,
  spreadRows,
  tokenizerHash,
  withoutCopies,
} from '@openledger/gpu-worker/attribution/version';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import { evaluate, learnedTokens, type Schedule, trainAdapter } from '@openledger/gpu-worker/factory';
import { type Adapter, encodeAdapter, hashFiles, newConfig, parseAdapter } from '@openledger/gpu-worker/lora';
import { startingAlgorithm } from '@openledger/protocol/attribution';
import type { CardOrder, Training, TrainingNews, TrainingOrder } from './messages.ts';
import type { Recipe } from './recipe.ts';

// A process of its own: it yields to everything else on the machine unless somebody waits for it, and what it took of memory ends with it.

const tell = (news: TrainingNews) => process.send?.(news);
const tellLast = (news: TrainingNews) => process.send?.(news, undefined, undefined, () => process.disconnect());

process.once('message', (order: TrainingOrder | CardOrder) => {
  if (process.argv[2] !== 'awaited') setPriority(constants.priority.PRIORITY_LOW);
  (order.kind === 'train' ? trainOne(order) : weighOne(order)).then(tellLast, (error: unknown) =>
    tellLast({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
// Also when whoever ordered it is killed.
process.once('disconnect', () => process.exit());

/** Parts of the whole: how far a training is when its adapter is trained. */
const trainedAt = 0.6;

async function trainOne(order: TrainingOrder): Promise<TrainingNews> {
  const { base, recipe, seed } = order;
  const { config, weights, tokenizer } = await readBase(base);
  const rows = (bodies: readonly Body[]): OwnedRows => rowsOf(bodies, { tokenizer, ...recipe });
  const data = withoutCopies(rows(order.train).rows, startingAlgorithm.duplicates);
  const scored = spreadRows(rows(order.heldOut).rows, recipe.heldOutRows);
  const model = trainingModel(config, weights);
  const { batch, threads, schedule } = recipe;
  const before = await evaluate(model, { rows: scored, batch, threads });
  const { adapter, best } = await trainAdapter(
    {
      ...jobOf(recipe, seed),
      base: model,
      data,
      heldOut: scored,
      // Once, at the end: what is held out decides nothing but whether the version is published.
      evaluation: { every: schedule.steps },
    },
    {
      onProgress: (progress) => {
        if (progress.kind === 'step') tell({ kind: 'progress', done: (trainedAt * progress.step) / progress.steps });
      },
    },
  );
  const files = encodeAdapter(adapter);
  const training = {
    hash: hashFiles(files),
    files,
    lossBefore: before.perToken,
    lossAfter: best!.loss,
    trainedTokens: learnedTokens(data),
    heldOutTokens: before.tokens,
  };
  const attribution = await attributionOf(order, { adapter, hash: training.hash });
  return { kind: 'trained', training: { ...training, attribution } };
}

const jobOf = ({ rank, alpha, targetModules, batch, schedule, clip, threads }: Recipe, seed: number) => ({
  config: newConfig({ rank, alpha, targetModules, taskType: 'CAUSAL_LM', baseModel: 'openledger/base' }),
  batch,
  schedule,
  clip,
  seed,
  threads,
});

const half = (schedule: Schedule) => ({ ...schedule, steps: Math.ceil(schedule.steps / 2) });

type Trained = { readonly adapter: Adapter; readonly hash: `0x${string}` };

async function attributionOf(order: TrainingOrder, { adapter, hash }: Trained): Promise<Training['attribution']> {
  const { base, baseName, recipe, datanet, train } = order;
  const { config, weights, tokenizer } = await readBase(base);
  const folder = await mkdtemp(join(tmpdir(), 'openledger-gradients-'));
  try {
    const file = join(folder, 'gradients');
    const begun = performance.now();
    const { sequence, mostTexts, threads, attribution } = recipe;
    const built = await buildVersion({
      base: {
        name: baseName,
        model: trainingModel(config, weights),
        modelHash: await modelHash(base),
        tokenizerHash: await tokenizerHash(base),
      },
      tokenizer,
      adapter,
      adapterHash: hash,
      datanets: [datanet],
      contributions: train,
      foreign: await readFile(join(base, 'foreign.jsonl'), 'utf8'),
      foreignRows: attribution.foreignRows,
      sequence,
      mostTexts,
      projection: attribution.projection,
      duplicates: startingAlgorithm.duplicates,
      file,
      threads,
      onProgress: ({ done, rows }) => tell({ kind: 'progress', done: trainedAt + ((1 - trainedAt) * done) / rows }),
    });
    const seconds = (performance.now() - begun) / 1_000;
    return {
      recordHash: built.recordHash,
      files: built.files.map(({ mediaType, body }) => ({ mediaType, body })),
      gradients: await readFile(file),
      rowsPerSecond: Math.floor(built.record.rows / seconds),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function weighOne({ base, recipe, seed, file, ...order }: CardOrder): Promise<TrainingNews> {
  const { config, weights, tokenizer } = await readBase(base);
  const { rows, contributions } = rowsOf(order.train, { tokenizer, ...recipe });
  // What people ask about: texts of the same hands, and of those that nothing was learned from.
  const asked = rowsOf([...leftOf(order.train, recipe.mostTexts), ...order.heldOut], { tokenizer, ...recipe });
  const queries = spreadRows(asked.rows, recipe.attribution.queries);
  const gradients = parseStore(order.gradients);
  const card = await makeCard({
    base: trainingModel(config, weights),
    adapter: parseAdapter(order.adapter),
    adapterHash: hashFiles(order.adapter),
    // Half of the rows, as often as all of them were.
    recipe: jobOf({ ...recipe, schedule: half(recipe.schedule) }, seed),
    rows,
    contributions,
    gradients,
    gradientStoreRoot: storeRoot(gradients),
    queries,
    subsets: recipe.attribution.subsets,
    rowsPerSecond: order.rowsPerSecond,
    file,
    onProgress: ({ done, retrainings }) => tell({ kind: 'progress', done: done / retrainings }),
  });
  return { kind: 'weighed', card };
}
