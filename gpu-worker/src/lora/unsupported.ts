import { LoraError } from './errors.ts';
import { isList, isNumber, isObject, type Json, type JsonObject } from './json.ts';

// Each field of peft's LoraConfig either is understood, or cannot change what the adapter computes, or must be off.
// Reading on past one that we do not know would serve another model than the one that was published.

const understood = [
  'r',
  'lora_alpha',
  'rank_pattern',
  'alpha_pattern',
  'use_rslora',
  'target_modules',
  'exclude_modules',
  'layers_to_transform',
  'layers_pattern',
  'task_type',
  'base_model_name_or_path',
  'peft_type',
  'bias',
  'init_lora_weights',
];

const harmless = new Map([
  ['fan_in_fan_out', 'says how the base stores its weight; A and B are [r, in] and [out, r] either way'],
  ['lora_dropout', 'acts in training only'],
  ['inference_mode', 'says whether peft trains'],
  ['revision', 'of the base'],
  ['auto_mapping', 'class of the base'],
  ['peft_version', 'of the writer'],
  ['runtime_config', 'where peft computes'],
  ['megatron_core', 'used only with megatron_config'],
  ['qalora_group_size', 'used only with use_qalora'],
  ['loftq_config', 'used only when init_lora_weights is loftq, which is refused'],
  ['eva_config', 'used only for the first values'],
  ['corda_config', 'used only when init_lora_weights is corda, which is refused'],
  ['lora_ga_config', 'used only when init_lora_weights is lora_ga, which is refused'],
]);

const reasons = new Map([
  ['use_dora', 'DoRA rescales the weight of the base, for which there is no branch yet'],
  ['modules_to_save', 'whole modules beside the adapter would replace weights that all adapters share'],
  ['lora_bias', 'biases of the adapter are not supported'],
  ['trainable_token_indices', 'token embeddings of the adapter are not supported'],
  ['layer_replication', 'a base with replicated layers is another base'],
  ['target_parameters', 'only whole modules can be adapted'],
  ['alora_invocation_tokens', 'activated LoRA is not supported'],
  ['ensure_weight_tying', 'tied adapters are not supported'],
]);

/** First values that leave the base's weights as they are. */
const plainInits = new Set<Json | undefined>([undefined, true, false, 'gaussian', 'eva', 'orthogonal']);

/** @throws LoraError that names the field. */
export const refuseUnsupported = (fields: JsonObject): void => {
  const fail = (what: string): never => {
    throw new LoraError(`adapter_config.json: ${what}`);
  };
  const type = fields.get('peft_type');
  if (type !== 'LORA') fail(`peft_type is ${show(type)}; only LORA is supported`);
  const bias = fields.get('bias') ?? 'none';
  if (bias !== 'none')
    fail(`bias is ${show(bias)}; only none is supported, because all adapters share the base's biases`);
  const init = fields.get('init_lora_weights');
  if (!plainInits.has(init)) {
    fail(
      `init_lora_weights is ${show(init)}, which changes the base; convert the adapter to plain LoRA when saving it`,
    );
  }
  for (const [field, value] of fields) {
    if (understood.includes(field) || harmless.has(field) || isOff(value)) continue;
    fail(`${field.slice(0, 80)} is ${show(value)}, but ${reasons.get(field) ?? 'that is not supported'}`);
  }
};

const isOff = (value: Json): boolean =>
  value === null || value === false || (isList(value) && value.length === 0) || (isObject(value) && value.size === 0);

const show = (value: Json | undefined): string => {
  if (value === undefined) return 'missing';
  if (isNumber(value)) return value.text.slice(0, 40);
  if (isList(value)) return `[${value.slice(0, 3).map(show).join(', ')}${value.length > 3 ? ', …' : ''}]`;
  return isObject(value) ? 'set' : JSON.stringify(value).slice(0, 80);
};
