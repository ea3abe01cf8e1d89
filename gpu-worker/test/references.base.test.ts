import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { differentiate } from '../src/autodiff/index.ts';
import { exampleConfig as config, referenceWeights } from '../src/base/example.fixture.ts';
import { trainingModel, weightShapes } from '../src/base/index.ts';
import { lossNames, withLoss } from '../src/factory/index.ts';
import { fixtures, floatsOf, readTensors, relativeDifference, run, tensorOf, turned } from './reference.ts';

test('the decoder that is trained here has the gradients of transformers for all of its weights', async () => {
  const expected = readTensors(`${fixtures}base/gradients.safetensors`);
  const ids = tensorOf(readTensors(`${fixtures}base/reference.safetensors`), 'input_ids');
  const first = new ort.Tensor('int64', (ids.data as BigInt64Array).slice(0, ids.dims[1]), [1, ids.dims[1]!]);
  const model = withLoss(trainingModel(config, await referenceWeights()), { logits: 'logits' });
  const step = differentiate(model, { loss: lossNames.loss, wrt: [...weightShapes(config).keys()] });
  const results = await run(step, { input_ids: first, [lossNames.labels]: first });
  const loss = results[lossNames.loss]!.data as Float32Array;
  expect(relativeDifference(loss, floatsOf(expected, 'loss'))).toBeLessThan(1e-5);
  for (const [name, dims] of weightShapes(config)) {
    const gradient = results[`${name}_grad`]!.data as Float32Array;
    // Linear modules are [out, in] in PyTorch and [in, out] here; the embedding is the same in both.
    const isTurned = dims.length === 2 && name !== 'model.embed_tokens.weight';
    const own = isTurned ? turned(gradient, dims[0]!, dims[1]!) : gradient;
    expect(relativeDifference(own, floatsOf(expected, name)), name).toBeLessThan(1e-3);
  }
});
