import type { Tensor } from 'onnxruntime-node';
import { type BankModule, graft } from '../../../lora/index.ts';
import type { Model } from '../../../onnx/index.ts';
import type { AdapterLayout } from '../decoder.ts';
import { type AdapterRows, createAdapterRows, layoutOf } from '../layout.ts';
import { float32 } from '../tensors.ts';

/** Adapters of the rows of a model. */
export type RowAdapters = {
  readonly layout: AdapterLayout;
  readonly write: (row: number, laid: Float32Array | undefined) => void;
  readonly copy: (from: number, to: number) => void;
  /**
   * What to feed for these rows, in ascending order. Rows that stand side by side are fed where they lie; others are brought
   * together, once as long as the same ones come for the same `group`.
   */
  readonly feeds: (rows: readonly number[], group: number) => Readonly<Record<string, Tensor>>;
};

/**
 * Grafts branches onto these modules. Without any, or with rank 0, there are no adapters: the base alone is served.
 *
 * @returns the model to be opened apart from the rest, which does not keep its weights in memory.
 */
export const graftRows = (
  model: Model,
  { targets, rank, rows }: { targets: readonly string[]; rank: number; rows: number },
): { readonly model: Model; readonly adapters: RowAdapters } => {
  const hasAdapters = targets.length > 0 && rank > 0;
  const grafted = hasAdapters ? graft(model, { kind: 'rows', targets, rank }) : { model, modules: [] };
  return { model: grafted.model, adapters: createRowAdapters(grafted.modules, { rank, rows }) };
};

const createRowAdapters = (
  modules: readonly BankModule[],
  { rank, rows }: { rank: number; rows: number },
): RowAdapters => {
  const layout = layoutOf(modules, rank);
  const own = createAdapterRows(layout, rows);
  const laid: (Float32Array | undefined)[] = Array.from({ length: rows });
  const together = new Map<number, AdapterRows>();

  const viewsOf = (chosen: readonly number[], group: number) => {
    const [first] = chosen as [number];
    if (chosen.at(-1)! - first === chosen.length - 1) return own.views(first, chosen.length);
    const batch = together.get(group) ?? createAdapterRows(layout, rows);
    together.set(group, batch);
    for (const [place, row] of chosen.entries()) batch.write(place, laid[row]);
    return batch.views(0, chosen.length);
  };
  return {
    layout,
    write: (row, adapter) => {
      own.write(row, adapter);
      laid[row] = adapter;
    },
    copy: (from, to) => {
      own.copy(from, to);
      laid[to] = laid[from];
    },
    feeds: (chosen, group) =>
      Object.fromEntries(
        viewsOf(chosen, group).flatMap(({ a, b }, index) => {
          const module = modules[index]!;
          return [
            [module.a, float32([chosen.length, module.in, rank], a)],
            [module.b, float32([chosen.length, rank, module.out], b)],
          ];
        }),
      ),
  };
};
