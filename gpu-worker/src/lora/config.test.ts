import { describe, expect, test } from 'vitest';
import { readConfig, writeConfig } from './config.ts';
import { LoraError } from './errors.ts';
import { newConfig } from './newConfig.ts';
import { createTargeting } from './targets.ts';

const config = (fields: Record<string, unknown>) =>
  readConfig(JSON.stringify({ peft_type: 'LORA', r: 8, lora_alpha: 16, target_modules: ['q_proj'], ...fields }));

const names = [
  'model.layers.0.self_attn.q_proj',
  'model.layers.1.self_attn.q_proj',
  'model.layers.1.mlp.experts.0.up_proj',
  'model.layers.10.self_attn.v_proj',
  'lm_head',
];
const adapted = (fields: Record<string, unknown>) =>
  names.flatMap((name) => {
    const target = createTargeting(config(fields))(name);
    return target === undefined ? [] : [`${name} ${target.rank} ${target.scale}`];
  });

test('a config is written as peft writes it', () => {
  expect(
    writeConfig(newConfig({ rank: 8, alpha: 16, targetModules: ['q_proj'], taskType: 'CAUSAL_LM', baseModel: 'base' })),
  ).toMatchInlineSnapshot(`
    "{
      "alora_invocation_tokens": null,
      "alpha_pattern": {},
      "arrow_config": null,
      "auto_mapping": null,
      "base_model_name_or_path": "base",
      "bias": "none",
      "corda_config": null,
      "ensure_weight_tying": false,
      "eva_config": null,
      "exclude_modules": null,
      "fan_in_fan_out": false,
      "inference_mode": true,
      "init_lora_weights": true,
      "layer_replication": null,
      "layers_pattern": null,
      "layers_to_transform": null,
      "loftq_config": {},
      "lora_alpha": 16,
      "lora_bias": false,
      "lora_dropout": 0.0,
      "megatron_config": null,
      "megatron_core": "megatron.core",
      "modules_to_save": null,
      "peft_type": "LORA",
      "peft_version": "0.18.1",
      "qalora_group_size": 16,
      "r": 8,
      "rank_pattern": {},
      "revision": null,
      "target_modules": [
        "q_proj"
      ],
      "target_parameters": null,
      "task_type": "CAUSAL_LM",
      "trainable_token_indices": null,
      "use_dora": false,
      "use_qalora": false,
      "use_rslora": false
    }"
  `);
});

test('a config that was read is written as it was, fields that are not read here too', () => {
  const text = writeConfig(newConfig({ rank: 8, alpha: 16, targetModules: ['v_proj', 'q_proj'] })).replace(
    '"revision": null',
    '"revision": "caf\\u00e9"',
  );
  expect(writeConfig(readConfig(text))).toBe(text);
});

describe('the modules that peft adapts are adapted here, with its ranks and scales', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['by the end of their names', {}, ['model.layers.0.self_attn.q_proj 8 2', 'model.layers.1.self_attn.q_proj 8 2']],
    ['not by a part of the last name', { target_modules: ['proj', 'head'] }, []],
    ['by a whole name', { target_modules: ['lm_head'] }, ['lm_head 8 2']],
    [
      'by a pattern for whole names',
      { target_modules: String.raw`.*layers\.1\d*\.self_attn\.[qv]_proj` },
      ['model.layers.1.self_attn.q_proj 8 2', 'model.layers.10.self_attn.v_proj 8 2'],
    ],
    ['all but the head', { target_modules: 'all-linear' }, names.slice(0, 4).map((name) => `${name} 8 2`)],
    ['but those left out', { exclude_modules: ['layers.0.self_attn.q_proj'] }, ['model.layers.1.self_attn.q_proj 8 2']],
    [
      'but those left out by a pattern',
      { exclude_modules: String.raw`.*\.1\..*` },
      ['model.layers.0.self_attn.q_proj 8 2'],
    ],
    ['in one layer', { layers_to_transform: 1 }, ['model.layers.1.self_attn.q_proj 8 2']],
    [
      'in layers, whose number is the first in a name',
      { target_modules: ['up_proj', 'q_proj'], layers_to_transform: [1] },
      ['model.layers.1.self_attn.q_proj 8 2', 'model.layers.1.mlp.experts.0.up_proj 8 2'],
    ],
    [
      'in layers that follow a name',
      { target_modules: ['up_proj'], layers_to_transform: [0], layers_pattern: 'experts' },
      ['model.layers.1.mlp.experts.0.up_proj 8 2'],
    ],
    [
      'in all layers where the list is empty',
      { layers_to_transform: [] },
      names.slice(0, 2).map((name) => `${name} 8 2`),
    ],
    [
      'with the rank of the first key that matches',
      {
        rank_pattern: { 'layers.0.self_attn.q_proj': 4, '.*q_proj': 2 },
        alpha_pattern: { '^model.layers.0.self_attn.q_proj': 6 },
      },
      ['model.layers.0.self_attn.q_proj 4 1.5', 'model.layers.1.self_attn.q_proj 2 8'],
    ],
    [
      'with keys that match from a dot on only',
      { rank_pattern: { _proj: 4, attn: 4 } },
      ['model.layers.0.self_attn.q_proj 8 2', 'model.layers.1.self_attn.q_proj 8 2'],
    ],
    [
      'with the scale of rsLoRA',
      { use_rslora: true, r: 4, lora_alpha: 6, layers_to_transform: [0] },
      ['model.layers.0.self_attn.q_proj 4 3'],
    ],
  ])('%s', (_, fields, expected) => {
    expect(adapted(fields)).toEqual(expected);
  });
});

describe('an adapter that would compute something else here is refused', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ peft_type: 'IA3' }, 'peft_type is "IA3"; only LORA is supported'],
    [{ use_dora: true }, 'use_dora is true, but DoRA rescales'],
    [{ modules_to_save: ['lm_head'] }, 'modules_to_save is ["lm_head"], but whole modules'],
    [{ bias: 'all' }, 'bias is "all"; only none'],
    [{ lora_bias: true }, 'lora_bias is true, but biases'],
    [{ trainable_token_indices: [1, 2, 3, 4] }, 'trainable_token_indices is [1, 2, 3, …]'],
    [{ layer_replication: [[0, 2]] }, 'layer_replication is [[0, 2]]'],
    [{ init_lora_weights: 'pissa' }, 'init_lora_weights is "pissa", which changes the base'],
    [{ alora_invocation_tokens: [5] }, 'activated LoRA is not supported'],
    [{ use_qalora: true }, 'use_qalora is true, but that is not supported'],
    [{ some_new_thing: { x: 1 } }, 'some_new_thing is set, but that is not supported'],
    [{ target_modules: null }, 'target_modules is missing'],
    [{ target_modules: [1] }, 'target_modules is neither text nor a list of texts'],
    [{ target_modules: 'q', layers_to_transform: 1 }, 'peft takes it only with a list of names'],
    [{ r: 0 }, 'r is 0; a rank is a whole number from 1'],
    [{ r: 1e9 }, 'r is 1000000000; ranks up to 512 are loaded'],
    [{ r: '8' }, 'r is not a finite number'],
    [{ lora_alpha: 1e300 }, 'lora_alpha is not a finite number'],
    [{ rank_pattern: { q_proj: -1 } }, 'rank_pattern["q_proj"] is -1'],
    [{ rank_pattern: [8] }, 'rank_pattern is not an object'],
  ])('%o', (fields, message) => {
    expect(() => config(fields)).toThrow(LoraError);
    expect(() => config(fields)).toThrow(message);
  });

  test('a config of any size is not read', () => {
    expect(() => readConfig(`{"a": "${'x'.repeat(2_000_000)}"}`)).toThrow('at most 1048576 are read');
  });
});
