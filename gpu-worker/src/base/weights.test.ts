import { expect, test } from 'vitest';
import { tensors } from '../onnx/index.ts';
import { exampleConfig } from './example.fixture.ts';
import { shippedRecipe } from './recipe.ts';
import { initialise, parameterCount, type Weights } from './weights.ts';

const bytesOf = (weights: Weights): Buffer => Buffer.concat([...weights.values()].map(({ data }) => data));

test('a pretraining begins with the weights that its seed decides, and with others for another seed', () => {
  expect(bytesOf(initialise(exampleConfig, 1)).equals(bytesOf(initialise(exampleConfig, 1)))).toBe(true);
  expect(bytesOf(initialise(exampleConfig, 1)).equals(bytesOf(initialise(exampleConfig, 2)))).toBe(false);
});

test('weights are drawn as wide as in Llama, less where they add to the residual stream, and norms do nothing', () => {
  const weights = initialise({ ...exampleConfig, hidden_size: 64, num_hidden_layers: 8 }, 1);
  const deviation = (name: string): number => {
    const values = tensors.floats(weights.get(name)!);
    return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  };
  expect(deviation('model.layers.3.self_attn.q_proj.weight')).toBeCloseTo(0.02, 3);
  expect(deviation('model.layers.3.self_attn.o_proj.weight')).toBeCloseTo(0.02 / 4, 3);
  expect(deviation('model.layers.3.mlp.down_proj.weight')).toBeCloseTo(0.02 / 4, 3);
  expect(new Set(tensors.floats(weights.get('model.norm.weight')!))).toEqual(new Set([1]));
});

test('the shipped base fits into the repository: two bytes for each parameter, 16 MB at most', () => {
  expect(parameterCount(shippedRecipe.config) * 2).toBeLessThan(16e6);
});
