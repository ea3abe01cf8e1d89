import { expect, test } from 'vitest';
import { type Job, runTraining } from '../src/factory/index.ts';
import { graft, initialArrays, modulesOf, newConfig, sharedOptions } from '../src/lora/index.ts';
import { readModelFile } from '../src/onnx/index.ts';
import { type Architecture, exportsOf, modelPath } from './reference.ts';

const cases = (['gpt2', 'llama'] as const).flatMap((architecture: Architecture) =>
  exportsOf(architecture).map((exporter) => ({ architecture, exporter })),
);

test.each(cases)('an adapter is trained on $architecture by the $exporter exporter', async ({
  architecture,
  exporter,
}) => {
  const base = await readModelFile(modelPath(architecture, exporter));
  const config = newConfig({ rank: 2, alpha: 4, targetModules: architecture === 'gpt2' ? ['c_attn'] : ['q_proj'] });
  const grafted = graft(base, sharedOptions(config, modulesOf(base)));
  // One sentence again and again: whatever the model, its loss falls.
  const ids = Int32Array.from({ length: 4 * 10 }, (_, at) => 3 + (((at % 10) * 7) % 100));
  const losses: number[] = [];
  const job: Job = {
    model: grafted.model,
    parameters: [...initialArrays(grafted, 1)].map(([name, { dims, values }]) => ({
      name,
      dims,
      values,
      decays: true,
    })),
    data: { sequence: 10, ids, labels: ids },
    heldOut: { sequence: 10, ids, labels: ids },
    batch: 4,
    schedule: { peak: 0.05, warmup: 1, steps: 6, decay: 'cosine', floor: 0.01 },
    evaluation: { every: 3 },
    seed: 1,
    threads: 1,
  };
  const { best } = await runTraining(job, {
    onProgress: (progress) => {
      if (progress.kind === 'step') losses.push(progress.loss);
    },
  });
  expect(losses).toHaveLength(6);
  expect(best!.loss).toBeLessThan(losses[0]! * 0.95);
});
