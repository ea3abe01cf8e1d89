import { describe, expect, test } from 'vitest';
import { differentiate } from '../src/autodiff/index.ts';
import { lossNames, withLoss } from '../src/factory/index.ts';
import { prune, readModelFile, specialise, type Tensor, tensors } from '../src/onnx/index.ts';
import {
  feedsOf,
  fixtures,
  floatsOf,
  lengthsOf,
  modelPath,
  readTensors,
  referenceOf,
  relativeDifference,
  run,
  tensorOf,
  turned,
} from './reference.ts';

const cases = (['llama', 'qwen2'] as const).flatMap((architecture) =>
  (['legacy', 'dynamo', 'past'] as const).map((exporter) => ({ architecture, exporter })),
);

// Exporters rename weights and lay them out anew: each is known by its numbers here, none of which is there twice by chance.
describe.each(cases)('the weights of $architecture by the $exporter exporter', ({ architecture, exporter }) => {
  test('have the gradients that PyTorch finds, the sum of both where the embedding is the head as well', async () => {
    const folder = `${fixtures}models/${architecture}`;
    const weights = readTensors(`${folder}/model.safetensors`);
    const expected = readTensors(`${folder}/gradients.safetensors`);
    const model = await readModelFile(modelPath(architecture, exporter));
    const places = [...weights].map(([name, { dims }]) => {
      const values = floatsOf(weights, name);
      const found = [...model.graph.initializers].flatMap(([initializer, tensor]) => {
        const way = sameNumbers(tensor, dims, values);
        return way === undefined ? [] : [{ initializer, isTurned: way === 'turned' }];
      });
      expect(found.length, `${name} in the graph`).toBeGreaterThan(0);
      return { name, dims, found };
    });
    const wrt = places.flatMap(({ found }) => found.map(({ initializer }) => initializer));
    const lossy = specialise(withLoss(model, { logits: 'logits' }), lengthsOf(model));
    const step = differentiate(lossy, { loss: lossNames.loss, wrt });
    const outputs = [lossNames.loss, ...wrt.map((value) => `${value}_grad`)];
    const results = await run(
      { ...step, graph: prune(step.graph, outputs) },
      { ...feedsOf(model, referenceOf(architecture)), [lossNames.labels]: tensorOf(expected, 'labels') },
    );
    const loss = results[lossNames.loss]!.data as Float32Array;
    expect(relativeDifference(loss, floatsOf(expected, 'loss'))).toBeLessThan(1e-4);
    for (const { name, dims, found } of places) {
      const sum = new Float32Array(floatsOf(weights, name).length);
      for (const { initializer, isTurned } of found) {
        const gradient = results[`${initializer}_grad`]!.data as Float32Array;
        for (const [i, value] of (isTurned ? turned(gradient, dims[1]!, dims[0]!) : gradient).entries())
          sum[i]! += value;
      }
      expect(relativeDifference(sum, floatsOf(expected, name)), name).toBeLessThan(1e-3);
    }
  });
});

const sameNumbers = (tensor: Tensor, dims: readonly number[], values: Float32Array): 'same' | 'turned' | undefined => {
  if (tensor.type !== 'float32' || tensor.data.byteLength !== values.byteLength) return undefined;
  const own = tensors.floats(tensor);
  if (own.every((value, i) => value === values[i]) && String(tensor.dims) === String(dims)) return 'same';
  if (dims.length !== 2) return undefined;
  return turned(values, dims[0]!, dims[1]!).every((value, i) => value === own[i]) ? 'turned' : undefined;
};
