import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readSafetensors, type SafeTensor } from '../lora/index.ts';
import { type Tensor, tensors } from '../onnx/index.ts';
import type { DecoderConfig } from './config.ts';
import { type Weights, weightShapes } from './weights.ts';

/** A decoder that is opened in milliseconds. */
export const exampleConfig: DecoderConfig = {
  vocab_size: 64,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  bos_token_id: 0,
  eos_token_id: 1,
  pad_token_id: 2,
};

/** What transformers says of that decoder with weights of its own; written by `fixtures/base.py`. */
export const references = resolve(import.meta.dirname, '../../fixtures/base');

export const readReference = async (): Promise<ReadonlyMap<string, SafeTensor>> =>
  readSafetensors(await readFile(resolve(references, 'reference.safetensors'))).tensors;

export const referenceWeights = async (): Promise<Weights> => {
  const { tensors: stored } = readSafetensors(await readFile(resolve(references, 'model.safetensors')));
  return new Map(
    [...weightShapes(exampleConfig)].map(([name, dims]) => {
      const found: Tensor = { type: 'float32', dims, data: stored.get(name)!.data };
      const isLinear = dims.length === 2 && name !== 'model.embed_tokens.weight';
      return [name, isLinear ? fromPyTorch(found) : found];
    }),
  );
};

/** `[out, in]` → `[in, out]` */
const fromPyTorch = (tensor: Tensor): Tensor => {
  const [inputs, outputs] = tensor.dims as [number, number];
  const values = tensors.floats(tensor);
  return tensors.float32(
    tensor.dims,
    Float32Array.from(values, (_, at) => values[(at % outputs) * inputs + Math.floor(at / outputs)]!),
  );
};
