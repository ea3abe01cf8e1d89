import type { InferenceSession } from 'onnxruntime-node';
import { begin } from '../../src/base/generate.ts';
import { type Base, servingModel, type Weights } from '../../src/base/index.ts';
import { openSession } from '../../src/factory/index.ts';
import { type Adapter, toFloat32 } from '../../src/lora/index.ts';
import { tensors } from '../../src/onnx/index.ts';

/** What the graph itself says, with the adapter merged into its weights and the whole text in one run. */
export type Truth = {
  /** Logits of what follows each token of the answer's place, `[answer, vocabulary]`. */
  readonly logits: (prompt: readonly number[], answer: readonly number[]) => Promise<readonly Float32Array[]>;
  readonly close: () => Promise<void>;
};

export const openTruth = async ({ config, weights }: Base, adapter?: Adapter): Promise<Truth> => {
  const merged = adapter === undefined ? weights : merge(weights, adapter);
  const session: InferenceSession = await openSession(servingModel(config, merged), { threads: 1 });
  return {
    logits: async (prompt, answer) => {
      const tokens = [...prompt, ...answer.slice(0, -1)];
      const { logits } = await session.run(begin(config, [tokens], tokens.length), ['logits']);
      const { data } = logits!;
      const size = config.vocab_size;
      return answer.map((_, at) => {
        const place = prompt.length - 1 + at;
        return Float32Array.from((data as Float32Array).subarray(place * size, (place + 1) * size));
      });
    },
    close: () => session.release(),
  };
};

/** Natural logarithms of the probabilities. */
export const logSoftmax = (logits: Float32Array): Float64Array => {
  const highest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  return Float64Array.from(logits, (logit) => logit - highest - Math.log(sum));
};

/** How far a token is below the likeliest; 0 where it is that. */
export const belowBest = (logits: ArrayLike<number>, token: number): number => {
  let best = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < logits.length; at++) best = Math.max(best, logits[at]!);
  return best - logits[token]!;
};

const merge = (weights: Weights, adapter: Adapter): Weights => {
  const merged = new Map(weights);
  for (const [module, { a, b, rank, scale, in: inputs, out }] of adapter.modules) {
    const name = `${module}.weight`;
    const weight = weights.get(name)!;
    const [lower, upper] = [toFloat32(a.dtype, a.data), toFloat32(b.dtype, b.data)];
    const values = Float32Array.from(tensors.floats(weight));
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < out; o++) {
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += lower[r * inputs + i]! * upper[o * rank + r]!;
        values[i * out + o]! += scale * sum;
      }
    }
    merged.set(name, tensors.float32(weight.dims, values));
  }
  return merged;
};
