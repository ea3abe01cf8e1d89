import { type AdapterConfig, configOf } from './config.ts';
import type { Json } from './json.ts';

export type NewConfig = {
  readonly rank: number;
  readonly alpha: number;
  /** Names or their ends; peft would adapt each module that has one. */
  readonly targetModules: readonly string[] | string;
  readonly isRankStabilised?: boolean;
  readonly rankPattern?: Readonly<Record<string, number>>;
  readonly alphaPattern?: Readonly<Record<string, number>>;
  /** True for GPT-2, whose Conv1D stores weights as [in, out]; peft would note it with a warning. */
  readonly isFanInFanOut?: boolean;
  readonly taskType?: 'CAUSAL_LM' | 'SEQ_CLS' | 'FEATURE_EXTRACTION' | 'TOKEN_CLS' | 'QUESTION_ANS';
  readonly baseModel?: string;
};

/** The config of a new adapter, with every field that peft 0.18.1 writes. @throws LoraError when a number is out of range. */
export const newConfig = (options: NewConfig): AdapterConfig => {
  const { targetModules } = options;
  return configOf(
    new Map<string, Json>([
      ...off.map((field): [string, Json] => [field, null]),
      ['alpha_pattern', numbers(options.alphaPattern)],
      ['base_model_name_or_path', options.baseModel ?? null],
      ['bias', 'none'],
      ['ensure_weight_tying', false],
      ['fan_in_fan_out', options.isFanInFanOut ?? false],
      ['inference_mode', true],
      ['init_lora_weights', true],
      ['loftq_config', new Map()],
      ['lora_alpha', number(options.alpha)],
      ['lora_bias', false],
      ['lora_dropout', { text: '0.0' }],
      ['megatron_core', 'megatron.core'],
      ['peft_type', 'LORA'],
      ['peft_version', '0.18.1'],
      ['qalora_group_size', { text: '16' }],
      ['r', number(options.rank)],
      ['rank_pattern', numbers(options.rankPattern)],
      ['target_modules', targetModules],
      ['task_type', options.taskType ?? null],
      ['use_dora', false],
      ['use_qalora', false],
      ['use_rslora', options.isRankStabilised ?? false],
    ]),
  );
};

const off = [
  'alora_invocation_tokens',
  'arrow_config',
  'auto_mapping',
  'corda_config',
  'eva_config',
  'exclude_modules',
  'layer_replication',
  'layers_pattern',
  'layers_to_transform',
  'megatron_config',
  'modules_to_save',
  'revision',
  'target_parameters',
  'trainable_token_indices',
];

const number = (value: number): Json => ({ text: JSON.stringify(value) });
const numbers = (values: Readonly<Record<string, number>> = {}): Json =>
  new Map(Object.entries(values).map(([key, value]) => [key, number(value)]));
