import { type Adapter, createBank, isAfterHidden, LoraError, writeSlot } from '../../lora/index.ts';
import type { AdapterLayout } from './decoder.ts';

/** Where an adapter's parts lie in one array. */
export const layoutOf = (
  modules: readonly { readonly module: string; readonly in: number; readonly out: number }[],
  rank: number,
): AdapterLayout => ({
  rank,
  modules: modules.map(({ module, in: inputs, out }) => ({ module, in: inputs, out })),
  size: modules.reduce((sum, module) => sum + rank * (module.in + module.out), 0),
});

/**
 * An adapter as rows take it: A and B of each module transposed, the scale in B, padded with zeros to the layout's rank.
 *
 * @param make gives the memory, of `layout.size` floats that are 0.
 * @throws LoraError when it does not fit.
 */
export const layOut = (
  adapter: Pick<Adapter, 'modules'>,
  layout: AdapterLayout,
  make: (size: number) => Float32Array = (size) => new Float32Array(size),
): Float32Array => {
  const modules = layout.modules.map((module) => ({
    ...module,
    rank: layout.rank,
    ...{ a: `${module.module}.a`, b: `${module.module}.b`, rowsA: '', rowsB: '' },
  }));
  const bank = createBank({ modules }, { slots: 2 });
  const kept = [...adapter.modules].filter(([name]) => layout.isHeadless !== true || !isAfterHidden(name));
  writeSlot(bank, 1, { modules: new Map(kept) });
  const laid = make(layout.size);
  let at = 0;
  for (const { module, in: inputs, out } of layout.modules) {
    const { aBank, bBank } = bank.modules.get(module)!;
    laid.set(aBank.subarray(inputs * layout.rank), at);
    laid.set(bBank.subarray(out * layout.rank), at + inputs * layout.rank);
    at += layout.rank * (inputs + out);
  }
  return laid;
};

/** The arrays that a rows graft is fed: for each module A `[rows, in, rank]` and B `[rows, rank, out]`. */
export type AdapterRows = {
  /** Writes an adapter, as laid out, into a row; undefined writes zeros. Nothing where the row has it already. */
  readonly write: (row: number, laid: Float32Array | undefined) => void;
  readonly copy: (from: number, to: number) => void;
  /** Module by module what `rows` rows from `first` on have; where it lies. */
  readonly views: (first: number, rows: number) => readonly { readonly a: Float32Array; readonly b: Float32Array }[];
};

export const createAdapterRows = (layout: AdapterLayout, rows: number): AdapterRows => {
  const { rank } = layout;
  const arrays = layout.modules.map(({ in: inputs, out }) => ({
    a: new Float32Array(rows * inputs * rank),
    b: new Float32Array(rows * out * rank),
  }));
  const holds: (Float32Array | undefined)[] = Array.from({ length: rows }, () => undefined);
  const sizes = layout.modules.map(({ in: inputs, out }) => [inputs * rank, out * rank] as const);
  return {
    write: (row, laid) => {
      if (laid !== undefined && laid.length !== layout.size) {
        throw new LoraError(`An adapter of ${laid.length} numbers was given; rows here take ${layout.size}`);
      }
      if (holds[row] === laid) return;
      holds[row] = laid;
      let at = 0;
      for (const [index, { a, b }] of arrays.entries()) {
        const [sizeA, sizeB] = sizes[index]!;
        if (laid === undefined) {
          a.fill(0, row * sizeA, (row + 1) * sizeA);
          b.fill(0, row * sizeB, (row + 1) * sizeB);
        } else {
          a.set(laid.subarray(at, at + sizeA), row * sizeA);
          b.set(laid.subarray(at + sizeA, at + sizeA + sizeB), row * sizeB);
        }
        at += sizeA + sizeB;
      }
    },
    copy: (from, to) => {
      if (holds[to] === holds[from]) return;
      holds[to] = holds[from];
      for (const [index, { a, b }] of arrays.entries()) {
        const [sizeA, sizeB] = sizes[index]!;
        a.copyWithin(to * sizeA, from * sizeA, (from + 1) * sizeA);
        b.copyWithin(to * sizeB, from * sizeB, (from + 1) * sizeB);
      }
    },
    views: (first, count) =>
      arrays.map(({ a, b }, index) => {
        const [sizeA, sizeB] = sizes[index]!;
        return {
          a: a.subarray(first * sizeA, (first + count) * sizeA),
          b: b.subarray(first * sizeB, (first + count) * sizeB),
        };
      }),
  };
};
