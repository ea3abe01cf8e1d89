import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Model, readModelFile, restoreFloat32, storeFloat16, writeModelFile } from '../onnx/index.ts';
import { loadTokenizer, type Tokenizer, type TokenizerFiles, writeTokenizer } from '../tokenizer/index.ts';
import { configJson, type DecoderConfig, readConfig } from './config.ts';
import { BaseError } from './errors.ts';
import { servingModel } from './servingModel.ts';
import { checkWeights, type Weights, weightShapes } from './weights.ts';

export type Base = {
  readonly config: DecoderConfig;
  readonly tokenizer: Tokenizer;
  /** For serving, weights in float32. */
  readonly model: Model;
  /** For training: `trainingModel(config, weights)`. */
  readonly weights: Weights;
};

/** Questions and answers in plain text: the base knows no conversations, and an adapter learns this form from its examples. */
const chatTemplate = [
  '{{ bos_token }}',
  '{% for message in messages %}',
  "{% if message['role'] == 'assistant' %}{{ 'Answer: ' + message['content'] + eos_token }}",
  "{% elif message['role'] == 'user' %}{{ 'Question: ' + message['content'] + '\\n' }}",
  "{% else %}{{ message['content'] + '\\n' }}{% endif %}",
  '{% endfor %}',
  "{% if add_generation_prompt %}{{ 'Answer:' }}{% endif %}",
].join('');

export type ExportOptions = {
  readonly config: DecoderConfig;
  readonly weights: Weights;
  readonly tokenizer: TokenizerFiles;
};

/**
 * Writes a model as Hugging Face has them: `config.json`, `generation_config.json`, the tokenizer's files with a chat
 * template, and `model.onnx` with `model.onnx_data`, whose weights are float16 and cast to float32 when the model is loaded.
 * The same weights give the same bytes.
 *
 * @throws BaseError when the weights are not those of the configuration.
 */
export const exportBase = async (folder: string, { config, weights, tokenizer }: ExportOptions): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const model = servingModel(config, weights);
  const graph = storeFloat16(model.graph, [...weightShapes(config).keys()]);
  await writeModelFile({ ...model, graph }, join(folder, 'model.onnx'), {
    external: { file: 'model.onnx_data', threshold: 1_024 },
  });
  await writeTokenizer({ ...tokenizer, config: { ...tokenizer.config, chat_template: chatTemplate } }, folder);
  const { bos_token_id, eos_token_id, pad_token_id } = config;
  await writeJson(join(folder, 'generation_config.json'), { bos_token_id, eos_token_id, pad_token_id });
  await writeJson(join(folder, 'config.json'), configJson(config));
};

const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, undefined, 2)}\n`);

/**
 * Reads a folder that {@link exportBase} wrote.
 *
 * @throws BaseError when a file is missing or the weights are not those of the configuration; OnnxError or TokenizerError
 * when their files are damaged.
 */
export const readBase = async (folder: string): Promise<Base> => {
  const config = readConfig(await readJson(join(folder, 'config.json')));
  const stored = await readModelFile(join(folder, 'model.onnx'));
  const model = { ...stored, graph: restoreFloat32(stored.graph) };
  const weights = new Map(
    [...weightShapes(config).keys()].flatMap((name) => {
      const tensor = model.graph.initializers.get(name);
      return tensor === undefined ? [] : [[name, tensor] as const];
    }),
  );
  checkWeights(config, weights);
  return { config, model, weights, tokenizer: await loadTokenizer(folder) };
};

const readJson = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new BaseError(`${path}: ${error instanceof Error ? error.message : error}; a base model has it`);
  }
};
