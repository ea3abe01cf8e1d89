import { describe, expect, test } from 'vitest';
import { modelPath } from '../../../../test/reference.ts';
import { createBuilder, type Model, readModelFile } from '../../../onnx/index.ts';
import { readDecoderGraph } from './graph.ts';

test('of an export, the last logits and the new keys and values come out, and nothing that was computed before', async () => {
  const { model, past, ...rest } = readDecoderGraph(await readModelFile(modelPath('llama', 'past')));
  expect({ ...rest, targets: rest.targets.length }).toEqual({
    logits: 'logits',
    vocabSize: 128,
    inputs: new Set(['input_ids', 'attention_mask', 'position_ids']),
    targets: 14,
  });
  expect(past.map(({ name, heads, head }) => `${name} ${heads} ${head}`)).toEqual([
    'past_key_values.0.key 2 8',
    'past_key_values.0.value 2 8',
    'past_key_values.1.key 2 8',
    'past_key_values.1.value 2 8',
  ]);
  expect(model.graph.outputs.map(({ name }) => name)).toEqual(['logits', ...past.map(({ output }) => output)]);
  expect(model.graph.outputs[0]!.shape).toEqual(['batch_size', 1, 128]);
  expect(past.some(({ output }) => output.startsWith('present.'))).toBe(false);
});

/** A graph with these inputs and outputs, and nothing between them that matters. */
const graphOf = (inputs: readonly string[], outputs: readonly string[]): Model => {
  const g = createBuilder({ opset: 17 });
  const made = inputs.map((name) => g.input(name, name.startsWith('past') ? 'float32' : 'int64', ['batch', 'length']));
  const value = g.op('Cast', [made[0]!], { attributes: { to: 1 } });
  for (const name of outputs) g.output(name, value, 'float32', ['batch', 'length']);
  return g.build();
};

describe('what is no decoder that can be served is refused by what is missing:', () => {
  test.each([
    ['an encoder', graphOf(['input_ids'], ['last_hidden_state']), 'no output logits (it has last_hidden_state)'],
    ['a model of something else', graphOf(['pixels'], ['logits']), 'no input input_ids (it has pixels)'],
    ['a merged export', graphOf(['input_ids', 'use_cache_branch'], ['logits']), '--no-post-process'],
    [
      'a decoder behind an encoder',
      graphOf(['input_ids', 'encoder_hidden_states'], ['logits']),
      'encoder_hidden_states',
    ],
    [
      'a past of no known shape',
      graphOf(['input_ids', 'past_key_values.0.key'], ['logits']),
      'past_key_values.0.key is',
    ],
  ])('%s', (_, model, message) => {
    expect(() => readDecoderGraph(model)).toThrow(message);
  });
});
