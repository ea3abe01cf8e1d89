import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readSafetensors } from '../lora/index.ts';
import { tensors } from '../onnx/index.ts';
import type { TokenizerFiles } from '../tokenizer/index.ts';
import type { DecoderConfig } from './config.ts';
import { BaseError } from './errors.ts';
import { type Weights, weightShapes } from './weights.ts';

/** What a pretraining has made so far. */
export type Pretrained = {
  /** Those that were best on the validation part, or the last where it was not looked at yet. */
  readonly weights: Weights;
  readonly tokenizer: TokenizerFiles;
  /** Steps that were done, and the one that the weights are from. */
  readonly steps: number;
  readonly from: number;
};

const training = z.object({ step: z.int(), best: z.object({ step: z.int() }).optional() });

/**
 * Reads the folder that `pretrain` works in, at any time: its checkpoint is always whole.
 *
 * @throws BaseError when there is no checkpoint, or it is of another decoder.
 */
export const readPretrained = async (folder: string, config: DecoderConfig): Promise<Pretrained> => {
  const file = join(folder, 'checkpoint.safetensors');
  const bytes = await readFile(file).catch(() => {
    throw new BaseError(`There is no ${file}: npm run -w gpu-worker pretrain makes it`);
  });
  const { tensors: stored, metadata } = readSafetensors(bytes);
  const { step, best } = training.parse(JSON.parse(metadata.get('training') ?? '{}'));
  const weights = [...weightShapes(config)].map(([name, dims]) => {
    const found = stored.get(best ? `best.${name}` : name);
    if (found?.dtype !== 'F32' || `${found.dims}` !== `${dims}`) {
      throw new BaseError(`${file} has no ${name} of [${dims.join(', ')}]: it is of another decoder`);
    }
    return [name, tensors.float32(dims, tensors.floats({ type: 'float32', dims, data: found.data }))] as const;
  });
  return { weights: new Map(weights), tokenizer: await tokenizerFiles(folder), steps: step, from: best?.step ?? step };
};

const tokenizerFiles = async (folder: string): Promise<TokenizerFiles> => {
  const read = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  return { tokenizer: await read('tokenizer.json'), config: await read('tokenizer_config.json') };
};
