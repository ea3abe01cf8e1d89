import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Model, ValueInfo } from '../../../onnx/index.ts';
import { checkInputs } from '../../checkInputs.ts';
import type { AdapterLayout } from '../decoder.ts';
import { float32, int64 } from '../tensors.ts';
import { graftBank } from './adapterBank.ts';
import { readEncoderGraph } from './graph.ts';

export type EncoderOptions = {
  readonly model: Model;
  /** Tokens of a text at most. */
  readonly capacity: number;
  readonly vocabSize: number;
  /** Highest rank of an adapter. */
  readonly rank: number;
  readonly open: (model: Model) => Promise<InferenceSession>;
  /** Tokens that are computed at once, at most. */
  readonly batchTokens?: number;
};

/** Turns texts into vectors. */
export type Encoder = {
  readonly capacity: number;
  readonly layout: AdapterLayout;
  /**
   * The mean of the last hidden states over the tokens, of length 1, for each text. What a text gives does not depend on the
   * others: only texts of one length are computed together, and none is padded.
   *
   * @param adapter as `layout` says; undefined is the base alone.
   * @throws RequestError when a text is empty, too long or has unknown tokens; the signal's reason when it is aborted.
   */
  readonly embed: (
    texts: readonly (readonly number[])[],
    options?: { readonly adapter?: Float32Array | undefined; readonly signal?: AbortSignal | undefined },
  ) => Promise<readonly Float32Array[]>;
  readonly close: () => Promise<void>;
};

/**
 * An encoder over an export of a BERT-style model, with or without its head, or of a decoder.
 *
 * @throws EngineError when there are no hidden states in the model, or onnxruntime does not take it.
 */
export const openEncoder = async (options: EncoderOptions): Promise<Encoder> => {
  const { capacity, vocabSize, rank, batchTokens = 4_096 } = options;
  const { model, hidden, inputs, targets } = readEncoderGraph(options.model);
  const grafted = graftBank(model, { targets, rank, slots: 2 });
  const { bank } = grafted;
  const session = await options.open(grafted.model);

  const compute = async (texts: readonly (readonly number[])[], slot: number): Promise<readonly Float32Array[]> => {
    const dims = [texts.length, texts[0]!.length];
    const results = await session.run({ ...feedsOf(inputs, texts), ...bank.feeds(texts.map(() => slot)) });
    return meansOf(results[hidden]!.data as Float32Array, dims as [number, number]);
  };
  return {
    capacity,
    layout: { ...bank.layout, isHeadless: true },
    embed: async (texts, { adapter, signal } = {}) => {
      checkInputs(texts, { maxContext: capacity, vocabSize });
      const vectors: Float32Array[] = [];
      for (const places of batchesOf(texts, batchTokens)) {
        signal?.throwIfAborted();
        // Another call may have written its own adapter since.
        if (adapter !== undefined) bank.write(1, adapter);
        const made = await compute(
          places.map((place) => texts[place]!),
          adapter === undefined ? 0 : 1,
        );
        for (const [index, place] of places.entries()) vectors[place] = made[index]!;
      }
      return vectors;
    },
    close: () => session.release(),
  };
};

/** Places of texts of one length, as many as are computed at once. */
const batchesOf = (texts: readonly (readonly number[])[], batchTokens: number): readonly (readonly number[])[] =>
  [...Map.groupBy(texts.keys(), (place) => texts[place]!.length)].flatMap(([length, places]) => {
    const size = Math.max(1, Math.floor(batchTokens / length));
    return Array.from({ length: Math.ceil(places.length / size) }, (_, batch) =>
      places.slice(batch * size, (batch + 1) * size),
    );
  });

const feedsOf = (inputs: readonly ValueInfo[], texts: readonly (readonly number[])[]): Record<string, Tensor> => {
  const dims = [texts.length, texts[0]!.length];
  const each = (value: (id: number, at: number) => number) =>
    int64(
      dims,
      texts.flatMap((text) => text.map(value)),
    );
  return Object.fromEntries(
    inputs.map(({ name, shape }) => {
      if (name === 'input_ids') return [name, each((id) => id)];
      if (name === 'attention_mask') return [name, each(() => 1)];
      if (name === 'position_ids') return [name, each((_, at) => at)];
      if (name === 'token_type_ids') return [name, each(() => 0)];
      return [name, float32([texts.length, Number(shape?.[1]), 0, Number(shape?.[3])], new Float32Array(0))];
    }),
  );
};

/** `[texts, tokens, width]` → for each text the mean over its tokens, of length 1. */
const meansOf = (hidden: Float32Array, [texts, tokens]: [number, number]): readonly Float32Array[] => {
  const width = hidden.length / (texts * tokens);
  return Array.from({ length: texts }, (_, text) => {
    const sums = new Float64Array(width);
    for (let token = 0, at = text * tokens * width; token < tokens; token++) {
      for (let i = 0; i < width; i++, at++) sums[i]! += hidden[at]!;
    }
    const length = Math.hypot(...sums);
    return Float32Array.from(sums, (sum) => (length === 0 ? 0 : sum / length));
  });
};
