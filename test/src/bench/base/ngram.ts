import { trainNgrams } from '@openledger/gpu-worker/baselines';
import type { Corpus, Document } from '@openledger/gpu-worker/corpus';
import type { Tokenizer } from '@openledger/gpu-worker/tokenizer';
import { type Figures, round } from '../report.ts';

const order = 5;

/** 5-gram models over the base's tokens and over bytes, of the same training text. */
export async function ngramBits(
  { train, heldOut }: Corpus,
  tokenizer: Tokenizer,
  progress: (message: string) => void,
): Promise<Figures> {
  const tokens = ({ text }: Document) => Uint32Array.from(tokenizer.encode(text, { withSpecial: false }));
  const bytes = ({ text }: Document) => Buffer.from(text);
  const held = heldOut.reduce((sum, document) => sum + bytes(document).length, 0);
  const measure = (encode: (document: Document) => ArrayLike<number>, vocabSize: number) => {
    const model = trainNgrams(train.map(encode), { order, vocabSize });
    const bits = heldOut.flatMap((document) => [...model.bits(encode(document))]);
    return { tokens: bits.length, perByte: round(bits.reduce((sum, each) => sum + each, 0) / held, 4) };
  };
  progress(`training a ${order}-gram model of tokens`);
  const byTokens = measure(tokens, tokenizer.vocabSize);
  progress(`training a ${order}-gram model of bytes`);
  const byBytes = measure(bytes, 256);
  return {
    ngram_bits_per_byte: Math.min(byTokens.perByte, byBytes.perByte),
    ngram_of_tokens_bits_per_byte: byTokens.perByte,
    ngram_of_bytes_bits_per_byte: byBytes.perByte,
    bytes_per_token: round(held / byTokens.tokens, 3),
  };
}
