import type { Tensor } from 'onnxruntime-node';
import { type Base, headSize } from '../../../base/index.ts';
import { ort } from '../../../factory/index.ts';
import type { Decoder, Extension } from '../decoder.ts';
import { createAdapterRows, layoutOf } from '../layout.ts';
import { type OpenSession, openOn } from '../providers/index.ts';
import { createCache } from './cache.ts';
import { servedGraph } from './graph.ts';

export type FusedDecoderOptions = {
  readonly rows: number;
  /** Highest rank of an adapter. */
  readonly rank: number;
  readonly threads: number;
  /** On the CPU where it is missing. */
  readonly open?: OpenSession;
};

/** The lowest float32: unlike −∞ it makes numbers of a row that sees nothing. */
const hidden = -3.4028234663852886e38;

/** A decoder for bases like the shipped one, over a graph that copies nothing of the past: {@link servedGraph}. */
export const openFusedDecoder = async (
  base: Pick<Base, 'config' | 'weights'>,
  { rows, rank, threads, open = openOn({ provider: 'cpu', threads }) }: FusedDecoderOptions,
): Promise<Decoder> => {
  const { config } = base;
  const { model, modules } = servedGraph(config, base.weights, { rank });
  const session = await open(model);
  const [heads, head, capacity] = [config.num_attention_heads, headSize(config), config.max_position_embeddings];
  const layout = layoutOf(modules, rank);
  const cache = createCache(config, { rows, capacity });
  const adapters = createAdapterRows(layout, rows);
  const lengths = Array.from({ length: rows }, () => 0);

  const remembered = new Map<string, Readonly<Record<string, Tensor>>>();
  const once = (key: string, make: () => Record<string, Tensor>) => {
    const made = remembered.get(key) ?? make();
    remembered.set(key, made);
    return made;
  };
  const pastFeeds = (first: number, count: number) =>
    once(`past ${first} ${count} ${cache.places()}`, () => {
      const places = cache.places();
      return Object.fromEntries(
        cache.views(first, count).flatMap(({ keys, values }, layer) => [
          [`keys.${layer}`, new ort.Tensor('float32', keys, [count, heads, head, places])],
          [`values.${layer}`, new ort.Tensor('float32', values, [count, heads, places, head])],
        ]),
      );
    });
  const adapterFeeds = (first: number, count: number) =>
    once(`adapters ${first} ${count}`, () =>
      Object.fromEntries(
        adapters.views(first, count).flatMap(({ a, b }, index) => {
          const module = modules[index]!;
          return [
            [module.a, new ort.Tensor('float32', a, [count, module.in, rank])],
            [module.b, new ort.Tensor('float32', b, [count, rank, module.out])],
          ];
        }),
      ),
    );

  /** @param tokens of `count` rows from `first` on, as many for each; rows without any run along and are not heard. */
  const compute = async (first: number, count: number, tokens: readonly (readonly number[] | undefined)[]) => {
    const sequence = Math.max(...tokens.map((own) => own?.length ?? 0));
    const places = cache.places();
    const ids = new BigInt64Array(count * sequence);
    const positions = new BigInt64Array(count * sequence);
    const bias = new Float32Array(count * sequence * (sequence + places)).fill(hidden);
    for (let row = 0; row < count; row++) {
      const own = tokens[row];
      const past = own === undefined ? 0 : lengths[first + row]!;
      for (let at = 0; at < sequence; at++) {
        const place = row * sequence + at;
        ids[place] = BigInt(own?.[at] ?? 0);
        positions[place] = BigInt(past + at);
        const line = place * (sequence + places);
        bias.fill(0, line, line + at + 1);
        bias.fill(0, line + sequence, line + sequence + past);
      }
    }
    const results = await session.run({
      input_ids: new ort.Tensor('int64', ids, [count, sequence]),
      position_ids: new ort.Tensor('int64', positions, [count, sequence]),
      bias: new ort.Tensor('float32', bias, [count, 1, sequence, sequence + places]),
      ...pastFeeds(first, count),
      ...adapterFeeds(first, count),
    });
    const fresh = results.fresh!.data as Float32Array;
    const each = fresh.length / count;
    for (const [row, own] of tokens.entries()) {
      if (own === undefined) continue;
      cache.write(first + row, lengths[first + row]!, fresh.subarray(row * each, (row + 1) * each));
      lengths[first + row]! += own.length;
    }
    return results.logits!.data as Float32Array;
  };

  return {
    rows,
    capacity,
    vocabSize: config.vocab_size,
    layout,
    begin: (row, adapter) => {
      lengths[row] = 0;
      adapters.write(row, adapter);
    },
    run: async (extensions) => {
      cache.fit(Math.max(...lengths, ...extensions.map(({ row, tokens }) => lengths[row]! + tokens.length)), lengths);
      const [only] = extensions as [Extension];
      if (extensions.length === 1) return compute(only.row, 1, [only.tokens]);
      const count = Math.max(...extensions.map(({ row }) => row)) + 1;
      const tokens: (readonly number[] | undefined)[] = Array.from({ length: count });
      for (const extension of extensions) tokens[extension.row] = extension.tokens;
      const logits = await compute(0, count, tokens);
      if (extensions.every(({ row }, index) => row === index)) return logits;
      const chosen = new Float32Array(extensions.length * config.vocab_size);
      for (const [index, { row }] of extensions.entries()) {
        chosen.set(logits.subarray(row * config.vocab_size, (row + 1) * config.vocab_size), index * config.vocab_size);
      }
      return chosen;
    },
    truncate: (row, length) => {
      lengths[row] = Math.min(length, lengths[row]!);
    },
    copy: (from, to) => {
      adapters.copy(from, to);
      cache.copy(from, to, lengths[from]!);
      lengths[to] = lengths[from]!;
    },
    lengthOf: (row) => lengths[row]!,
    close: () => session.release(),
  };
};
