import type { Tensor } from 'onnxruntime-node';
import { float32, int64 } from '../tensors.ts';
import type { Texts, TextsOptions } from './texts.ts';

/** Only the tokens are kept; a run computes the whole text of each row, one after another. */
export const rereadTexts = ({ graph, rows, compute }: TextsOptions): Texts => {
  const texts: (readonly number[])[] = Array.from({ length: rows }, () => []);
  const empty = Object.fromEntries(
    graph.past.map(({ name, heads, head }) => [name, float32([1, heads, 0, head], new Float32Array(0))]),
  );
  return {
    begin: (row) => {
      texts[row] = [];
    },
    run: async (extensions) => {
      const logits: Float32Array[] = [];
      for (const { row, tokens } of extensions) {
        const text = [...texts[row]!, ...tokens];
        const dims = [1, text.length];
        const feeds: Record<string, Tensor> = { input_ids: int64(dims, text), ...empty };
        if (graph.inputs.has('attention_mask'))
          feeds.attention_mask = int64(
            dims,
            text.map(() => 1),
          );
        if (graph.inputs.has('position_ids')) feeds.position_ids = int64(dims, [...text.keys()]);
        logits.push((await compute([row], 0, feeds)).logits);
        texts[row] = text;
      }
      return logits;
    },
    truncate: (row, length) => {
      texts[row] = texts[row]!.slice(0, length);
    },
    copy: (from, to) => {
      texts[to] = texts[from]!;
    },
    lengthOf: (row) => texts[row]!.length,
  };
};
