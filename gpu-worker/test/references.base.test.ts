import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { differentiate } from '../src/autodiff/index.ts';
import { readConfig, trainingModel, weightShapes } from '../src/base/index.ts';
import { lossNames, withLoss } from '../src/factory/index.ts';
import { type Tensor, tensors } from '../src/onnx/index.ts';
import { fixtures, floatsOf, readTensors, relativeDifference, run, tensorOf, turned } from './reference.ts';

const folder = `${fixtures}models/base`;
const config = readConfig(JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')));
const saved = readTensors(`${folder}/model.safetensors`);
const reference = readTensors(`${folder}/reference.safetensors`);
const expected = readTensors(`${folder}/gradients.safetensors`);

/** Linear modules are [out, in] in PyTorch and [in, out] here; the embedding is the same in both. */
const isTurned = (name: string, dims: readonly number[]) => dims.length === 2 && name !== 'model.embed_tokens.weight';

const weights = new Map(
  [...weightShapes(config)].map(([name, dims]): [string, Tensor] => {
    const values = floatsOf(saved, name);
    return [name, tensors.float32(dims, isTurned(name, dims) ? turned(values, dims[1]!, dims[0]!) : values)];
  }),
);
const model = trainingModel(config, weights);
const feeds = { input_ids: tensorOf(reference, 'input_ids') };

test('the decoder that is trained here has the logits of transformers with the same weights', async () => {
  const { logits } = await run(model, feeds);
  // Here padding sees the padding before it, which transformers hides from it: neither means anything.
  const mask = tensorOf(reference, 'attention_mask').data as BigInt64Array;
  const isReal = (index: number) => mask[Math.floor(index / config.vocab_size)] === 1n;
  const theirs = floatsOf(reference, 'logits');
  expect(relativeDifference(logits!.data as Float32Array, theirs, isReal)).toBeLessThan(1e-4);
});

test('the decoder that is trained here has the gradients of transformers for all of its weights', async () => {
  const names = [...weights.keys()];
  const step = differentiate(withLoss(model, { logits: 'logits' }), { loss: lossNames.loss, wrt: names });
  const results = await run(step, { ...feeds, [lossNames.labels]: tensorOf(expected, 'labels') });
  for (const [name, dims] of weightShapes(config)) {
    const gradient = results[`${name}_grad`]!.data as Float32Array;
    const own = isTurned(name, dims) ? turned(gradient, dims[0]!, dims[1]!) : gradient;
    expect(relativeDifference(own, floatsOf(expected, name)), name).toBeLessThan(1e-3);
  }
});
