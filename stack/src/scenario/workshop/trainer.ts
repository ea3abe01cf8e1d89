import { constants, setPriority } from 'node:os';
import { readBase, trainingModel } from '@openledger/gpu-worker/base';
import {
  evaluate,
  learnedTokens,
  packDocuments,
  type Rows,
  rowCount,
  trainAdapter,
} from '@openledger/gpu-worker/factory';
import { encodeAdapter, hashFiles, newConfig } from '@openledger/gpu-worker/lora';
import type { Training, TrainingNews, TrainingOrder } from './messages.ts';
import { recipe } from './recipe.ts';

// A process of its own: it yields to everything else on the machine, and what it took of memory ends with it.

const tell = (news: TrainingNews) => process.send?.(news);
const tellLast = (news: TrainingNews) => process.send?.(news, undefined, undefined, () => process.disconnect());

process.once('message', (order: TrainingOrder) => {
  trainOne(order).then(
    (training) => tellLast({ kind: 'trained', training }),
    (error: unknown) => tellLast({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) }),
  );
});
// Also when whoever ordered it is killed.
process.once('disconnect', () => process.exit());

async function trainOne({ base, train, heldOut, seed }: TrainingOrder): Promise<Training> {
  setPriority(constants.priority.PRIORITY_LOW);
  const { config, weights, tokenizer } = await readBase(base);
  const { rank, alpha, targetModules, sequence, batch, schedule, clip, threads } = recipe;
  const rows = (documents: readonly string[]) =>
    packDocuments(
      documents.map((document) => tokenizer.encode(document)),
      { sequence, separator: tokenizer.special.end! },
    );
  const data = rows(train);
  const scored = first(rows(heldOut), recipe.heldOutRows);
  const model = trainingModel(config, weights);
  const before = await evaluate(model, { rows: scored, batch, threads });
  const { adapter, best } = await trainAdapter(
    {
      base: model,
      config: newConfig({ rank, alpha, targetModules, taskType: 'CAUSAL_LM', baseModel: 'openledger/base' }),
      data,
      heldOut: scored,
      batch,
      schedule,
      // Once, at the end: what is held out decides nothing but whether the version is published.
      evaluation: { every: schedule.steps },
      clip,
      seed,
      threads,
    },
    {
      onProgress: (progress) => {
        if (progress.kind === 'step') tell({ kind: 'progress', done: progress.step / progress.steps });
      },
    },
  );
  const files = encodeAdapter(adapter);
  return {
    hash: hashFiles(files),
    files,
    lossBefore: before.perToken,
    lossAfter: best!.loss,
    trainedTokens: learnedTokens(data),
    heldOutTokens: before.tokens,
  };
}

function first({ sequence, ids, labels }: Rows, count: number): Rows {
  const length = Math.min(count, rowCount({ sequence, ids, labels })) * sequence;
  return { sequence, ids: ids.slice(0, length), labels: labels.slice(0, length) };
}
