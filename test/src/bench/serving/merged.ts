import type { Base, Weights } from '@openledger/gpu-worker/base';
import type { Adapter } from '@openledger/gpu-worker/lora';
import { tensors } from '@openledger/gpu-worker/onnx';
import { type Decoder, openFusedDecoder } from '@openledger/gpu-worker/serving/onnx';

/** A base's weights with an adapter in them: each adapted W `[in, out]` becomes W + scale · Aᵀ · Bᵀ. */
export const merge = (weights: Weights, { modules }: Adapter): Weights => {
  const merged = new Map(weights);
  for (const [module, { a, b, scale, rank, in: inputs, out }] of modules) {
    const name = `${module}.weight`;
    const [left, right] = [a, b].map(({ data }) => new Float32Array(data.slice().buffer)) as [
      Float32Array,
      Float32Array,
    ];
    const values = tensors.floats(weights.get(name)!).slice();
    for (let i = 0; i < inputs; i++) {
      for (let r = 0; r < rank; r++) {
        const factor = left[r * inputs + i]! * scale;
        for (let o = 0; o < out; o++) values[i * out + o]! += factor * right[o * rank + r]!;
      }
    }
    merged.set(name, tensors.float32([inputs, out], values));
  }
  return merged;
};

type Place = { readonly session: number; readonly row: number };

/**
 * How adapters are served without banks: each merged into weights of its own, with a session of its own. Rows whose adapters
 * differ cannot share a run, so the sessions run one after another; rows of one adapter share its session's run. The adapter
 * that `begin` is given is its number in an array of one.
 */
export const openMergedDecoder = async (
  base: Pick<Base, 'config' | 'weights'>,
  adapters: readonly Adapter[],
  { rows, threads }: { readonly rows: number; readonly threads: number },
): Promise<Decoder> => {
  const sessions: Decoder[] = [];
  for (const adapter of adapters) {
    const weights = merge(base.weights, adapter);
    sessions.push(await openFusedDecoder({ config: base.config, weights }, { rows, rank: 0, threads }));
  }
  const places: (Place | undefined)[] = Array.from({ length: rows }, () => undefined);
  const take = (row: number, session: number): Place => {
    places[row] = undefined;
    const taken = new Set(places.flatMap((place) => (place?.session === session ? [place.row] : [])));
    const free = Array.from({ length: rows }, (_, own) => own).find((own) => !taken.has(own))!;
    places[row] = { session, row: free };
    return places[row];
  };
  const [first] = sessions as [Decoder];
  return {
    rows,
    capacity: first.capacity,
    vocabSize: first.vocabSize,
    layout: first.layout,
    begin: (row, adapter) => {
      const place = take(row, adapter![0]!);
      sessions[place.session]!.begin(place.row, undefined);
    },
    run: async (extensions) => {
      const logits = new Float32Array(extensions.length * first.vocabSize);
      const bySession = Map.groupBy(extensions.entries(), ([, { row }]) => places[row]!.session);
      for (const [session, own] of bySession) {
        const ordered = own
          .map(([index, { row, tokens }]) => ({ index, row: places[row]!.row, tokens }))
          .sort((a, b) => a.row - b.row);
        const made = await sessions[session]!.run(ordered);
        for (const [place, { index }] of ordered.entries()) {
          const from = place * first.vocabSize;
          logits.set(made.subarray(from, from + first.vocabSize), index * first.vocabSize);
        }
      }
      return logits;
    },
    truncate: (row, length) => {
      const place = places[row];
      if (place === undefined) return;
      sessions[place.session]!.truncate(place.row, length);
      if (length === 0) places[row] = undefined;
    },
    copy: (from, to) => {
      const { session, row } = places[from]!;
      sessions[session]!.copy(row, take(to, session).row);
    },
    lengthOf: (row) => {
      const place = places[row];
      return place === undefined ? 0 : sessions[place.session]!.lengthOf(place.row);
    },
    close: async () => {
      for (const session of sessions) await session.close();
    },
  };
};
