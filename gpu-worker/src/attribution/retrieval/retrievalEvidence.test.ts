import { expect, it } from 'vitest';
import { adapterFolder, floatsOf, modelPath, readTensors, referenceOf, tensorOf } from '../../../test/reference.ts';
import { readAdapter } from '../../lora/index.ts';
import { readModelFile } from '../../onnx/index.ts';
import { openLikelihood } from './likelihood.ts';
import type { Mask } from './passageValues.ts';
import { retrievalEvidence } from './retrievalEvidence.ts';

const folder = adapterFolder('llama', 'plain');
const setting = async () => ({
  base: await readModelFile(modelPath('llama', 'legacy')),
  adapter: await readAdapter(folder),
  threads: 1,
});

/** Σ log softmax of a row's tokens from `from` on, in float64, from logits that peft gave. */
const logarithmOf = (logits: Float32Array, ids: readonly number[], from: number): number => {
  const vocabulary = logits.length / ids.length;
  let sum = 0;
  for (let at = from; at < ids.length; at++) {
    const row = Array.from(logits.subarray((at - 1) * vocabulary, at * vocabulary));
    const highest = Math.max(...row);
    sum += row[ids[at]!]! - highest - Math.log(row.reduce((all, z) => all + Math.exp(z - highest), 0));
  }
  return sum;
};

it('likelihoods are those of peft’s logits, whatever is asked beside', async () => {
  const { base, ...options } = await setting();
  const reference = referenceOf('llama');
  const ids = Array.from(tensorOf(reference, 'input_ids').data as BigInt64Array, Number);
  const mask = Array.from(tensorOf(reference, 'attention_mask').data as BigInt64Array, Number);
  const logits = floatsOf(readTensors(`${folder}/logits.safetensors`), 'logits');
  const rows = [0, 1, 2, 3].filter((row) => mask.slice(12 * row, 12 * row + 12).every((bit) => bit === 1));
  expect(rows.length).toBeGreaterThan(0);
  const likelihood = await openLikelihood(base, { ...options, sequence: 16 });
  const examples = rows.map((row) => ({ ids: ids.slice(12 * row, 12 * row + 12), prompt: 5 }));
  const found = await likelihood.logarithmsOf([...examples, { ids: [1, 2, 3], prompt: 1 }]);
  await likelihood.close();
  for (const [at, row] of rows.entries()) {
    const own = logits.subarray((row * logits.length) / 4, ((row + 1) * logits.length) / 4);
    expect(found[at]).toBeCloseTo(logarithmOf(own, examples[at]!.ids, 5), 3);
  }
});

it('passages are worth together what they add to the answer’s likelihood, those that say the same equally', async () => {
  const { base, adapter, threads } = await setting();
  const parts = [
    [5, 9, 11],
    [5, 9, 11],
    [30, 31],
  ];
  const question = [3, 4];
  const answers = [[5, 9, 11, 7], [8]];
  const promptOf = (kept: Mask) => [1, ...parts.flatMap((part, at) => (kept[at] ? part : [])), ...question];
  const passages = parts.map((_, at) => ({
    contributionId: BigInt(at + 1),
    contentHash: `0x${'1'.repeat(63)}${at}` as const,
    row: at,
  }));
  const evidence = await retrievalEvidence({
    ...{ base, adapter, threads, passages, answers, promptOf },
    seed: `0x${'2'.repeat(64)}`,
  });
  expect(evidence).toMatchObject({ method: 'shapley', passages: passages.map(({ row }) => ({ row })) });
  expect(evidence).not.toHaveProperty('fit');
  const likelihood = await openLikelihood(base, { adapter, threads, sequence: 16 });
  const worth = async (kept: Mask) => {
    const prompt = promptOf(kept);
    const texts = answers.map((answer) => ({ ids: [...prompt, ...answer], prompt: prompt.length }));
    return (await likelihood.logarithmsOf(texts)).reduce((sum, value) => sum + value, 0);
  };
  const added = (await worth([true, true, true])) - (await worth([false, false, false]));
  await likelihood.close();
  const values = evidence.passages.map(({ value }) => Number(value) / 1e6);
  expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(added, 3);
  expect(values[0]).toBeCloseTo(values[1]!, 3);
});
