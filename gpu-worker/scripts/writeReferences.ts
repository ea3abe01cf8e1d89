import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { type DecoderConfig, exportBase, initialise, readBase, trainingModel } from '../src/base/index.ts';
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
import { type Model, readModelFile } from '../src/onnx/index.ts';
import { trainBpe } from '../src/tokenizer/index.ts';
import { architectures, feedsOf, fixtures, modelPath, referenceOf, run } from '../test/reference.ts';

// Trains adapters on the reference models and on the base, for peft and transformers to load (gpu-worker/fixtures/check.py).
//   node gpu-worker/scripts/writeReferences.ts

const configs: Record<(typeof architectures)[number], NewConfig> = {
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
const trained = async (base: Model, options: NewConfig) => {
  const config = newConfig(options);
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

const writeTensors = async (path: string, tensors: Readonly<Record<string, ort.Tensor>>): Promise<void> => {
  const stored = Object.entries(tensors).map(([name, { type, dims, data }]) => {
    const bytes = (data as Float32Array | BigInt64Array).slice();
    return [name, { dtype: type === 'int64' ? 'I64' : 'F32', dims, data: new Uint8Array(bytes.buffer) }] as const;
  });
  await writeFile(path, writeSafetensors({ tensors: new Map(stored), metadata: new Map() }));
};

for (const architecture of architectures) {
  const folder = `${fixtures}written/${architecture}`;
  const base = await readModelFile(modelPath(architecture, 'dynamo'));
  const { adapter, model } = await trained(base, configs[architecture]);
  await writeAdapter(folder, adapter);
  const { logits } = await run(model, feedsOf(model, referenceOf(architecture)));
  await writeTensors(`${folder}/logits.safetensors`, { logits: logits! });
  console.log(`${architecture}: ${adapter.modules.size} modules`);
}

const text = 'How do I install the package? Run `npm install`, then import it: é, 你好, 🙂.\n';

/** What a base says here to a text, alone and with an adapter; both as peft and transformers have to find it. */
const writeBaseReference = async (base: string, folder: string): Promise<void> => {
  const { config, weights, tokenizer, model } = await readBase(base);
  const ids = tokenizer.encode(text);
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/tokens.json`, `${JSON.stringify({ text, ids })}\n`);
  const first = ids.slice(0, 12);
  const input = (values: readonly number[]) =>
    new ort.Tensor('int64', BigInt64Array.from(values.map(BigInt)), [1, values.length]);
  const width = config.hidden_size / config.num_attention_heads;
  const past = model.graph.inputs.flatMap(({ name }) =>
    name.startsWith('past_key_values.')
      ? [[name, new ort.Tensor('float32', new Float32Array(0), [1, config.num_attention_heads, 0, width])] as const]
      : [],
  );
  const { logits } = await run(model, {
    ...Object.fromEntries(past),
    input_ids: input(first),
    attention_mask: input(first.map(() => 1)),
    position_ids: input(first.map((_, position) => position)),
  });
  const options = { rank: 4, alpha: 8, targetModules: ['q_proj', 'v_proj'], taskType: 'CAUSAL_LM' } as const;
  const { adapter, model: adapted } = await trained(trainingModel(config, weights), options);
  await writeAdapter(folder, adapter);
  const { logits: adaptedLogits } = await run(adapted, { input_ids: input(first) });
  await writeTensors(`${folder}/logits.safetensors`, {
    input_ids: input(first),
    logits: logits!,
    adapted_logits: adaptedLogits!,
  });
  console.log(`${base}: ${adapter.modules.size} modules`);
};

const tiny: DecoderConfig = {
  vocab_size: 320,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  bos_token_id: 0,
  eos_token_id: 1,
  pad_token_id: 2,
};

/** Weights ten times as large as those that a training begins with, so that a mistake shows. */
const large = new Map(
  [...initialise(tiny, 9)].map(([name, tensor]) => {
    const values = new Float32Array(Uint8Array.from(tensor.data).buffer);
    const data = new Uint8Array(values.map((value) => (tensor.dims.length > 1 ? 10 * value : value)).buffer);
    return [name, { ...tensor, data }];
  }),
);
const corpus: string[] = JSON.parse(readFileSync(`${fixtures}tokenizers/corpus.json`, 'utf8'));
const tokenizer = trainBpe(corpus, {
  vocabSize: tiny.vocab_size,
  specialTokens: ['<s>', '</s>', '<pad>'],
  beginToken: '<s>',
  endToken: '</s>',
  padToken: '<pad>',
  contextLength: tiny.max_position_embeddings,
});
await exportBase(`${fixtures}written/tiny/base`, { config: tiny, weights: large, tokenizer });
await writeBaseReference(`${fixtures}written/tiny/base`, `${fixtures}written/tiny/adapter`);

const shipped = fileURLToPath(new URL('../base', import.meta.url));
if (existsSync(`${shipped}/config.json`)) await writeBaseReference(shipped, `${fixtures}written/base`);
