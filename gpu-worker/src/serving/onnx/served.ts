import { readBase } from '../../base/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import type { Decoder } from './decoder.ts';
import type { Encoder } from './encoder/index.ts';
import { openFusedDecoder } from './fused/fusedDecoder.ts';
import type { EngineOptions } from './messages.ts';

/** A base that is ready to be served: it writes texts, or makes embeddings of them. */
export type Served =
  | {
      /** `onnx-cpu`, `onnx-webgpu`. */
      readonly backend: string;
      readonly decoder: Decoder;
      readonly tokenizer: Tokenizer;
      /** Tokens with which the model ends. */
      readonly endTokens: ReadonlySet<number>;
    }
  | { readonly backend: string; readonly encoder: Encoder };

/** Opens a base in the way that serves it best. */
export const openServed = async ({ folder, threads, rows, maxRank }: EngineOptions): Promise<Served> => {
  const base = await readBase(folder);
  const decoder = await openFusedDecoder(base, { rows, rank: maxRank, threads });
  return { decoder, tokenizer: base.tokenizer, endTokens: new Set([base.config.eos_token_id]), backend: 'onnx-cpu' };
};
