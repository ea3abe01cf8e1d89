import { adapterConfig, safetensors } from './adapters.ts';
import type { Format } from './format.ts';
import { onnx } from './onnx.ts';
import { tokenizer } from './tokenizer.ts';

/** All kinds of files that strangers give to the model worker. */
export const formats: readonly Format[] = [onnx, safetensors, adapterConfig, tokenizer];
