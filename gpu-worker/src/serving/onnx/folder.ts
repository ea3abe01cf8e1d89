import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadTokenizer, type Tokenizer } from '../../tokenizer/index.ts';
import { EngineError } from '../engine.ts';
import { folderOf } from './onnxFile.ts';

/** What a folder as Hugging Face lays it out says of its model. */
export type ModelFolder = {
  readonly folder: string;
  /** A decoder writes texts; of an encoder only embeddings can be had. */
  readonly kind: 'decoder' | 'encoder';
  /** `LlamaForCausalLM` */
  readonly architecture: string;
  readonly vocabSize: number;
  /** Tokens of a text at most. */
  readonly capacity: number;
  readonly beginToken: number | undefined;
  /** Tokens that end an answer. */
  readonly endTokens: ReadonlySet<number>;
  /** What its makers sample with, where they say it. */
  readonly sampling: {
    readonly temperature?: number;
    readonly topP?: number;
    readonly topK?: number;
    readonly repetitionPenalty?: number;
  };
  readonly tokenizer: Tokenizer;
  /** Jinja, as transformers renders conversations; undefined for a model that knows none. */
  readonly chatTemplate: string | undefined;
};

/** Bytes that a file with settings has at most. */
const fileLimit = 2 ** 20;
const size = z
  .int()
  .min(1)
  .max(2 ** 24);
const token = z
  .int()
  .min(0)
  .max(2 ** 24);
const tokens = z.union([token.transform((id) => [id]), z.array(token).max(64)]).nullish();

const configJson = z.looseObject({
  architectures: z.array(z.string().max(200)).max(8).nullish(),
  model_type: z.string().max(200),
  vocab_size: size,
  max_position_embeddings: size.nullish(),
  n_positions: size.nullish(),
  max_seq_len: size.nullish(),
  sliding_window: size.nullish(),
  use_sliding_window: z.boolean().nullish(),
  bos_token_id: tokens,
  eos_token_id: tokens,
  pad_token_id: tokens,
});

const generationJson = z.looseObject({
  bos_token_id: tokens,
  eos_token_id: tokens,
  temperature: z.number().min(0).max(100).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.int().min(0).nullish(),
  repetition_penalty: z.number().positive().max(100).nullish(),
});

const templateJson = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() })).max(64)])
    .nullish(),
});

/**
 * Reads what stands beside a model: `config.json`, `generation_config.json`, the tokenizer's files and the chat template.
 *
 * @param path a folder, or one ONNX file in it or in its `onnx/`; the model itself is not looked at.
 * @throws EngineError when a file is missing or not as it should be; TokenizerError for the tokenizer's.
 */
export const readModelFolder = async (path: string): Promise<ModelFolder> => {
  const folder = await folderOf(path);
  const config = await readJson(join(folder, 'config.json'), configJson);
  if (config === undefined)
    throw new EngineError(`${folder} has no config.json; a model in Hugging Face's layout has one`);
  const generation = await readJson(join(folder, 'generation_config.json'), generationJson);
  const tokenizer = await loadTokenizer(folder);
  const architecture = config.architectures?.[0] ?? config.model_type;
  const end = generation?.eos_token_id ?? config.eos_token_id ?? tokenizer.special.end;
  const endTokens = typeof end === 'number' ? [end] : (end ?? []);
  return {
    folder,
    kind: isDecoder(config) ? 'decoder' : 'encoder',
    architecture,
    vocabSize: config.vocab_size,
    capacity: capacityOf(config),
    beginToken: (generation?.bos_token_id ?? config.bos_token_id)?.[0] ?? tokenizer.special.begin,
    endTokens: new Set(endTokens),
    sampling: samplingOf(generation),
    tokenizer,
    chatTemplate: await readTemplate(folder),
  };
};

type Config = z.infer<typeof configJson>;

/** Model types of decoders, for a configuration that names no class. */
const decoderTypes = [
  'gpt2',
  'gpt_neo',
  'gpt_neox',
  'gptj',
  'llama',
  'mistral',
  'qwen2',
  'qwen3',
  'gemma',
  'phi',
  'opt',
];

const isDecoder = ({ architectures, model_type }: Config): boolean =>
  architectures?.[0] === undefined
    ? decoderTypes.includes(model_type)
    : /(ForCausalLM|LMHeadModel)$/.test(architectures[0]);

/** Positions of these begin behind the padding token's number. */
const paddedPositions = ['roberta', 'xlm-roberta', 'camembert', 'mpnet'];

const capacityOf = (config: Config): number => {
  const positions = config.max_position_embeddings ?? config.n_positions ?? config.max_seq_len;
  if (positions === undefined || positions === null) {
    throw new EngineError('config.json does not say how long texts may be: no max_position_embeddings');
  }
  const window = config.use_sliding_window === false ? undefined : config.sliding_window;
  const skipped = paddedPositions.includes(config.model_type) ? (config.pad_token_id?.[0] ?? 1) + 1 : 0;
  return Math.min(positions - skipped, window ?? positions);
};

const samplingOf = (generation: z.infer<typeof generationJson> | undefined): ModelFolder['sampling'] => {
  const { temperature, top_p: topP, top_k: topK, repetition_penalty: repetitionPenalty } = generation ?? {};
  const said = Object.entries({ temperature, topP, topK, repetitionPenalty });
  return Object.fromEntries(said.filter(([, value]) => value !== undefined && value !== null));
};

/** Of several templates, the one called `default`. */
const readTemplate = async (folder: string): Promise<string | undefined> => {
  const plain = await readText(join(folder, 'chat_template.jinja'));
  if (plain !== undefined) return plain;
  for (const file of ['tokenizer_config.json', 'chat_template.json']) {
    const template = (await readJson(join(folder, file), templateJson))?.chat_template;
    if (typeof template === 'string') return template;
    const named = template?.find(({ name }) => name === 'default');
    if (named !== undefined) return named.template;
  }
  return undefined;
};

const readText = async (path: string): Promise<string | undefined> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  if (found.size > fileLimit) throw new EngineError(`${path} has ${found.size} bytes; at most ${fileLimit} are read`);
  return readFile(path, 'utf8');
};

const readJson = async <Type>(path: string, schema: z.ZodType<Type>): Promise<Type | undefined> => {
  const text = await readText(path);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new EngineError(`${path} is no JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new EngineError(`${path}: ${first?.path.join('.') || 'the whole'}: ${first?.message}`);
};
