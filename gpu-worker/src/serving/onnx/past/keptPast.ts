import type { Tensor } from 'onnxruntime-node';
import type { Extension } from '../decoder.ts';
import { float32, int64 } from '../tensors.ts';
import { createBatches } from './batches.ts';
import { append, copyRow, emptyRow, type PastRow, roomFor, truncate, withRoom } from './rows.ts';
import type { Texts, TextsOptions } from './texts.ts';

/** Keys and values of every token are kept; a run computes the new tokens alone. */
export const keepPast = ({ graph: { past: parts }, rows, capacity, compute }: TextsOptions): Texts => {
  const texts: PastRow[] = Array.from({ length: rows }, () => emptyRow(parts));
  const batches = createBatches(parts);

  /** Rows with the same room and as many new tokens. */
  const runTogether = async (extensions: readonly Extension[]): Promise<Float32Array> => {
    const own = extensions.map(({ row }) => texts[row]!);
    const { room } = own[0]!;
    const sequence = extensions[0]!.tokens.length;
    const batch = extensions.length;
    const arrays = batches.of(own);
    const feeds: Record<string, Tensor> = {
      input_ids: int64(
        [batch, sequence],
        extensions.flatMap(({ tokens }) => tokens),
      ),
      position_ids: int64(
        [batch, sequence],
        own.flatMap(({ length }) => Array.from({ length: sequence }, (_, at) => length + at)),
      ),
      // Places after a row's own are hidden; the new tokens stand behind them all.
      attention_mask: int64(
        [batch, room + sequence],
        own.flatMap(({ length }) =>
          Array.from({ length: room + sequence }, (_, at) => (at < length || at >= room ? 1 : 0)),
        ),
      ),
    };
    for (const [index, { name, heads, head }] of parts.entries()) {
      feeds[name] = float32([batch, heads, room, head], arrays[index]!);
    }
    const { logits, floats } = await compute(
      extensions.map(({ row }) => row),
      room,
      feeds,
    );
    const results = parts.map(({ output }) => floats(output));
    for (const [index, { row }] of extensions.entries()) {
      const fresh = results.map((array) =>
        array.subarray((index * array.length) / batch, ((index + 1) * array.length) / batch),
      );
      texts[row] = append(texts[row]!, parts, fresh, { added: sequence, capacity });
    }
    return logits;
  };

  return {
    begin: (row) => {
      texts[row] = emptyRow(parts);
    },
    run: async (extensions) => {
      for (const { row, tokens } of extensions) {
        const text = texts[row]!;
        const room = roomFor(text.length, capacity);
        texts[row] = withRoom(text, parts, room + tokens.length <= capacity ? room : text.length);
      }
      const groups = Map.groupBy(extensions, ({ row, tokens }) => `${texts[row]!.room} ${tokens.length}`);
      const logits = new Map<number, Float32Array>();
      for (const group of groups.values()) {
        const all = await runTogether(group);
        const size = all.length / group.length;
        for (const [index, { row }] of group.entries()) logits.set(row, all.subarray(index * size, (index + 1) * size));
      }
      return extensions.map(({ row }) => logits.get(row)!);
    },
    truncate: (row, length) => {
      texts[row] = truncate(texts[row]!, length);
    },
    copy: (from, to) => {
      texts[to] = copyRow(texts[from]!);
    },
    lengthOf: (row) => texts[row]!.length,
  };
};
