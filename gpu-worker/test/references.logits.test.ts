import { beforeAll, describe, expect, test } from 'vitest';
import {
  checkModel,
  inferShapes,
  type Model,
  readModel,
  readModelFile,
  specialise,
  writeModel,
} from '../src/onnx/index.ts';
import {
  architectures,
  exportsOf,
  feedsOf,
  floatsOf,
  lengthsOf,
  modelPath,
  referenceOf,
  relativeDifference,
  run,
  tensorOf,
} from './reference.ts';

const tolerance = 1e-4;
const cases = architectures.flatMap((architecture) =>
  exportsOf(architecture).map((exporter) => ({ architecture, exporter })),
);

describe.each(cases)('$architecture by the $exporter exporter', ({ architecture, exporter }) => {
  const reference = referenceOf(architecture);
  const expected = floatsOf(reference, 'logits');
  let model: Model;
  beforeAll(async () => {
    model = await readModelFile(modelPath(architecture, exporter));
  });

  test('gives the logits of PyTorch when it is read and written', async () => {
    checkModel(model);
    expect(readModel(writeModel(model))).toEqual(model);
    const { logits } = await run(model, feedsOf(model, reference));
    expect(relativeDifference(logits!.data as Float32Array, expected)).toBeLessThan(tolerance);
  });

  test('gives them still with its shapes inferred, and made for one batch size', async () => {
    const small = specialise(model, lengthsOf(model));
    for (const known of [inferShapes(model), small]) {
      const { logits } = await run(known, feedsOf(known, reference));
      expect(relativeDifference(logits!.data as Float32Array, expected)).toBeLessThan(tolerance);
    }
    expect(small.graph.nodes.length).toBeLessThan(model.graph.nodes.length);
  });

  test.skipIf(architecture === 'bert' || (architecture === 'gpt2' && exporter === 'dynamo'))(
    'gives the logits of rows that are padded in front',
    async () => {
      const mask = tensorOf(reference, 'left.attention_mask').data as BigInt64Array;
      const vocabulary = expected.length / mask.length;
      const { logits } = await run(model, feedsOf(model, reference, 'left.'));
      const isReal = (index: number) => mask[Math.floor(index / vocabulary)] === 1n;
      const left = floatsOf(reference, 'left.logits');
      expect(relativeDifference(logits!.data as Float32Array, left, isReal)).toBeLessThan(tolerance);
    },
  );
});
