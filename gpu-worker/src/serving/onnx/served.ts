import { readBase } from '../../base/index.ts';
import type { Tokenizer } from '../../tokenizer/index.ts';
import type { Decoder } from './decoder.ts';
import { openFusedDecoder } from './fused/fusedDecoder.ts';
import type { EngineOptions } from './messages.ts';

/** A base that is ready to be served. */
export type Served = {
  readonly decoder: Decoder;
  readonly tokenizer: Tokenizer;
  readonly endTokens: ReadonlySet<number>;
  readonly backend: string;
};

/** Opens a base in the way that serves it best. */
export const openServed = async ({ folder, threads, rows, maxRank }: EngineOptions): Promise<Served> => {
  const base = await readBase(folder);
  const decoder = await openFusedDecoder(base, { rows, rank: maxRank, threads });
  return { decoder, tokenizer: base.tokenizer, endTokens: new Set([base.config.eos_token_id]), backend: 'onnx-cpu' };
};
