import { expect, test } from 'vitest';
import { initialise, trainingModel } from '../base/index.ts';
import { type Job, packDocuments, runTraining } from '../factory/index.ts';
import { inferShapes } from '../onnx/index.ts';
import { createBank, writeSlot } from './bank.ts';
import { encodeAdapter, parseAdapter } from './folder.ts';
import { graft } from './graft.ts';
import { modulesOf } from './modules.ts';
import { newConfig } from './newConfig.ts';
import { f32, i64, largestDifference, run } from './testing.ts';
import { initialArrays, sharedOptions, toPeft } from './training.ts';

// From the first step of training to a request's answer: graft, train, PEFT files, bank.

const config = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  bos_token_id: 0,
  eos_token_id: 0,
  pad_token_id: 0,
};

test('what was trained is what its files serve', async () => {
  const base = inferShapes(trainingModel(config, initialise(config, 1)));
  const adapter = newConfig({
    rank: 3,
    alpha: 12,
    targetModules: ['q_proj', 'v_proj', 'down_proj'],
    isRankStabilised: true,
  });
  const shared = graft(base, sharedOptions(adapter, modulesOf(base)));
  const parameters = [...initialArrays(shared, 3)].map(([name, array]) => ({ name, ...array, decays: true }));
  const job: Job = {
    model: shared.model,
    parameters,
    data: packDocuments([Array.from({ length: 120 }, (_, at) => 1 + (at % 5))], { sequence: 12, separator: 0 }),
    batch: 4,
    schedule: { peak: 0.02, warmup: 2, steps: 30, decay: 'linear', floor: 0 },
    seed: 5,
    threads: 1,
  };
  const losses: number[] = [];
  const trained = await runTraining(job, {
    onProgress: (progress) => {
      if (progress.kind === 'step') losses.push(progress.loss);
    },
  });
  expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.1);

  const ids = i64([1, 2, 3, 4, 5, 1, 9, 8, 7, 6, 5, 4], [2, 6]);
  const arrays = trained.parameters.map(({ name, dims, values }) => [name, f32(dims, values)] as const);
  const expected = await run(shared.model, { input_ids: ids, ...Object.fromEntries(arrays) });

  const files = encodeAdapter(toPeft(shared, new Map(trained.parameters.map((kept) => [kept.name, kept])), adapter));
  const served = graft(base, { kind: 'bank', targets: modulesOf(base).map(({ name }) => name), rank: 8 });
  const bank = createBank(served, { slots: 3 });
  writeSlot(bank, 2, parseAdapter(files));
  const feeds = Object.fromEntries([...bank.feeds].map(([name, { data, dims }]) => [name, f32(dims, data)]));
  const answer = await run(served.model, { input_ids: ids, slot: i64([2, 2]), ...feeds });
  expect(largestDifference(answer, expected)).toBeLessThan(1e-5);
  const plain = await run(base, { input_ids: ids });
  expect(largestDifference(answer, plain)).toBeGreaterThan(0.01);
  expect(await run(served.model, { input_ids: ids, slot: i64([0, 1]), ...feeds })).toEqual(plain);
});
