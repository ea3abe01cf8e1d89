import { mkdir, writeFile } from 'node:fs/promises';
import { asWeights, createRandom, type Job, runTraining } from '../src/factory/index.ts';
import {
  graft,
  initialArrays,
  modulesOf,
  type NewConfig,
  newConfig,
  sharedOptions,
  toPeft,
  writeAdapter,
  writeSafetensors,
} from '../src/lora/index.ts';
import { readModelFile } from '../src/onnx/index.ts';
import { type Architecture, feedsOf, fixtures, modelPath, referenceOf, run } from '../test/reference.ts';

// Trains a small adapter for each reference model, for peft to load (gpu-worker/fixtures/check.py).
//   node gpu-worker/scripts/writeReferences.ts

const configs: Record<Architecture, NewConfig> = {
  gpt2: { rank: 4, alpha: 8, targetModules: ['c_attn', 'c_fc', 'c_proj'], isFanInFanOut: true, taskType: 'CAUSAL_LM' },
  llama: {
    rank: 3,
    alpha: 6,
    targetModules: ['q_proj', 'o_proj', 'down_proj'],
    isRankStabilised: true,
    rankPattern: { 'layers.1.self_attn.q_proj': 5 },
    alphaPattern: { down_proj: 2 },
    taskType: 'CAUSAL_LM',
  },
  qwen2: {
    rank: 2,
    alpha: 2,
    targetModules: '.*layers\\.[01]\\.(self_attn\\.[qkv]|mlp\\.up)_proj',
    taskType: 'CAUSAL_LM',
  },
  bert: { rank: 4, alpha: 16, targetModules: ['query', 'value', 'attention.output.dense'] },
};

/** Eight steps on random rows: enough for every A and B to move. */
const trained = async (architecture: Architecture) => {
  const config = newConfig(configs[architecture]);
  const base = await readModelFile(modelPath(architecture, 'dynamo'));
  const grafted = graft(base, sharedOptions(config, modulesOf(base)));
  const random = createRandom(5);
  const ids = Int32Array.from({ length: 16 * 12 }, () => 3 + random.below(125));
  const job: Job = {
    model: grafted.model,
    parameters: [...initialArrays(grafted, 5)].map(([name, { dims, values }]) => ({
      name,
      dims,
      values,
      decays: true,
    })),
    data: { sequence: 12, ids, labels: ids },
    batch: 4,
    schedule: { peak: 0.05, warmup: 1, steps: 8, decay: 'cosine', floor: 0.01 },
    seed: 5,
    threads: 1,
  };
  const { parameters } = await runTraining(job);
  const adapter = toPeft(grafted, new Map(parameters.map((parameter) => [parameter.name, parameter])), config);
  return { adapter, model: asWeights(grafted.model, parameters) };
};

for (const architecture of ['gpt2', 'llama', 'qwen2', 'bert'] as const) {
  const folder = `${fixtures}written/${architecture}`;
  const { adapter, model } = await trained(architecture);
  await mkdir(folder, { recursive: true });
  await writeAdapter(folder, adapter);
  const { logits } = await run(model, feedsOf(model, referenceOf(architecture)));
  const data = new Uint8Array((logits!.data as Float32Array).slice().buffer);
  const tensors = new Map([['logits', { dtype: 'F32', dims: logits!.dims, data } as const]]);
  await writeFile(`${folder}/logits.safetensors`, writeSafetensors({ tensors, metadata: new Map() }));
  console.log(`${architecture}: ${adapter.modules.size} modules`);
}
