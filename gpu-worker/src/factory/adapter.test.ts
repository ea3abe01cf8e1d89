import { expect, test } from 'vitest';
import { initialise, trainingModel } from '../base/index.ts';
import { encodeAdapter, LoraError, newConfig } from '../lora/index.ts';
import { tensors } from '../onnx/index.ts';
import { trainAdapter } from './adapter.ts';
import { createRandom } from './random.ts';
import { packDocuments } from './rows.ts';

const decoder = {
  vocab_size: 16,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  max_position_embeddings: 16,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  bos_token_id: 0,
  eos_token_id: 1,
  pad_token_id: 2,
};
/** Each token decides the next; where a document begins and ends says nothing. */
const counting = (documents: number, seed: number): number[][] => {
  const random = createRandom(seed);
  return Array.from({ length: documents }, () => {
    const from = random.below(13);
    return Array.from({ length: 3 + random.below(20) }, (_, i) => 3 + ((from + i) % 13));
  });
};
/** An embedding as long as a trained one's, or no logit could be large whatever an adapter did. */
const weights = new Map(
  [...initialise(decoder, 1)].map(([name, tensor]) =>
    name.includes('embed')
      ? [
          name,
          tensors.float32(
            tensor.dims,
            tensors.floats(tensor).map((x) => 25 * x),
          ),
        ]
      : [name, tensor],
  ),
);
const job = {
  base: trainingModel(decoder, weights),
  config: newConfig({ rank: 4, alpha: 8, targetModules: 'all-linear', taskType: 'CAUSAL_LM' }),
  data: packDocuments(counting(60, 1), { sequence: 16, separator: 1 }),
  heldOut: packDocuments(counting(10, 2), { sequence: 16, separator: 1 }),
  batch: 4,
  schedule: { peak: 0.03, warmup: 5, steps: 200, decay: 'cosine', floor: 0.001 },
  evaluation: { every: 50 },
  seed: 3,
  threads: 1,
} as const;

test('an adapter learns what its rows have in common, to the same bytes each time, and can be gone on with', async () => {
  const losses: number[] = [];
  const onProgress = (progress: { kind: string; loss: number }) => {
    if (progress.kind === 'evaluation') losses.push(progress.loss);
  };
  const [first, second] = await Promise.all([trainAdapter(job, { onProgress }), trainAdapter(job)]);
  expect(encodeAdapter(first.adapter)).toEqual(encodeAdapter(second.adapter));
  // At first every token of the vocabulary is about equally likely.
  expect(losses.at(-1)).toBeLessThan(Math.log(16) - 0.5);
  const more = await trainAdapter({ ...job, from: first.adapter });
  expect(more.best!.loss).toBeLessThan(first.best!.loss);
}, 60_000);

test('a config that adapts nothing of the base is refused before anything is trained', async () => {
  const config = newConfig({ rank: 4, alpha: 8, targetModules: ['c_attn'] });
  await expect(trainAdapter({ ...job, config })).rejects.toThrow(LoraError);
});
